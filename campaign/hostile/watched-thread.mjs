import { Worker } from 'node:worker_threads';

/**
 * Time of a clock for each of a processor's: an input that waits for ever uses none, and one that is answered slowly
 * because other programs have the processors does not hang. [design]
 */
const CLOCK_TO_PROCESSOR = 9;
/** JavaScript objects of the thread. [design] */
const HEAP_MB = 512;
/** Whole process, decoders' own memory included: one frame may take 512 MB, in several copies. [design] */
const RSS_LIMIT_BYTES = 3 * 2 ** 30;
const LOOK_MS = 500;

/** The thread that reads, watched from outside: what hangs, ends or grows is ended, and a new one started. */
export class WatchedThread {
  highestRssBytes = 0;
  #data;
  #progress = new Int32Array(new SharedArrayBuffer(8));
  #worker = null;
  #hangMs;

  /**
   * @param data what `worker.mjs` is told
   * @param hangMs of a processor's time, after which an input hangs
   */
  constructor(data, hangMs) {
    this.#hangMs = hangMs;
    this.#data = { ...data, progress: this.#progress.buffer };
  }

  /** @returns the kinds of input it knows */
  async start() {
    this.#worker = new Worker(new URL('./worker.mjs', import.meta.url), {
      workerData: this.#data,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const { kinds } = await new Promise((resolve, reject) => {
      this.#worker.once('message', resolve);
      this.#worker.once('error', reject);
    });
    return kinds;
  }

  end() {
    return this.#worker?.terminate();
  }

  /** @returns what came of a batch: `done` with its counts, or `lost` with the input at which, and why */
  async run(batch) {
    const outcome = await this.#untilDone(batch);
    this.#lookAtMemory();
    if (outcome.kind === 'done') return outcome;
    const index = Atomics.load(this.#progress, 0);
    await this.end();
    await this.start();
    return { ...outcome, index };
  }

  #lookAtMemory() {
    const rss = process.memoryUsage.rss();
    this.highestRssBytes = Math.max(this.highestRssBytes, rss);
    return rss;
  }

  #untilDone(batch) {
    const worker = this.#worker;
    return new Promise((resolve) => {
      let [seen, since, cpu] = [-1, Date.now(), process.cpuUsage()];
      const settle = (outcome) => {
        clearInterval(looking);
        for (const [event, listener] of listeners) worker.off(event, listener);
        resolve(outcome);
      };
      const lost = (why) => settle({ kind: 'lost', why });
      const looking = setInterval(() => {
        const turns = Atomics.load(this.#progress, 1);
        if (turns !== seen) [seen, since, cpu] = [turns, Date.now(), process.cpuUsage()];
        const rss = this.#lookAtMemory();
        if (rss > RSS_LIMIT_BYTES) lost(`${rss} bytes of memory`);
        const { user, system } = process.cpuUsage(cpu);
        if ((user + system) / 1000 > this.#hangMs) lost(`no answer within ${this.#hangMs} ms of a processor's time`);
        const clockMs = CLOCK_TO_PROCESSOR * this.#hangMs;
        if (Date.now() - since > clockMs) lost(`no answer within ${clockMs} ms`);
      }, LOOK_MS);
      const listeners = [
        ['message', (counts) => settle({ kind: 'done', counts })],
        ['error', (error) => lost(`the thread ended: ${error.message}`)],
        ['exit', (code) => lost(`the thread ended with ${code}`)],
      ];
      for (const [event, listener] of listeners) worker.on(event, listener);
      worker.postMessage(batch);
    });
  }
}
