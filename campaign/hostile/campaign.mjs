import { parseArgs } from 'node:util';
import { shareOf } from './shares.mjs';
import { WatchedThread } from './watched-thread.mjs';

const USAGE = `npm run campaign -- hostile [--seed S] [--count N] [--first I] [--kinds a,b] [--images DIR] [--minutes M]

Feeds N damaged inputs to every reader that meets a stranger, in a thread with a limit of memory and time. Input I of a
kind follows from the seed and I alone: --kinds K --first I --count 1 repeats one. DIR: more valid images to damage.
--say-every M prints the figures so far every M minutes. Ends with exit code 1 when anything but a reader's own error
came of an input. --planted adds readers that are broken on purpose, which it has to notice; --hang S: seconds of a
processor's time after which an input hangs (20), nine times as many of a clock.`;

/** Inputs between two looks at another kind, of a kind whose share is 1. [design] */
const BATCH = 5;
const MOST_FAULTS = 40;

/** @returns the exit code */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '20000' },
      first: { type: 'string', default: '0' },
      minutes: { type: 'string', default: 'Infinity' },
      'say-every': { type: 'string', default: 'Infinity' },
      kinds: { type: 'string' },
      images: { type: 'string' },
      hang: { type: 'string', default: '20' },
      planted: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const campaign = new Campaign(values.seed, {
    imageFolder: values.images,
    withPlanted: values.planted,
    hangMs: Number(values.hang) * 1000,
  });
  // A campaign that is stopped says how far it came.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(campaign.report()));
  await campaign.feed({
    count: Number(values.count),
    first: Number(values.first),
    kinds: values.kinds?.split(',') ?? null,
    until: Date.now() + Number(values.minutes) * 60_000,
    sayEveryMs: Number(values['say-every']) * 60_000,
  });
  return campaign.report();
}

class Campaign {
  #thread;
  #seed;
  #totals = new Map();
  #faults = [];
  #started = Date.now();

  constructor(seed, { imageFolder, withPlanted, hangMs }) {
    this.#seed = seed;
    this.#thread = new WatchedThread({ seed, imageFolder, withPlanted, settleEvery: 50 }, hangMs);
  }

  /** Round after round over the kinds, so that a campaign cut short has fed all of them. */
  async feed({ count, first, kinds, until, sayEveryMs }) {
    const known = await this.#thread.start();
    const plans = planOf(known, kinds, count, first);
    let sayAt = Date.now() + sayEveryMs;
    while (plans.some(({ next, end }) => next < end) && Date.now() < until && this.#faults.length < MOST_FAULTS) {
      for (const plan of plans) {
        const to = Math.min(plan.end, plan.next + Math.ceil(BATCH * shareOf(plan.kind)));
        if (plan.next < to) plan.next = await this.#runBatch(plan.kind, plan.next, to);
      }
      if (Date.now() < sayAt) continue;
      this.report();
      sayAt = Date.now() + sayEveryMs;
    }
    await this.#thread.end();
  }

  report() {
    let [inputs, refused] = [0, 0];
    for (const [kind, total] of this.#totals) {
      const count = total.read + total.refused + total.faults;
      inputs += count;
      refused += total.refused;
      const time = `${(total.busyMs / 1000).toFixed(0)} s, slowest ${total.slowestMs.toFixed(0)} ms`;
      console.log(
        `${kind.padEnd(26)} ${String(count).padStart(9)} inputs, ${total.read} read, ${total.refused} refused, ${time}`,
      );
    }
    const minutes = ((Date.now() - this.#started) / 60_000).toFixed(1);
    console.log(
      `seed ${this.#seed}: ${inputs} inputs in ${minutes} min, ${refused} refused, ${this.#faults.length} faults, ` +
        `memory at most ${(this.#thread.highestRssBytes / 1e6).toFixed(0)} MB`,
    );
    return this.#faults.length > 0 ? 1 : 0;
  }

  /** @returns where to go on: the end of the batch, or after the input that ended the thread */
  async #runBatch(kind, from, to) {
    const outcome = await this.#thread.run({ kind, from, to });
    if (outcome.kind === 'done') {
      this.#add(kind, outcome.counts);
      return to;
    }
    const index = Math.max(from, outcome.index);
    this.#add(kind, { read: 0, refused: 0, slowestMs: 0, busyMs: 0, faults: [{ index, fault: outcome.why }] });
    // What the thread had found before went with it.
    if (index > from) await this.#runBatch(kind, from, index);
    return index + 1;
  }

  #add(kind, counts) {
    const total = this.#totals.get(kind) ?? { read: 0, refused: 0, faults: 0, slowestMs: 0, busyMs: 0 };
    for (const key of ['read', 'refused', 'busyMs']) total[key] += counts[key];
    total.faults += counts.faults.length;
    total.slowestMs = Math.max(total.slowestMs, counts.slowestMs);
    this.#totals.set(kind, total);
    for (const { index, fault } of counts.faults) {
      this.#faults.push({ kind, index, fault });
      console.error(`FAULT ${kind} --first ${index}: ${fault}`);
    }
  }
}

/** How far each kind goes. @throws RangeError for a kind there is not */
function planOf(known, wanted, count, first) {
  const kinds = wanted ?? known;
  const unknown = kinds.filter((kind) => !known.includes(kind));
  if (unknown.length > 0) throw new RangeError(`kinds: expected some of ${known.join(', ')}; received ${unknown}`);
  const shares = kinds.reduce((sum, kind) => sum + shareOf(kind), 0);
  return kinds.map((kind) => ({ kind, next: first, end: first + Math.ceil((count * shareOf(kind)) / shares) }));
}
