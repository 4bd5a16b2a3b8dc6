import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {} from '@fastify/websocket';
import { RedisEvents } from '@pce/shared/adapters/redis-events';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import type { DicomJsonDataset } from '@pce/shared/ports/work-item-ledger';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTool } from '../../../../test-support/src/foreign-tool.js';
import { type RedisServer, startRedis } from '../../../../test-support/src/redis-server.js';
import { element, FILTERED_GLOBAL_SUBSCRIPTION, GLOBAL_SUBSCRIPTION, UPS } from '../core/ups-attributes.js';
import { UpsNotifier, type WorkItemEvent } from './ups-notifier.js';
import { addUpsRoutes } from './ups-routes.js';
import { WorkItems } from './work-items.js';

let folder: string;
let ledger: SqlLedger;
let redis: RedisServer | null = null;
/** Two processes' worth of routes, which have a ledger and Redis in common. */
const apps: FastifyInstance[] = [];
const ends: (() => Promise<void>)[] = [];
const failures: Error[] = [];

beforeAll(async () => {
  requireTool('redis-server', (reason) => console.warn(`skipped: subscriptions of two processes, as ${reason}`));
  folder = await mkdtemp(join(tmpdir(), 'pce-subscriptions-'));
  ledger = await openSqliteLedger(join(folder, 'ledger.sqlite'));
  redis = await startRedis();
  for (let process = 0; process < 2; process += 1) {
    const events = new RedisEvents<WorkItemEvent>(redis.url, (error) => failures.push(error), 'work-items');
    const notifier = new UpsNotifier({ ledger: ledger.workItems, events, failed: (error) => failures.push(error) });
    const app = Fastify();
    await addUpsRoutes(app, { workItems: new WorkItems(ledger.workItems, notifier), now: () => '20260102030405+0000' });
    await app.ready();
    await isHeard(events);
    // It may have asked before the server was there.
    failures.length = 0;
    apps.push(app);
    ends.push(async () => {
      await app.close();
      notifier.close();
      await events.close();
    });
  }
});
afterAll(async () => {
  for (const end of ends) await end();
  await redis?.stop();
  await ledger?.close();
  if (folder) await rm(folder, { recursive: true });
  expect(failures).toEqual([]);
});

/** What is told before the server knows of us is lost. */
async function isHeard(events: RedisEvents<WorkItemEvent>): Promise<void> {
  await new Promise<void>((resolve) => {
    const nothing: WorkItemEvent = { kind: 'state', sopInstanceUid: '0', aeTitles: [], told: null };
    const timer = setInterval(() => events.publish(nothing), 20);
    const end = events.subscribe(() => {
      clearInterval(timer);
      end();
      resolve();
    });
  });
}

const send = (app: number, method: 'POST' | 'PUT' | 'DELETE', url: string, dataset?: DicomJsonDataset) =>
  apps[app]!.inject({
    method,
    url,
    ...(dataset ? { headers: { 'content-type': 'application/dicom+json' }, payload: JSON.stringify([dataset]) } : {}),
  });
const create = (uid: string, label: string, priority = 'LOW') =>
  send(0, 'POST', `/workitems?workitem=${uid}`, {
    [UPS.state]: element('CS', 'SCHEDULED'),
    [UPS.priority]: element('CS', priority),
    [UPS.label]: element('LO', label),
    [UPS.scheduledStart]: element('DT', '20260102'),
    [UPS.inputReadiness]: element('CS', 'READY'),
  });
const setState = (uid: string, state: string) =>
  send(0, 'PUT', `/workitems/${uid}/state`, {
    [UPS.state]: element('CS', state),
    [UPS.transactionUid]: element('UI', '9.1'),
  });

/** What an AE title is told over the second process, as "UID state". */
async function listen(aeTitle: string) {
  const socket = await apps[1]!.injectWS(`/ws/subscribers/${encodeURIComponent(aeTitle)}`);
  const heard: string[] = [];
  let arrived = () => {};
  socket.on('message', (data: Buffer) => {
    const event = JSON.parse(data.toString());
    heard.push(`${event['00001000'].Value[0]} ${event[UPS.state]?.Value[0] ?? event['00001002'].Value[0]}`);
    arrived();
  });
  return {
    heard,
    /** Waits until so much was heard. */
    until: async (count: number) => {
      while (heard.length < count) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
    close: () => socket.terminate(),
  };
}

describe('subscriptions, over two processes', () => {
  it('to those that meet a filter: what is there, what comes, and nothing else', async () => {
    await create('1.1', 'Read chest', 'HIGH');
    await create('1.2', 'Read knee', 'HIGH');
    const reader = await listen('FILTER');
    const url = `/workitems/${FILTERED_GLOBAL_SUBSCRIPTION}/subscribers/FILTER`;
    expect((await send(1, 'POST', url)).statusCode).toBe(400);
    expect((await send(1, 'POST', `${url}?filter=PatientShoeSize=44`)).statusCode).toBe(400);
    const filter = encodeURIComponent('ProcedureStepLabel=*chest*,00741200=HIGH');
    expect((await send(1, 'POST', `${url}?deletionlock=true&filter=${filter}`)).statusCode).toBe(201);
    await reader.until(1);
    await create('1.3', 'Chest, low', 'LOW');
    await create('1.4', 'A chest again', 'HIGH');
    await setState('1.2', 'IN PROGRESS');
    await setState('1.1', 'IN PROGRESS');
    await reader.until(3);
    expect(reader.heard).toEqual(['1.1 SCHEDULED', '1.4 SCHEDULED', '1.1 IN PROGRESS']);
    reader.close();
    expect((await send(1, 'DELETE', url)).statusCode).toBe(200);
  });

  it('to all, suspended: still of those subscribed to, not of new ones; ended: of none', async () => {
    await create('2.1', 'Before');
    const reader = await listen('GLOBAL');
    const url = `/workitems/${GLOBAL_SUBSCRIPTION}/subscribers/GLOBAL`;
    await send(1, 'POST', url);
    await create('2.2', 'While subscribed');
    await send(1, 'POST', `${url}/suspend`);
    await create('2.3', 'While suspended');
    await setState('2.3', 'IN PROGRESS');
    await setState('2.2', 'IN PROGRESS');
    await setState('2.2', 'CANCELED');
    const of22 = () => reader.heard.filter((line) => line.startsWith('2.2'));
    while (of22().length < 3) await reader.until(reader.heard.length + 1);
    expect(of22()).toEqual(['2.2 SCHEDULED', '2.2 IN PROGRESS', '2.2 CANCELED']);
    expect(reader.heard).toContain('2.1 SCHEDULED');
    expect(reader.heard.join()).not.toContain('2.3');
    expect(await ledger.workItems.subscribersOf('2.2')).toEqual([]);
    expect(await ledger.workItems.subscribersOf('2.1')).toEqual(['GLOBAL']);
    expect((await send(1, 'POST', '/workitems/2.1/subscribers/GLOBAL/suspend')).statusCode).toBe(404);
    await send(1, 'DELETE', url);
    expect(await ledger.workItems.subscribersOf('2.1')).toEqual([]);
    reader.close();
  });

  it('to one, although not to all; and out of one, although to all', async () => {
    await create('3.1', 'One');
    await create('3.2', 'Other');
    const url = `/workitems/${GLOBAL_SUBSCRIPTION}/subscribers/ONE`;
    await send(1, 'POST', url);
    await send(1, 'DELETE', '/workitems/3.1/subscribers/ONE');
    await setState('3.1', 'IN PROGRESS');
    const reader = await listen('ONE');
    await setState('3.2', 'IN PROGRESS');
    await reader.until(1);
    expect(reader.heard).toEqual(['3.2 IN PROGRESS']);
    reader.close();
  });
});
