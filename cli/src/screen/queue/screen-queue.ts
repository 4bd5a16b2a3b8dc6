import { createHash } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/** What a job carries: where the plan is. No images, no patient. */
export interface ScreenJob {
  readonly contractVersion: 1;
  /** Output folder of the run, absolute, on a path that all machines share. */
  readonly out: string;
  readonly studyInstanceUid: string;
}

const NAME = 'screen';
/** Keeps our keys apart from others on the same server. */
const PREFIX = 'pce';
/** A job whose worker is gone lies so long before another takes it. [design] */
const LOCK_MS = 15_000;
/** A study may lose its worker any number of times. [design] */
const MAX_STALLED_COUNT = 1_000_000;

/** Puts studies before the workers. */
export interface ScreenQueue {
  /** One that waits or runs already is the same job. Never throws: the server may be away for a while. */
  add(job: ScreenJob): Promise<void>;
  close(): Promise<void>;
}

/** @param serverFailed told when the server is away or answers with an error */
export function openScreenQueue(url: string, serverFailed: (error: Error) => void): ScreenQueue {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
  redis.on('error', serverFailed);
  const queue = new Queue<ScreenJob>(NAME, { connection: redis, prefix: PREFIX });
  queue.on('error', serverFailed);
  return {
    add: async (job) => {
      if (redis.status !== 'ready') return;
      const jobId = createHash('sha256').update(`${job.out}\n${job.studyInstanceUid}`).digest('hex');
      await queue.add(NAME, job, { jobId, removeOnComplete: true, removeOnFail: true }).catch(serverFailed);
    },
    close: async () => {
      await queue.close().catch(serverFailed);
      redis.disconnect();
    },
  };
}

/** Takes studies from the queue, some at a time, until closed. */
export function serveScreenQueue(
  url: string,
  concurrency: number,
  work: (job: ScreenJob) => Promise<void>,
  serverFailed: (error: Error) => void,
): { close(): Promise<void> } {
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  redis.on('error', serverFailed);
  const worker = new Worker<ScreenJob>(NAME, ({ data }) => work(data), {
    connection: redis,
    prefix: PREFIX,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: LOCK_MS,
    maxStalledCount: MAX_STALLED_COUNT,
  });
  worker.on('error', serverFailed);
  return {
    close: async () => {
      await worker.close().catch(serverFailed);
      redis.disconnect();
    },
  };
}
