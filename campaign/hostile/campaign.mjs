import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

const USAGE = `npm run campaign -- hostile [--seed S] [--count N] [--first I] [--kinds a,b] [--images DIR] [--minutes M]

Feeds N damaged inputs to every reader that meets a stranger, in a thread with a limit of memory and time. Input I of a
kind follows from the seed and I alone: --kinds K --first I --count 1 repeats one. DIR: more valid images to damage.
Ends with exit code 1 when anything but a reader's own error came of an input.`;

/** An input that takes longer hangs. [design] */
const HANG_MS = 20_000;
/** JavaScript objects of the thread. [design] */
const HEAP_MB = 512;
/** Whole process, decoders' own memory included: one frame may take 512 MB, in several copies. [design] */
const RSS_LIMIT_BYTES = 3 * 2 ** 30;
const BATCH = 500;
const LOOK_MS = 500;
const MOST_FAULTS = 40;
/** Kinds whose inputs take longer get fewer of them, short ones more. [design] */
const SHARES = {
  'PDU stream': 3,
  'control PDU': 3,
  'command set': 3,
  'HL7 acknowledgement': 2,
  header: 2,
  association: 0.05,
  'study of films': 0.03,
  report: 0.05,
  'zip archive': 0.2,
  'STOW body': 0.4,
};
const shareOf = (kind) => SHARES[kind] ?? (kind.startsWith('study') ? 0.2 : 1);

/** @returns the exit code */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '20000' },
      first: { type: 'string', default: '0' },
      minutes: { type: 'string', default: 'Infinity' },
      kinds: { type: 'string' },
      images: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const campaign = new Campaign(values.seed, values.images);
  // A campaign that is stopped says how far it came.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(campaign.report()));
  await campaign.feed({
    count: Number(values.count),
    first: Number(values.first),
    kinds: values.kinds?.split(',') ?? null,
    until: Date.now() + Number(values.minutes) * 60_000,
  });
  return campaign.report();
}

class Campaign {
  #seed;
  #imageFolder;
  #progress = new SharedArrayBuffer(8);
  #worker = null;
  #kinds = [];
  #totals = new Map();
  #faults = [];
  #highestRss = 0;
  #started = Date.now();

  constructor(seed, imageFolder) {
    this.#seed = seed;
    this.#imageFolder = imageFolder;
  }

  /** Round after round over the kinds, so that a campaign cut short has fed all of them. */
  async feed({ count, first, kinds, until }) {
    await this.#startWorker();
    const wanted = kinds ?? this.#kinds;
    const unknown = wanted.filter((kind) => !this.#kinds.includes(kind));
    if (unknown.length > 0)
      throw new RangeError(`kinds: expected some of ${this.#kinds.join(', ')}; received ${unknown}`);
    const shares = wanted.reduce((sum, kind) => sum + shareOf(kind), 0);
    const plans = wanted.map((kind) => ({
      kind,
      next: first,
      end: first + Math.ceil((count * shareOf(kind)) / shares),
    }));
    while (plans.some(({ next, end }) => next < end) && Date.now() < until && this.#faults.length < MOST_FAULTS) {
      for (const plan of plans) {
        const to = Math.min(plan.end, plan.next + Math.ceil(BATCH * shareOf(plan.kind)));
        if (plan.next < to) plan.next = await this.#runBatch(plan.kind, plan.next, to);
      }
    }
    await this.#worker?.terminate();
  }

  report() {
    let [inputs, refused] = [0, 0];
    for (const [kind, total] of this.#totals) {
      const count = total.read + total.refused + total.faults;
      inputs += count;
      refused += total.refused;
      const slowest = `slowest ${total.slowestMs.toFixed(0)} ms`;
      console.log(
        `${kind.padEnd(26)} ${String(count).padStart(9)} inputs, ${total.read} read, ${total.refused} refused, ${slowest}`,
      );
    }
    const minutes = ((Date.now() - this.#started) / 60_000).toFixed(1);
    console.log(
      `seed ${this.#seed}: ${inputs} inputs in ${minutes} min, ${refused} refused, ${this.#faults.length} faults, ` +
        `memory at most ${(this.#highestRss / 1e6).toFixed(0)} MB`,
    );
    return this.#faults.length > 0 ? 1 : 0;
  }

  async #startWorker() {
    this.#worker = new Worker(new URL('./worker.mjs', import.meta.url), {
      workerData: { seed: this.#seed, imageFolder: this.#imageFolder, progress: this.#progress, settleEvery: 50 },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const { kinds } = await new Promise((resolve, reject) => {
      this.#worker.once('message', resolve);
      this.#worker.once('error', reject);
    });
    this.#kinds = kinds;
  }

  /** @returns where to go on: the end of the batch, or after the input that ended the thread */
  async #runBatch(kind, from, to) {
    const outcome = await this.#untilDone({ kind, from, to });
    if (outcome.kind === 'lost') {
      const index = Atomics.load(new Int32Array(this.#progress), 0);
      this.#add(kind, { read: 0, refused: 0, slowestMs: 0, faults: [{ index, fault: outcome.why }] });
      await this.#worker.terminate();
      await this.#startWorker();
      return Math.max(from, index) + 1;
    }
    this.#add(kind, outcome.counts);
    return to;
  }

  #add(kind, counts) {
    const total = this.#totals.get(kind) ?? { read: 0, refused: 0, faults: 0, slowestMs: 0 };
    total.read += counts.read;
    total.refused += counts.refused;
    total.faults += counts.faults.length;
    total.slowestMs = Math.max(total.slowestMs, counts.slowestMs);
    this.#totals.set(kind, total);
    for (const { index, fault } of counts.faults) {
      this.#faults.push({ kind, index, fault });
      console.error(`FAULT ${kind} --first ${index}: ${fault}`);
    }
  }

  #untilDone(batch) {
    const worker = this.#worker;
    return new Promise((resolve) => {
      let [seen, since] = [-1, Date.now()];
      const settle = (outcome) => {
        clearInterval(looking);
        for (const [event, listener] of listeners) worker.off(event, listener);
        resolve(outcome);
      };
      const looking = setInterval(() => {
        const turns = Atomics.load(new Int32Array(this.#progress), 1);
        if (turns !== seen) [seen, since] = [turns, Date.now()];
        const rss = process.memoryUsage.rss();
        this.#highestRss = Math.max(this.#highestRss, rss);
        if (Date.now() - since > HANG_MS) settle({ kind: 'lost', why: `no answer within ${HANG_MS} ms` });
        if (rss > RSS_LIMIT_BYTES) settle({ kind: 'lost', why: `${rss} bytes of memory` });
      }, LOOK_MS);
      const listeners = [
        ['message', (counts) => settle({ kind: 'done', counts })],
        ['error', (error) => settle({ kind: 'lost', why: `the thread ended: ${error.message}` })],
        ['exit', (code) => settle({ kind: 'lost', why: `the thread ended with ${code}` })],
      ];
      for (const [event, listener] of listeners) worker.on(event, listener);
      worker.postMessage(batch);
    });
  }
}
