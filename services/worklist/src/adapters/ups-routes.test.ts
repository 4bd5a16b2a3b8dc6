import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {} from '@fastify/websocket';
import { InProcessEvents } from '@pce/shared/adapters/in-process-events';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { DicomJsonDataset } from '@pce/shared/ports/work-item-ledger';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readingTaskUid } from '../core/reading-task.js';
import { codeSequence, element, GLOBAL_SUBSCRIPTION, itemsOf, textOf, UPS } from '../core/ups-attributes.js';
import { TaskDesk } from './task-desk.js';
import { UpsNotifier, type WorkItemEvent } from './ups-notifier.js';
import { addUpsRoutes } from './ups-routes.js';
import { WorkItems } from './work-items.js';

const AT = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));

let folder: string;
let ledger: SqlLedger;
let app: FastifyInstance;
let desk: TaskDesk;
const events = new InProcessEvents(() => {});
const failures: Error[] = [];
const requested: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pce-ups-'));
  ledger = await openSqliteLedger(join(folder, 'ledger.sqlite'));
  app = Fastify();
  const notifier = new UpsNotifier({
    ledger: ledger.workItems,
    events: new InProcessEvents<WorkItemEvent>((error) => failures.push(error)),
    failed: (error) => failures.push(error),
  });
  const workItems = new WorkItems(ledger.workItems, notifier);
  await addUpsRoutes(app, { workItems, now: () => '20260102030405+0000' });
  desk = new TaskDesk({
    ledger,
    workItems,
    events,
    clock: { now: () => AT },
    aeTitle: 'PCE',
    requestAnalysis: async (study) => {
      requested.push(study);
      return study !== '1.9';
    },
    failed: (error) => failures.push(error),
  });
  await app.ready();
});
afterAll(async () => {
  await desk.stop();
  await app.close();
  await ledger.close();
  await rm(folder, { recursive: true });
  expect(failures).toEqual([]);
});

function task(change: DicomJsonDataset = {}): DicomJsonDataset {
  return {
    [UPS.state]: element('CS', 'SCHEDULED'),
    [UPS.priority]: element('CS', 'MEDIUM'),
    [UPS.label]: element('LO', 'Something to do'),
    [UPS.scheduledStart]: element('DT', '20260102'),
    [UPS.inputReadiness]: element('CS', 'READY'),
    ...change,
  };
}

const send = (method: 'POST' | 'PUT' | 'DELETE', url: string, dataset?: DicomJsonDataset) =>
  app.inject({
    method,
    url,
    ...(dataset ? { headers: { 'content-type': 'application/dicom+json' }, payload: JSON.stringify([dataset]) } : {}),
  });
const create = (uid: string, dataset: DicomJsonDataset) => send('POST', `/workitems?workitem=${uid}`, dataset);
const retrieve = async (uid: string) => (await app.inject(`/workitems/${uid}`)).json<DicomJsonDataset[]>()[0]!;
const setState = (uid: string, state: string, transaction: string) =>
  send('PUT', `/workitems/${uid}/state`, {
    [UPS.state]: element('CS', state),
    [UPS.transactionUid]: element('UI', transaction),
  });
const performed = {
  [UPS.performedProcedure]: element('SQ', {
    [UPS.performedStart]: element('DT', '20260102'),
    [UPS.performedEnd]: element('DT', '20260102'),
    [UPS.performedStationName]: codeSequence('A', '99X', 'A'),
    [UPS.performedWorkitemCode]: codeSequence('B', '99X', 'B'),
  }),
};

describe('UPS-RS', () => {
  it('creates a work item once, says what is wrong with others, and gives it back', async () => {
    const made = await create('1.1', task());
    expect([made.statusCode, made.headers.location]).toEqual([201, 'http://localhost:80/workitems/1.1']);
    expect((await create('1.1', task())).statusCode).toBe(409);
    const wrong = await create('1.2', task({ [UPS.priority]: element('CS', 'SOON') }));
    expect(wrong.statusCode).toBe(400);
    expect(wrong.headers.warning).toBe('299 PCE: 00741200: expected HIGH, MEDIUM or LOW; received SOON');
    expect((await create('1.2', task({ [UPS.state]: element('CS', 'COMPLETED') }))).statusCode).toBe(400);
    expect(await retrieve('1.1')).toMatchObject({ [UPS.sopInstanceUid]: element('UI', '1.1') });
    expect((await app.inject('/workitems/1.2')).statusCode).toBe(404);
    expect((await send('POST', '/workitems?workitem=1.3')).statusCode).toBe(400);
  });

  it('goes from scheduled to completed for whoever claimed it alone', async () => {
    await create('2.1', task());
    expect((await setState('2.1', 'COMPLETED', '9.1')).statusCode).toBe(409);
    expect((await setState('2.1', 'IN PROGRESS', '9.1')).statusCode).toBe(200);
    expect((await setState('2.1', 'IN PROGRESS', '9.2')).statusCode).toBe(409);
    expect(await retrieve('2.1')).not.toHaveProperty(UPS.transactionUid);
    expect((await send('POST', '/workitems/2.1?transaction=9.2', performed)).statusCode).toBe(409);
    expect((await setState('2.1', 'COMPLETED', '9.1')).headers.warning).toContain('before COMPLETED');
    expect((await send('POST', '/workitems/2.1?9.1', performed)).statusCode).toBe(200);
    expect((await setState('2.1', 'COMPLETED', '9.2')).statusCode).toBe(409);
    expect((await setState('2.1', 'COMPLETED', '9.1')).statusCode).toBe(200);
    const again = await setState('2.1', 'COMPLETED', '9.1');
    expect([again.statusCode, again.headers.warning]).toEqual([200, '299 PCE: the work item is COMPLETED already']);
    expect((await send('POST', '/workitems/2.1?9.1', performed)).statusCode).toBe(409);
    expect((await send('POST', '/workitems/2.1/cancelrequest')).statusCode).toBe(409);
  });

  it('is not changed in what only a state change may change', async () => {
    await create('2.2', task());
    const change = { [UPS.state]: element('CS', 'COMPLETED') };
    expect((await send('POST', '/workitems/2.2', change)).statusCode).toBe(400);
    expect((await send('POST', '/workitems/2.2', { [UPS.label]: element('LO', 'Other') })).statusCode).toBe(200);
    expect(textOf(await retrieve('2.2'), UPS.label)).toBe('Other');
  });

  it('cancels at once what nobody has claimed, and asks whoever has', async () => {
    await create('3.1', task());
    expect((await send('POST', '/workitems/3.1/cancelrequest')).statusCode).toBe(202);
    expect(textOf(await retrieve('3.1'), UPS.state)).toBe('CANCELED');
    await create('3.2', task());
    await setState('3.2', 'IN PROGRESS', '9.1');
    expect((await send('POST', '/workitems/3.2/cancelrequest')).statusCode).toBe(202);
    expect(textOf(await retrieve('3.2'), UPS.state)).toBe('IN PROGRESS');
    expect((await setState('3.2', 'CANCELED', '9.1')).statusCode).toBe(200);
    expect((await send('POST', '/workitems/0.1/cancelrequest')).statusCode).toBe(404);
  });

  it('finds by state, priority, wildcard, range and within sequences', async () => {
    const input = element('SQ', { [UPS.studyInstanceUid]: element('UI', '7.7.7') });
    await create('4.1', task({ [UPS.priority]: element('CS', 'HIGH'), [UPS.inputInformation]: input }));
    const search = async (query: string) => {
      const found = await app.inject(`/workitems?${query}`);
      return found.statusCode === 204
        ? []
        : found.json<DicomJsonDataset[]>().map((one) => textOf(one, UPS.sopInstanceUid));
    };
    expect(await search('InputInformationSequence.StudyInstanceUID=7.7.7')).toEqual(['4.1']);
    expect(await search('00404021.0020000D=7.7.8')).toEqual([]);
    expect(await search('ScheduledProcedureStepPriority=HIGH&ProcedureStepState=SCHEDULED')).toEqual(['4.1']);
    expect(await search('ProcedureStepLabel=some*&00404005=20260101-20260103&limit=1')).toHaveLength(1);
    expect(await search('00404005=20260103-')).toEqual([]);
    expect((await app.inject('/workitems?PatientShoeSize=44')).statusCode).toBe(400);
  });

  it('tells subscribers by websocket of the work items they asked for', async () => {
    await create('5.1', task());
    const subscribed = await send('POST', `/workitems/${GLOBAL_SUBSCRIPTION}/subscribers/READER`);
    expect([subscribed.statusCode, subscribed.headers['content-location']]).toEqual([
      201,
      'ws://localhost:80/ws/subscribers/READER',
    ]);
    expect((await send('POST', '/workitems/0.1/subscribers/READER')).statusCode).toBe(404);
    const socket = await app.injectWS('/ws/subscribers/READER');
    const messages: Record<string, { Value: unknown[] }>[] = [];
    let arrived = () => {};
    socket.on('message', (data: Buffer) => {
      messages.push(JSON.parse(data.toString()));
      arrived();
    });
    const next = () =>
      new Promise<void>((resolve) => {
        arrived = resolve;
      });
    let told = next();
    await setState('5.1', 'IN PROGRESS', '9.1');
    await told;
    told = next();
    await send('POST', '/workitems/5.1/cancelrequest');
    await told;
    expect(messages.map((one) => one['00001002']!.Value)).toEqual([[1], [2]]);
    expect(messages[0]).toMatchObject({
      '00001000': { Value: ['5.1'] },
      [UPS.state]: { Value: ['IN PROGRESS'] },
      '00000002': { Value: ['1.2.840.10008.5.1.4.34.6.4'] },
    });
    expect((await send('DELETE', `/workitems/${GLOBAL_SUBSCRIPTION}/subscribers/READER`)).statusCode).toBe(200);
    expect(await ledger.workItems.subscribersOf('5.1')).toEqual([]);
    expect(await ledger.workItems.globalSubscriptions()).toEqual([]);
    socket.terminate();
  });
});

describe('the desk for tasks', () => {
  function result(digest: string): StudyResult {
    return {
      contractVersion: 1,
      studyInstanceUid: '1.8',
      instanceSetDigest: digest,
      algorithm: { name: 'a', version: '1', parametersDigest: 'p', reportAbove: 0.2 },
      parts: [],
      outcome: {
        kind: 'analysed',
        presence: 'present',
        probability: 0.9,
        suggestedUrgency: 'critical',
        quality: { level: 'diagnostic', remarks: [] },
        findings: [],
      },
    };
  }
  async function report(digest: string): Promise<string> {
    const made = { result: result(digest), requestedDigest: digest, pictures: [], analysedAt: AT, durationMs: 1 };
    const { resultId } = await ledger.results.recordResult(made);
    const sop = { sopClassUid: '1.4', sopInstanceUid: `6.${digest}`, seriesInstanceUid: '6', studyInstanceUid: '1.8' };
    await ledger.deliveries.recordReport(resultId, [{ kind: 'sr', ...sop }], [], AT);
    events.publish({ kind: 'reported', studyInstanceUid: '1.8' });
    await desk.sweep();
    return resultId;
  }

  it('has us do a task that names our work, and completes it with the report', async () => {
    const input = element('SQ', { [UPS.studyInstanceUid]: element('UI', '1.8') });
    const work = codeSequence('PCE-401', '99PCE', 'Search');
    await create('8.1', task({ [UPS.scheduledWorkitemCode]: work, [UPS.inputInformation]: input }));
    await desk.sweep();
    expect(requested).toEqual(['1.8']);
    expect(textOf(await retrieve('8.1'), UPS.state)).toBe('IN PROGRESS');
    await report('1');
    const done = await retrieve('8.1');
    expect(textOf(done, UPS.state)).toBe('COMPLETED');
    const [output] = itemsOf(itemsOf(done, UPS.performedProcedure)[0], UPS.outputInformation);
    expect(itemsOf(output, UPS.referencedSops)[0]).toMatchObject({
      [UPS.referencedSopInstanceUid]: element('UI', '6.1'),
    });
  });

  it('gives back a task for a study that is not here, and leaves alone what is for others', async () => {
    const input = element('SQ', { [UPS.studyInstanceUid]: element('UI', '1.9') });
    const station = codeSequence('PCE', '99SITE', 'PCE');
    await create('8.2', task({ [UPS.scheduledStationName]: station, [UPS.inputInformation]: input }));
    await desk.sweep();
    expect(textOf(await retrieve('8.2'), UPS.state)).toBe('CANCELED');
    expect(textOf(await retrieve('1.1'), UPS.state)).toBe('SCHEDULED');
  });

  it('offers each result to readers with its priority, and takes the offer back for a later one', async () => {
    const [first] = await ledger.results.resultsOfStudy('1.8');
    const offered = await retrieve(readingTaskUid(first!.resultId));
    expect([UPS.priority, UPS.state, UPS.label].map((tag) => textOf(offered, tag))).toEqual([
      'HIGH',
      'SCHEDULED',
      'Read: possible pulmonary cement embolism',
    ]);
    const later = await report('2');
    expect(textOf(await retrieve(readingTaskUid(first!.resultId)), UPS.state)).toBe('CANCELED');
    expect(textOf(await retrieve(readingTaskUid(later)), UPS.state)).toBe('SCHEDULED');
  });
});
