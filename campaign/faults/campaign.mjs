import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomFrom } from '../hostile/random.mjs';
import { askBack, checkEverything } from './checker.mjs';
import { FAULT_KINDS } from './fault-kinds.mjs';
import { planFaults, planStudy } from './plan.mjs';
import { plantEach } from './planted.mjs';
import { isClean, printReport } from './report.mjs';
import { Sender } from './sender.mjs';
import { World } from './world.mjs';

const USAGE = `npm run campaign -- faults [--seed S] [--studies N] [--faults M] [--form standalone|machines] [--planted] [--out FOLDER]

Sends N small studies from Orthanc and storescu through the whole service to another Orthanc and a folder while M faults
strike, then compares what was acknowledged with what is stored, and every study with its report at each destination.
Studies, faults and their order follow from the seed; their moments depend on the machine too. Ends with exit code 1 when
anything was lost, doubled, stuck, set aside or wrong. FOLDER gets report.json, report.txt and the logs. SIGTERM or
SIGINT ends it early: what was sent until then is delivered, compared and reported. --planted then spoils what was stored
and delivered (standalone form only), one way after another, and says whether the comparison notices.`;

const SENDERS = 4;
const READY_LIMIT_MS = 90_000;
/** From the last acknowledgement to everything delivered. */
const DRAIN_LIMIT_MS = 240_000;
/** So long must nothing be left to do before we believe it. */
const CALM_MS = 6000;
/** A study waits so long for its first report before what comes later is sent all the same. */
const REPORT_PATIENCE_MS = 20_000;
const LONGEST_WAIT_BEFORE_FAULT_MS = 600;
const ASKED_BACK = 3;
/** Studies meant for one fault are spread over so long a time. */
const SPREAD_MS = 2400;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns the exit code */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      studies: { type: 'string', default: '50' },
      faults: { type: 'string', default: '20' },
      form: { type: 'string', default: 'standalone' },
      planted: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help || !['standalone', 'machines'].includes(values.form)) {
    console.log(USAGE);
    return values.help ? 0 : 1;
  }
  const world = new World(values.form);
  try {
    await world.start(Number(values.studies));
    const campaign = new FaultCampaign(world, values.seed, Number(values.studies), Number(values.faults));
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => campaign.endEarly());
    const report = await campaign.run();
    if (values.planted) report.planted = await plantEach(world, campaign);
    const text = printReport(report);
    console.log(text);
    if (values.out) await keep(values.out, world, report, text);
    return isClean(report) ? 0 : 1;
  } finally {
    await world.stop();
  }
}

async function keep(folder, world, report, text) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(folder, 'report.txt'), `${text}\n`);
  const logs = (await readdir(world.folder)).filter((name) => name.endsWith('.log'));
  for (const name of logs) await copyFile(join(world.folder, name), join(folder, name));
}

class FaultCampaign {
  #world;
  #seed;
  #studies;
  #faults;
  #sender;
  #started = 0;
  #lastStart = 0;
  #faultsDone = 0;
  #struck = [];
  #later = [];
  #asked = { images: 0, wrong: [] };
  #random;
  #isEnding = false;

  constructor(world, seed, studies, faults) {
    this.#world = world;
    this.#seed = seed;
    this.#studies = Array.from({ length: studies }, (_, index) => planStudy(seed, index));
    this.#faults = planFaults(seed, faults, this.#kindsHere());
    this.#sender = new Sender(world, seed);
    this.#random = randomFrom(`faults ${seed} asked back`);
  }

  /** Studies that were sent, in whole or in part. */
  get studies() {
    return this.#studies.slice(0, this.#started);
  }

  /** Bytes by SOP Instance UID. */
  get acknowledged() {
    return this.#sender.acknowledged;
  }

  endEarly() {
    this.#isEnding = true;
  }

  async run() {
    const startedAt = Date.now();
    const queue = [...this.#studies];
    const sending = Array.from({ length: SENDERS }, () => this.#sendAll(queue));
    await this.#strikeAll();
    this.#sender.deadline = Date.now() + DRAIN_LIMIT_MS;
    await Promise.all(sending);
    const sentAt = Date.now();
    const left = await this.#drain();
    const drainedAt = Date.now();
    await this.#world.stopServices();
    const { faults, figures } = await checkEverything(this.#world, this.studies, this.acknowledged);
    faults.stuck.push(...this.#sender.stuck, ...left);
    faults.wrong.push(...this.#asked.wrong);
    const crashes = this.#world.services.flatMap(({ name, unexpectedEnds }) =>
      unexpectedEnds.map((end) => ({ name, ...end })),
    );
    return {
      seed: this.#seed,
      form: this.#world.form,
      studies: this.#started,
      isEndedEarly: this.#isEnding,
      seconds: { sending: (sentAt - startedAt) / 1000, draining: (drainedAt - sentAt) / 1000 },
      sender: this.#sender.counts,
      askedBack: this.#asked.images,
      figures,
      leftOut: this.#leftOut(),
      struck: this.#struck,
      crashes,
      faults,
    };
  }

  #kindsHere() {
    return Object.keys(FAULT_KINDS).filter((kind) => FAULT_KINDS[kind].needs(this.#world) === null);
  }

  #leftOut() {
    const reasons = Object.entries(FAULT_KINDS).map(([kind, { needs }]) => [kind, needs(this.#world)]);
    return Object.fromEntries(reasons.filter(([, reason]) => reason !== null));
  }

  /** Studies and faults keep pace: so many studies for each fault. */
  get #studiesPerFault() {
    return this.#studies.length / Math.max(1, this.#faults.length);
  }

  async #sendAll(queue) {
    for (;;) {
      if (this.#isEnding) queue.length = 0;
      const dueLater = await this.#takeLater(queue.length === 0);
      if (dueLater) {
        await this.#sender.sendLater(dueLater);
        continue;
      }
      if (queue.length > 0 && this.#mayStart()) {
        const study = queue.shift();
        this.#started += 1;
        this.#lastStart = Date.now();
        await this.#sender.sendFirst(study);
        if (study.isLate || study.isResent) this.#later.push({ study, since: Date.now() });
        continue;
      }
      if (queue.length === 0 && this.#later.length === 0) return;
      await pause(50);
    }
  }

  /** Not far ahead of the faults, and not all at once. */
  #mayStart() {
    if (this.#faultsDone === this.#faults.length) return true;
    const isAhead = this.#started > (this.#faultsDone + 1) * this.#studiesPerFault;
    return !isAhead && Date.now() - this.#lastStart >= SPREAD_MS / Math.max(1, this.#studiesPerFault);
  }

  /** A study whose first report has arrived, or has been waited for long enough. */
  async #takeLater() {
    const [first] = this.#later;
    if (!first) return null;
    this.#later.shift();
    const found = await this.#world.destination
      .call('POST', '/tools/lookup', Buffer.from(first.study.uid))
      .catch(() => []);
    if (found.length > 0 || Date.now() - first.since > REPORT_PATIENCE_MS) return first.study;
    this.#later.push(first);
    return null;
  }

  async #strikeAll() {
    for (const fault of this.#faults) {
      if (this.#isEnding) break;
      const random = randomFrom(fault.salt);
      while (
        !this.#isEnding &&
        this.#started < Math.min(this.#studies.length, (fault.number - 1) * this.#studiesPerFault)
      )
        await pause(20);
      await pause(random.below(LONGEST_WAIT_BEFORE_FAULT_MS));
      const beganAt = Date.now();
      const what = await FAULT_KINDS[fault.kind].strike(this.#world, random);
      const liftedAt = Date.now();
      const isReady = await this.#untilReady();
      const readyAfterMs = isReady ? Date.now() - liftedAt : null;
      const { number, kind } = fault;
      this.#struck.push({ number, kind, what, lastedMs: liftedAt - beganAt, readyAfterMs });
      this.#faultsDone += 1;
      process.stderr.write(
        `fault ${number} ${kind} ${what}: ready after ${readyAfterMs} ms; so far ${this.#started} studies, ${this.acknowledged.size} images acknowledged, ${this.#asked.images} asked back, ${this.#asked.wrong.length} of them wrong\n`,
      );
      await this.#askSomeBack();
    }
  }

  async #untilReady() {
    const answers = await Promise.all(this.#world.services.map((service) => service.untilReady(READY_LIMIT_MS)));
    return answers.every(Boolean);
  }

  async #askSomeBack() {
    const images = [...this.#sender.acknowledged.values()];
    for (let count = 0; count < ASKED_BACK && images.length > 0; count += 1) {
      const trouble = await askBack(this.#world.services[0], this.#random.pick(images)).catch(() => null);
      this.#asked.images += 1;
      if (trouble) this.#asked.wrong.push(trouble);
    }
  }

  /** Waits until nothing is left to do. @returns what is, in words, when that takes too long */
  async #drain() {
    const until = Date.now() + DRAIN_LIMIT_MS;
    let calmSince = null;
    let left = [];
    while (Date.now() < until) {
      left = await this.#leftToDo().catch((error) => [`the service does not say what is left: ${error.message}`]);
      if (left.length > 0) calmSince = null;
      else calmSince ??= Date.now();
      if (calmSince !== null && Date.now() - calmSince > CALM_MS) return [];
      await pause(500);
    }
    return left;
  }

  async #leftToDo() {
    const { CountStudies: count } = await this.#world.destination.call('GET', '/statistics');
    const left = count < this.#started ? [`${this.#started - count} studies without a report`] : [];
    const figures = await (await this.#world.services.at(-1).get('/metrics')).text();
    for (const line of figures.split('\n')) {
      const isWork = /^pce_analyses\{state="pending"|^pce_deliveries\{.*state="(waiting|awaiting-commitment)"/.test(
        line,
      );
      if (isWork && !line.endsWith(' 0')) left.push(line);
    }
    return left;
  }
}
