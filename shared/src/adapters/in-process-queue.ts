import PQueue from 'p-queue';
import type { Job, JobKind, JobQueue } from '../ports/job-queue.js';

/** An error of the work a job asked for. */
export type JobFailed = (job: Job, error: Error) => void;

interface Lane {
  readonly queue: PQueue;
  readonly waiting: Set<string>;
  readonly running: Set<string>;
  /** Jobs that came again while they ran. */
  readonly again: Map<string, Job>;
  work: ((key: string, signal: AbortSignal) => Promise<void>) | null;
  /** Jobs that came before anyone would do them. */
  readonly early: Job[];
}

/**
 * The job queue of one process: in memory, by priority, a set number at a time. What is lost with the process comes
 * back from the ledger.
 */
export class InProcessQueue implements JobQueue {
  readonly #lanes: Record<JobKind, Lane> = { analyse: newLane(), report: newLane(), deliver: newLane() };
  readonly #failed: JobFailed;
  readonly #ending = new AbortController();

  constructor(failed: JobFailed) {
    this.#failed = failed;
  }

  async add(job: Job): Promise<void> {
    const lane = this.#lanes[job.kind];
    if (this.#ending.signal.aborted || lane.waiting.has(job.key)) return;
    lane.waiting.add(job.key);
    if (lane.work === null) lane.early.push(job);
    else this.#schedule(lane, job);
  }

  process(kind: JobKind, concurrency: number, work: (key: string, signal: AbortSignal) => Promise<void>): void {
    const lane = this.#lanes[kind];
    if (lane.work !== null) throw new Error(`Job queue: expected one processor of "${kind}"; received a second`);
    lane.work = work;
    lane.queue.concurrency = concurrency;
    // The first added would begin at once, whatever comes behind it.
    lane.queue.pause();
    for (const job of lane.early.splice(0)) this.#schedule(lane, job);
    lane.queue.start();
  }

  async waiting(): Promise<Record<JobKind, number>> {
    const { analyse, report, deliver } = this.#lanes;
    return { analyse: analyse.waiting.size, report: report.waiting.size, deliver: deliver.waiting.size };
  }

  async close(graceMs: number): Promise<void> {
    const lanes = Object.values(this.#lanes);
    for (const { queue } of lanes) {
      queue.pause();
      queue.clear();
    }
    const giveUp = setTimeout(() => this.#ending.abort(new Error('Job queue: closed')), graceMs);
    await Promise.all(lanes.map(({ queue }) => queue.onPendingZero()));
    clearTimeout(giveUp);
    this.#ending.abort(new Error('Job queue: closed'));
  }

  /** A job no longer waits once it begins: the same key may be added again meanwhile, and then runs after it. */
  #schedule(lane: Lane, job: Job): void {
    const run = async () => {
      if (lane.running.has(job.key)) {
        lane.again.set(job.key, job);
        return;
      }
      lane.waiting.delete(job.key);
      lane.running.add(job.key);
      try {
        await lane.work?.(job.key, this.#ending.signal);
      } finally {
        lane.running.delete(job.key);
        const next = lane.again.get(job.key);
        if (lane.again.delete(job.key) && next) this.#schedule(lane, next);
      }
    };
    lane.queue.add(run, { priority: job.priority }).catch((error: Error) => this.#failed(job, error));
  }
}

function newLane(): Lane {
  return {
    queue: new PQueue({ concurrency: 1 }),
    waiting: new Set(),
    running: new Set(),
    again: new Map(),
    work: null,
    early: [],
  };
}
