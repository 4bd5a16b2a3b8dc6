import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@pce/test-support/postgres-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyResult } from '../contracts/study-result.js';
import type { DeliveryStep, PlannedDelivery, ReportedObject } from '../ports/delivery-ledger.js';
import { openPostgresLedger } from './postgres-ledger.js';
import type { SqlLedger } from './sql-ledger.js';
import { openSqliteLedger } from './sqlite-ledger.js';

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pce-deliveries-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const kinds: [string, () => Promise<SqlLedger>][] = [['SQLite', () => openSqliteLedger(join(folder, 'a.sqlite'))]];
if (postgres) kinds.push(['PostgreSQL', () => openPostgresLedger(postgres.url)]);

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const plan = (destination: string, objects: string[], change: Partial<PlannedDelivery> = {}): PlannedDelivery => ({
  destination,
  objects,
  fallbacks: {},
  message: null,
  skipped: null,
  ...change,
});
const step = (change: Partial<DeliveryStep>): DeliveryStep => ({
  state: 'waiting',
  at: at(9),
  notBefore: null,
  isPerhapsSent: true,
  commitmentUid: null,
  commitmentRequests: 0,
  reason: null,
  objects: [],
  ...change,
});

describe.each(kinds)('the deliveries on %s', (_name, open) => {
  let ledger: SqlLedger;
  let studies = 0;
  beforeAll(async () => {
    ledger = await open();
  });
  afterAll(() => ledger.close());

  async function newResult(study: string, digest = 'set-a'): Promise<string> {
    const result: StudyResult = {
      contractVersion: 1,
      studyInstanceUid: study,
      instanceSetDigest: digest,
      algorithm: { name: 'a', version: '1', parametersDigest: 'p', reportAbove: 0.2 },
      parts: [],
      outcome: { kind: 'not-analysable', reason: { code: 'c', message: 'm' } },
    };
    const made = { result, requestedDigest: digest, pictures: [], analysedAt: at(0), durationMs: 1 };
    return (await ledger.results.recordResult(made)).resultId;
  }
  const newStudy = () => `2.25.${Date.now()}.${++studies}`;
  const objectOf = (study: string, kind: string, number: number): ReportedObject => ({
    kind,
    sopClassUid: '1.2.3',
    sopInstanceUid: `${study}.9.${number}`,
    seriesInstanceUid: `${study}.9`,
    studyInstanceUid: study,
  });

  it('records a report once, with its plan', async () => {
    const study = newStudy();
    const lane = `pacs-${study}`;
    const resultId = await newResult(study);
    const objects = [objectOf(study, 'sr', 1), objectOf(study, 'sr-comprehensive', 2)];
    const [sr, reserve] = objects.map(({ sopInstanceUid }) => sopInstanceUid) as [string, string];
    const plans = [plan(lane, [sr], { fallbacks: { [sr]: reserve } }), plan(`ris-${study}`, [], { skipped: 'filter' })];
    const { deliveries } = ledger;
    expect(await deliveries.recordReport(resultId, objects, plans, at(1))).toBe('recorded');
    expect(await deliveries.recordReport(resultId, objects, plans, at(2))).toBe('already-recorded');
    expect(await deliveries.objectsOfResult(resultId)).toEqual(objects);
    expect((await ledger.results.resultsToReport()).map((result) => result.resultId)).not.toContain(resultId);
    const head = await deliveries.nextWaiting(lane);
    expect(head).toMatchObject({ resultId, studyInstanceUid: study, state: 'waiting', attempts: 0, plannedAt: at(1) });
    expect(head!.objects).toEqual([
      { sopInstanceUid: sr, fallbackOf: null, state: 'waiting', status: null },
      { sopInstanceUid: reserve, fallbackOf: sr, state: 'reserve', status: null },
    ]);
    const [skipped] = await deliveries.searchDeliveries({ resultId, states: ['skipped'] }, 9, 0);
    expect(skipped).toMatchObject({ reason: 'filter', settledAt: at(1) });
  });

  it('notes an attempt before it is made, and what it came to', async () => {
    const study = newStudy();
    const lane = `pacs-${study}`;
    const resultId = await newResult(study);
    const object = objectOf(study, 'sr', 1);
    const { deliveries } = ledger;
    await deliveries.recordReport(resultId, [object], [plan(lane, [object.sopInstanceUid])], at(1));
    const { deliveryId, objects } = (await deliveries.nextWaiting(lane))!;
    expect(await deliveries.beginAttempt(deliveryId, at(2))).toBe(1);
    expect(await deliveries.nextWaiting(lane)).toMatchObject({ attempts: 1, isPerhapsSent: true });
    expect((await deliveries.attempts(deliveryId)).map(({ outcome }) => outcome)).toEqual(['cut-off']);
    expect(await deliveries.beginAttempt(deliveryId, at(3))).toBe(2);
    const statuses = [{ sopInstanceUid: object.sopInstanceUid, status: 0 }];
    const acknowledged = [{ ...objects[0]!, state: 'acknowledged' as const, status: 0 }];
    await deliveries.endAttempt(
      deliveryId,
      { number: 2, endedAt: at(4), outcome: 'awaiting-commitment', detail: 'ok', objects: statuses },
      step({ state: 'awaiting-commitment', commitmentUid: '7', objects: acknowledged }),
    );
    expect(await deliveries.attempts(deliveryId)).toMatchObject([
      { number: 1, outcome: 'cut-off', endedAt: null },
      { number: 2, outcome: 'awaiting-commitment', endedAt: at(4), objects: statuses },
    ]);
    expect(await deliveries.nextWaiting(lane)).toBeNull();
    expect(await deliveries.findByCommitment('7')).toMatchObject({ deliveryId, objects: acknowledged });
    // A step that was decided on something else is not taken.
    expect(await deliveries.takeStep(deliveryId, step({ state: 'failed' }), '6')).toBe(false);
    expect(await deliveries.takeStep(deliveryId, step({ state: 'delivered', commitmentUid: '7' }), '7')).toBe(true);
    expect(await deliveries.takeStep(deliveryId, step({ state: 'failed' }), '7')).toBe(false);
    expect(await deliveries.unsettledDestinations()).not.toContain(lane);
    expect(await deliveries.redeliver({ deliveryId }, at(8))).toEqual({ count: 1, destinations: [lane] });
    const again = await deliveries.nextWaiting(lane);
    expect(again).toMatchObject({ attempts: 0, settledAt: null, commitmentUid: null, objects });
    expect(await deliveries.beginAttempt(deliveryId, at(9))).toBe(3);
  });

  it('believes the attempt that arrived, of two at the same time', async () => {
    const { deliveries } = ledger;
    for (const isFirst of [true, false]) {
      const lane = `lane-${newStudy()}`;
      const resultId = await newResult(newStudy());
      await deliveries.recordReport(resultId, [], [plan(lane, [])], at(1));
      const { deliveryId } = (await deliveries.nextWaiting(lane))!;
      const numbers = [
        await deliveries.beginAttempt(deliveryId, at(2)),
        await deliveries.beginAttempt(deliveryId, at(3)),
      ];
      const ends = [
        { number: numbers[0]!, outcome: 'delivered' as const, step: step({ state: 'delivered' }) },
        { number: numbers[1]!, outcome: 'failed' as const, step: step({ state: 'failed', reason: 'refused' }) },
      ];
      for (const { number, outcome, step } of isFirst ? ends : ends.reverse())
        await deliveries.endAttempt(deliveryId, { number, endedAt: at(4), outcome, detail: '', objects: [] }, step);
      const [settled] = await deliveries.searchDeliveries({ deliveryId }, 1, 0);
      expect(settled).toMatchObject({ state: 'delivered', reason: null });
      expect(await deliveries.attempts(deliveryId)).toMatchObject([{ outcome: 'delivered' }, { outcome: 'failed' }]);
    }
  });

  it('keeps the order of a lane, and cancels what a newer result replaces unless it may be sent', async () => {
    const study = newStudy();
    const [one, two] = [`one-${study}`, `two-${study}`];
    const { deliveries } = ledger;
    const first = await newResult(study);
    await deliveries.recordReport(first, [], [plan(one, []), plan(two, [])], at(1));
    await deliveries.beginAttempt((await deliveries.nextWaiting(two))!.deliveryId, at(2));
    const second = await newResult(study, 'set-b');
    expect(await deliveries.recordReport(first, [], [], at(3))).toBe('already-recorded');
    await deliveries.recordReport(second, [], [plan(one, []), plan(two, [])], at(4));
    const states = async (resultId: string) =>
      (await deliveries.searchDeliveries({ resultId }, 9, 0)).map(({ state }) => state);
    expect(await states(first)).toEqual(['cancelled', 'waiting']);
    expect(await states(second)).toEqual(['waiting', 'waiting']);
    expect((await deliveries.nextWaiting(one))!.resultId).toBe(second);
    expect((await deliveries.nextWaiting(two))!.resultId).toBe(first);
    expect((await deliveries.lanes()).find(({ destination }) => destination === one)?.counts).toMatchObject({
      cancelled: 1,
      waiting: 1,
    });
  });

  it('begins no attempt of what does not wait any more', async () => {
    const study = newStudy();
    const lane = `lane-${study}`;
    const { deliveries } = ledger;
    await deliveries.recordReport(await newResult(study), [], [plan(lane, [])], at(1));
    const seen = (await deliveries.nextWaiting(lane))!;
    await deliveries.recordReport(await newResult(study, 'set-b'), [], [plan(lane, [])], at(2));
    expect(await deliveries.beginAttempt(seen.deliveryId, at(3))).toBeNull();
    const [after] = await deliveries.searchDeliveries({ deliveryId: seen.deliveryId }, 1, 0);
    expect(after).toMatchObject({ state: 'cancelled', attempts: 0, isPerhapsSent: false });
    expect(await deliveries.attempts(seen.deliveryId)).toEqual([]);
  });

  it('keeps what cannot be sent as failed, until it is asked for', async () => {
    const study = newStudy();
    const lane = `lane-${study}`;
    const { deliveries } = ledger;
    const resultId = await newResult(study);
    await deliveries.recordReport(resultId, [], [{ ...plan(lane, []), failed: 'nobody has this name' }], at(1));
    const only = async () => (await deliveries.searchDeliveries({ resultId }, 9, 0))[0];
    expect(await only()).toMatchObject({ state: 'failed', reason: 'nobody has this name', settledAt: at(1) });
    expect(await deliveries.nextWaiting(lane)).toBeNull();
    expect((await deliveries.redeliver({ resultId }, at(2))).count).toBe(1);
    expect(await only()).toMatchObject({ state: 'waiting', askedAgainAt: at(2), plannedAt: at(1) });
  });

  it('never reports a result that was superseded before', async () => {
    const study = newStudy();
    const first = await newResult(study);
    await newResult(study, 'set-b');
    expect(await ledger.deliveries.recordReport(first, [], [plan('pacs', [])], at(1))).toBe('superseded');
    expect(await ledger.deliveries.searchDeliveries({ resultId: first }, 9, 0)).toEqual([]);
  });

  it('remembers what is wrong with a lane and with a report', async () => {
    const { deliveries } = ledger;
    const name = `lane-${newStudy()}`;
    const lane = { destination: name, failures: 3, pausedUntil: at(5), lastFailure: 'gone', lastSuccessAt: at(1) };
    expect(await deliveries.lane(name)).toMatchObject({ failures: 0, pausedUntil: null });
    await deliveries.setLane({ ...lane, failures: 1 });
    await deliveries.setLane(lane);
    expect(await deliveries.lane(name)).toEqual(lane);
    const resultId = await newResult(newStudy());
    await deliveries.noteReportTrouble({ resultId, attempts: 1, failure: 'x', retryAt: at(1) });
    await deliveries.noteReportTrouble({ resultId, attempts: 2, failure: 'y', retryAt: null });
    const mine = async () => (await deliveries.reportTroubles()).filter((trouble) => trouble.resultId === resultId);
    expect(await mine()).toEqual([{ resultId, attempts: 2, failure: 'y', retryAt: null }]);
    await deliveries.recordReport(resultId, [], [], at(2));
    expect(await mine()).toEqual([]);
    await deliveries.noteReportTrouble({
      resultId,
      attempts: 3,
      failure: 'the answer to the commit was lost',
      retryAt: null,
    });
    expect(await mine()).toEqual([]);
  });
});
