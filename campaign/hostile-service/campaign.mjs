import { parseArgs } from 'node:util';
import { buildSmallSlice } from '@pce/test-support/small-ct';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { randomFrom } from '../hostile/random.mjs';
import { serviceDoors, storing } from './doors.mjs';
import { Service } from './service.mjs';

const USAGE = `npm run campaign -- hostile-service [--seed S] [--count N] [--first I] [--kinds a,b] [--minutes M]
                                    [--say-every M]

Sends N damaged inputs through the doors of a running pce serve: C-STORE, damaged conversations, STOW-RS, requests to
every address, the watched folder. After each round it has to be the same process, say that it is well, and have kept
within its memory; no answer may be 500; at the end a whole study has to be analysed and its report delivered.`;

const LANES = 8;
const ROUND = 100;
const MOST_FAULTS = 20;
/** Of the whole service, its analyses included. [design] */
const RSS_LIMIT_BYTES = 3 * 2 ** 30;
/** Until a whole study has its report, behind all that is still to be analysed. [design] */
const REPORT_MS = 15 * 60_000;
const WHOLE_SLICES = 12;

/** @returns the exit code */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '2000' },
      first: { type: 'string', default: '0' },
      kinds: { type: 'string' },
      minutes: { type: 'string', default: 'Infinity' },
      'say-every': { type: 'string', default: 'Infinity' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const service = new Service();
  await service.start();
  const campaign = new ServiceCampaign(service, values.seed);
  try {
    await campaign.feed({
      doors: await serviceDoors(service),
      kinds: values.kinds?.split(','),
      first: Number(values.first),
      count: Number(values.count),
      until: Date.now() + Number(values.minutes) * 60_000,
      sayEveryMs: Number(values['say-every']) * 60_000,
    });
    await campaign.deliverWhole();
  } catch (error) {
    campaign.fault('at the end', error.message);
  }
  const exitCode = await service.stop();
  if (exitCode !== 0) campaign.fault('at the end', `asked to end, the service ended with ${exitCode}`);
  return campaign.report();
}

class ServiceCampaign {
  #service;
  #seed;
  #counts = new Map();
  #statuses = new Map();
  #faults = 0;
  /** The service is not well: more would say nothing. */
  #isOver = false;
  #started = Date.now();

  constructor(service, seed) {
    this.#service = service;
    this.#seed = seed;
  }

  fault(where, what) {
    this.#faults += 1;
    this.#isOver ||= this.#faults > MOST_FAULTS;
    console.error(`FAULT ${where}: ${what}`);
  }

  /** Round after round over the doors, until the service is not well, or all is sent. */
  async feed({ doors, kinds = Object.keys(doors), first, count, until, sayEveryMs }) {
    const end = first + Math.ceil(count / kinds.length);
    let sayAt = Date.now() + sayEveryMs;
    for (let from = first; from < end && !this.#isOver && Date.now() < until; from += ROUND) {
      const to = Math.min(end, from + ROUND);
      for (const kind of kinds) if (!this.#isOver) await this.#round(kind, doors[kind], from, to);
      if (Date.now() < sayAt) continue;
      this.report();
      sayAt = Date.now() + sayEveryMs;
    }
  }

  async #round(kind, door, from, to) {
    let next = from;
    const lane = async () => {
      while (next < to) {
        const index = next;
        next += 1;
        const status = await door.send(door.make(randomFrom(`${this.#seed} ${kind} ${index}`)));
        if (status === 500) this.fault(`${kind} --first ${index}`, 'answered 500');
        if (status !== null) this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + to - from);
    const trouble = await this.#service.trouble();
    if (trouble !== null) {
      this.#isOver = true;
      this.fault(`${kind} --first ${from}`, trouble);
    }
    if (this.#service.highestRssBytes > RSS_LIMIT_BYTES) this.fault(kind, `${this.#service.highestRssBytes} bytes`);
  }

  /** After all the damage, what is whole goes its whole way. */
  async deliverWhole() {
    const study = `whole ${this.#seed} ${Date.now()}`;
    const files = Array.from({ length: WHOLE_SLICES }, (_, k) =>
      Buffer.from(buildSmallSlice({ seed: `${k}`, study, positionLpsMm: [-120, -120, k * 3 - 100] })),
    );
    const doors = await serviceDoors(this.#service);
    await doors['C-STORE'].send([storing(files), false]);
    await this.#service.reportOf(uidFromSeed(study), REPORT_MS);
  }

  report() {
    for (const [kind, count] of this.#counts) console.log(`${kind.padEnd(16)} ${String(count).padStart(8)} inputs`);
    const listed = (counts) => [...counts].sort(([, a], [, b]) => b - a).map(([key, count]) => `${key} ${count}`);
    console.log(`HTTP answers: ${listed(this.#statuses).join(', ')}`);
    console.log(`log: ${listed(this.#service.events).join(', ')}`);
    const inputs = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    console.log(
      `seed ${this.#seed}: ${inputs} inputs in ${((Date.now() - this.#started) / 60_000).toFixed(1)} min, ` +
        `${this.#faults} faults, memory at most ${(this.#service.highestRssBytes / 1e6).toFixed(0)} MB`,
    );
    return this.#faults > 0 ? 1 : 0;
  }
}
