import { BullMqQueue } from '@pce/shared/adapters/bullmq-queue';
import { InProcessEvents } from '@pce/shared/adapters/in-process-events';
import { InProcessQueue } from '@pce/shared/adapters/in-process-queue';
import { RedisEvents } from '@pce/shared/adapters/redis-events';
import type { EventHub, StudyEvent } from '@pce/shared/ports/event-hub';
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
  if (cluster === null) return { queue: new InProcessQueue(failed), hub: openEvents(cluster, log) };
  const queue = await BullMqQueue.open({ url: cluster.redisUrl, failed, serverFailed: serverFailureLog(log) });
  return { queue, hub: openEvents(cluster, log) };
}

/** Events of one sort: within the process, or of all processes. @param channel their name on Redis, if not of studies */
export function openEvents<Event = StudyEvent>(
  cluster: ServeConfig['cluster'],
  log: Log,
  channel?: string,
): EventHub<Event> {
  if (cluster === null) {
    return new InProcessEvents((error) => log('error', 'listener-failed', { message: error.message }));
  }
  return new RedisEvents(cluster.redisUrl, serverFailureLog(log), channel);
}

function serverFailureLog(log: Log): (error: Error) => void {
  return atMostEvery(SERVER_LOG_INTERVAL_MS, (error) => log('warn', 'redis-failed', { message: error.message }));
}

function atMostEvery(intervalMs: number, tell: (error: Error) => void): (error: Error) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (performance.now() - last < intervalMs) return;
    last = performance.now();
    tell(error);
  };
}
