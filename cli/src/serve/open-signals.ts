import { BullMqQueue } from '@pce/shared/adapters/bullmq-queue';
import { InProcessEvents } from '@pce/shared/adapters/in-process-events';
import { InProcessQueue } from '@pce/shared/adapters/in-process-queue';
import { RedisEvents } from '@pce/shared/adapters/redis-events';
import type { EventHub } from '@pce/shared/ports/event-hub';
import type { Job, JobQueue } from '@pce/shared/ports/job-queue';
import type { Log } from '@pce/shared/ports/log';
import type { ServeConfig } from './serve-config.js';

/** What carries signals between services; all of it may be lost, as the ledger knows better. */
export interface Signals {
  queue: JobQueue;
  hub: EventHub;
}

/** A server that is away says so many times a second; the log hears of it this often. [design] */
const SERVER_LOG_INTERVAL_MS = 10_000;

/** Queue and events: within the process, or on Redis for many machines. */
export async function openSignals({ cluster }: ServeConfig, log: Log): Promise<Signals> {
  const failed = ({ kind, key }: Job, error: Error) =>
    log('error', 'job-failed', { kind, key, message: error.message });
  if (cluster === null) {
    const hub = new InProcessEvents((error) => log('error', 'listener-failed', { message: error.message }));
    return { queue: new InProcessQueue(failed), hub };
  }
  const serverFailed = atMostEvery(SERVER_LOG_INTERVAL_MS, (error: Error) =>
    log('warn', 'redis-failed', { message: error.message }),
  );
  const queue = await BullMqQueue.open({ url: cluster.redisUrl, failed, serverFailed });
  return { queue, hub: new RedisEvents(cluster.redisUrl, serverFailed) };
}

function atMostEvery(intervalMs: number, tell: (error: Error) => void): (error: Error) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (performance.now() - last < intervalMs) return;
    last = performance.now();
    tell(error);
  };
}
