import { type Job as BullJob, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Job, JobKind, JobQueue } from '../ports/job-queue.js';
import type { JobFailed } from './in-process-queue.js';

export interface BullMqQueueOptions {
  /** Such as "redis://:secret@host:6379/0". */
  readonly url: string;
  /** Told what the work of a job threw. */
  readonly failed: JobFailed;
  /** Told when the server is away or answers with an error. */
  readonly serverFailed: (error: Error) => void;
  /** How long a job whose worker is gone lies before another takes it. @default 15 seconds */
  readonly lockMs?: number;
}

/** What a job carries: a key and the version of this contract. */
interface Payload {
  readonly contractVersion: 1;
  readonly key: string;
}

const KINDS = ['analyse', 'report', 'deliver'] as const satisfies readonly JobKind[];
/** Keeps our keys apart from others on the same server. */
const PREFIX = 'pce';
/** A job may lose its worker any number of times: attempts are counted in the ledger. [design] */
const MAX_STALLED_COUNT = 1_000_000;
const DEFAULT_LOCK_MS = 15_000;
/** Failed jobs kept with their reason, for people to look at. [design] */
const KEPT_FAILED_JOBS = 1000;
/** BullMQ takes the lowest number first; ours goes the other way. */
const LOWEST_PRIORITY = 1_000_000;
/** How long opening waits for the server. [design] */
const OPEN_PATIENCE_MS = 5000;

/**
 * The job queue of many machines, on Redis. The server may lose everything at any time: what is pending comes back from
 * the ledger.
 */
export class BullMqQueue implements JobQueue {
  readonly #options: BullMqQueueOptions;
  readonly #redis: Redis;
  readonly #queues: Record<JobKind, Queue<Payload>>;
  readonly #workers: { worker: Worker<Payload>; redis: Redis }[] = [];
  readonly #ending = new AbortController();

  private constructor(options: BullMqQueueOptions) {
    this.#options = options;
    // Whoever adds a job must hear at once that the server is away.
    this.#redis = new Redis(options.url, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
    this.#redis.on('error', options.serverFailed);
    const queueOf = (kind: JobKind) => {
      const queue = new Queue<Payload>(kind, { connection: this.#redis, prefix: PREFIX });
      queue.on('error', options.serverFailed);
      return queue;
    };
    this.#queues = { analyse: queueOf('analyse'), report: queueOf('report'), deliver: queueOf('deliver') };
  }

  /** Connects; a server that does not answer is tried again for as long as it takes, without keeping the caller. */
  static async open(options: BullMqQueueOptions): Promise<BullMqQueue> {
    const queue = new BullMqQueue(options);
    await queue.#firstAnswer();
    return queue;
  }

  /** The queues themselves, for a page that shows them. */
  get queues(): readonly Queue[] {
    return Object.values(this.#queues);
  }

  /** @throws Error at once when the server is away */
  async add({ kind, key, priority }: Job): Promise<void> {
    this.#expectServer();
    await this.#queues[kind].add(
      kind,
      { contractVersion: 1, key },
      {
        priority: LOWEST_PRIORITY - Math.round(Math.max(0, priority)),
        // One that comes while it runs is done once more afterwards: images may have come meanwhile.
        deduplication: { id: key, keepLastIfActive: true },
        attempts: 1,
        removeOnComplete: true,
        removeOnFail: { count: KEPT_FAILED_JOBS },
      },
    );
  }

  process(kind: JobKind, concurrency: number, work: (key: string, signal: AbortSignal) => Promise<void>): void {
    if (this.#workers.some(({ worker }) => worker.name === kind)) {
      throw new Error(`Job queue: expected one processor of "${kind}"; received a second`);
    }
    const { url, failed, serverFailed, lockMs = DEFAULT_LOCK_MS } = this.#options;
    const redis = new Redis(url, { maxRetriesPerRequest: null });
    redis.on('error', serverFailed);
    const run = async ({ data, opts }: BullJob<Payload>) => {
      try {
        await work(data.key, this.#ending.signal);
      } catch (error) {
        failed({ kind, key: data.key, priority: LOWEST_PRIORITY - (opts.priority ?? LOWEST_PRIORITY) }, error as Error);
        throw error;
      }
    };
    const worker = new Worker<Payload>(kind, run, {
      connection: redis,
      prefix: PREFIX,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: MAX_STALLED_COUNT,
    });
    worker.on('error', serverFailed);
    this.#workers.push({ worker, redis });
  }

  async waiting(): Promise<Record<JobKind, number>> {
    this.#expectServer();
    const counts = await Promise.all(
      KINDS.map((kind) => this.#queues[kind].getJobCountByTypes('waiting', 'prioritized')),
    );
    return { analyse: counts[0] ?? 0, report: counts[1] ?? 0, deliver: counts[2] ?? 0 };
  }

  async close(graceMs: number): Promise<void> {
    const giveUp = setTimeout(() => this.#ending.abort(new Error('Job queue: closed')), graceMs);
    await Promise.all(this.#workers.map(({ worker }) => worker.close().catch(this.#options.serverFailed)));
    clearTimeout(giveUp);
    this.#ending.abort(new Error('Job queue: closed'));
    await Promise.all(Object.values(this.#queues).map((queue) => queue.close().catch(this.#options.serverFailed)));
    for (const redis of [this.#redis, ...this.#workers.map((one) => one.redis)]) redis.disconnect();
  }

  /** BullMQ would wait for the server without end. */
  #expectServer(): void {
    const { status } = this.#redis;
    if (status !== 'ready') throw new Error(`Redis: expected a connection; received the state "${status}"`);
  }

  async #firstAnswer(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, OPEN_PATIENCE_MS);
    });
    const ready = new Promise<void>((resolve) => this.#redis.once('ready', resolve));
    await Promise.race([ready, patience]);
    clearTimeout(timer);
  }
}
