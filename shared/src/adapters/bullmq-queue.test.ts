import { requireTool } from '@pce/test-support/foreign-tool';
import { type RedisServer, startRedis } from '@pce/test-support/redis-server';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StudyEvent } from '../ports/event-hub.js';
import type { Job } from '../ports/job-queue.js';
import { BullMqQueue } from './bullmq-queue.js';
import { RedisEvents } from './redis-events.js';

const analyse = (key: string, priority = 0): Job => ({ kind: 'analyse', key, priority });

let redis: RedisServer;
let queues: BullMqQueue[];
let failures: string[];
let serverFailures: number;

beforeEach(async ({ skip }) => {
  requireTool('redis-server', skip);
  redis = await startRedis();
  queues = [];
  failures = [];
  serverFailures = 0;
});
afterEach(async () => {
  for (const queue of queues ?? []) await queue.close(0);
  await redis?.stop();
});

/** The queue as one more process has it. */
async function openQueue(lockMs?: number): Promise<BullMqQueue> {
  const queue = await BullMqQueue.open({
    url: redis.url,
    failed: (job, error) => failures.push(`${job.kind} ${job.key} ${job.priority}: ${error.message}`),
    serverFailed: () => {
      serverFailures += 1;
    },
    ...(lockMs === undefined ? {} : { lockMs }),
  });
  queues.push(queue);
  return queue;
}

/** Settles when the thing was told as often as said. */
function times(count: number) {
  const log: string[] = [];
  let done = () => {};
  const reached = new Promise<void>((resolve) => {
    done = resolve;
  });
  const tell = (entry: string) => {
    log.push(entry);
    if (log.length === count) done();
  };
  return { log, tell, reached };
}

it('does jobs that another process added, highest priority first, each key once', async () => {
  const producer = await openQueue();
  for (const [key, priority] of [
    ['low', 1],
    ['high', 90],
    ['low', 1],
    ['middle', 50],
  ] as const) {
    await producer.add(analyse(key, priority));
  }
  expect(await producer.waiting()).toEqual({ analyse: 3, report: 0, deliver: 0 });
  const { log, tell, reached } = times(3);
  (await openQueue()).process('analyse', 1, async (key) => tell(key));
  await reached;
  expect(log).toEqual(['high', 'middle', 'low']);
});

it('does a job that came again while it ran once more, not beside itself', async () => {
  const queue = await openQueue();
  const { log, tell, reached } = times(4);
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let started = () => {};
  const running = new Promise<void>((resolve) => {
    started = resolve;
  });
  queue.process('analyse', 4, async (key) => {
    tell(`begin ${key}`);
    started();
    await gate;
    tell(`end ${key}`);
  });
  await queue.add(analyse('a'));
  await running;
  await queue.add(analyse('a'));
  await queue.add(analyse('a'));
  goOn();
  await reached;
  await queue.close(1000);
  expect(log).toEqual(['begin a', 'end a', 'begin a', 'end a']);
});

it('tells what a job threw, keeps it with its reason, and takes the key again', async () => {
  const queue = await openQueue();
  const { tell, reached } = times(2);
  queue.process('report', 1, async (key) => {
    tell(key);
    throw new Error('no such result');
  });
  await queue.add({ kind: 'report', key: 'bad', priority: 7 });
  while (failures.length < 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(failures).toEqual(['report bad 7: no such result']);
  const dead = async () => (await queue.queues[1]!.getFailed()).map(({ failedReason }) => failedReason);
  while ((await dead()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await dead()).toEqual(['no such result']);
  await queue.add({ kind: 'report', key: 'bad', priority: 7 });
  await reached;
});

it('lets the work end on closing, and aborts it when the time is over', async () => {
  const queue = await openQueue();
  const { log, tell, reached } = times(1);
  queue.process('deliver', 1, async (_key, signal) => {
    tell('begun');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    tell('aborted');
  });
  await queue.add({ kind: 'deliver', key: 'pacs', priority: 0 });
  await reached;
  await queue.close(100);
  expect(log).toEqual(['begun', 'aborted']);
});

it('gives the job of a worker that is gone to another one', async () => {
  const queue = await openQueue(500);
  await queue.add(analyse('a'));
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const lost = new Worker('analyse', null, { connection, prefix: 'pce', lockDuration: 500 });
  expect((await lost.getNextJob('its-token'))?.data).toEqual({ contractVersion: 1, key: 'a' });
  await lost.close();
  connection.disconnect();
  const { log, tell, reached } = times(1);
  queue.process('analyse', 1, async (key) => tell(key));
  await reached;
  expect(log).toEqual(['a']);
});

it('says at once that the server is away, and goes on when it is back with nothing', async () => {
  const queue = await openQueue();
  const { log, tell, reached } = times(1);
  queue.process('analyse', 1, async (key) => tell(key));
  await redis.kill();
  while (serverFailures === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await expect(queue.add(analyse('lost'))).rejects.toThrow();
  await redis.restart();
  const isBack = async () =>
    queue.add(analyse('kept')).then(
      () => true,
      () => false,
    );
  while (!(await isBack())) await new Promise((resolve) => setTimeout(resolve, 20));
  await reached;
  expect(log[0]).toBe('kept');
});

it('wants one processor of a kind in a process', async () => {
  const queue = await openQueue();
  queue.process('analyse', 1, async () => {});
  expect(() => queue.process('analyse', 1, async () => {})).toThrow('expected one processor of "analyse"');
});

it('tells events to every process', async () => {
  const hubs = [0, 1].map(() => new RedisEvents(redis.url, () => {}));
  const { log, tell, reached } = times(1);
  hubs[1]!.subscribe((event: StudyEvent) => tell(`${event.kind} ${event.studyInstanceUid}`));
  const again = setInterval(() => hubs[0]!.publish({ kind: 'analysed', studyInstanceUid: '1.2' }), 20);
  await reached;
  clearInterval(again);
  expect(log[0]).toBe('analysed 1.2');
  for (const hub of hubs) await hub.close();
});
