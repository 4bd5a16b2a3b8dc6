import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@pce/test-support/postgres-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyResult } from '../contracts/study-result.js';
import type { ReceivedInstance } from '../ports/ledger.js';
import type { ResultPicture } from '../ports/result-ledger.js';
import { openPostgresLedger } from './postgres-ledger.js';
import type { SqlLedger } from './sql-ledger.js';
import { openSqliteLedger } from './sqlite-ledger.js';

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pce-results-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function resultOf(studyInstanceUid: string, change: { digest?: string; version?: string } = {}): StudyResult {
  return {
    contractVersion: 1,
    studyInstanceUid,
    instanceSetDigest: change.digest ?? 'set-a',
    algorithm: {
      name: 'pce-detector',
      version: change.version ?? '1.0.0',
      parametersDigest: 'parameters',
      reportAbove: 0.2,
    },
    parts: [],
    outcome: { kind: 'not-analysable', reason: { code: 'phantom', message: 'expected a patient; received a phantom' } },
  };
}

const analysedAt = new Date(Date.UTC(2026, 0, 1));
const picture: ResultPicture = { findingId: 1, label: 'Finding 1', png: new Uint8Array([137, 80, 0, 255]) };

const instanceOf = (study: string): ReceivedInstance => ({
  studyInstanceUid: study,
  seriesInstanceUid: `${study}.0`,
  sopInstanceUid: `${study}.1`,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  transferSyntaxUid: '1.2.840.10008.1.2.1',
  modality: 'CT',
  location: 'here',
  byteLength: 1,
  sha256: 'digest',
  source: { door: 'dimse', sender: 'CT1' },
  receivedAt: analysedAt,
  isOwnResult: false,
  studyAttributes: { PatientID: 'P' },
  seriesAttributes: {},
  instanceAttributes: {},
});

const kinds: [string, () => Promise<SqlLedger>][] = [['SQLite', () => openSqliteLedger(join(folder, 'a.sqlite'))]];
if (postgres) kinds.push(['PostgreSQL', () => openPostgresLedger(postgres.url)]);

describe.each(kinds)('the results on %s', (_name, open) => {
  let ledger: SqlLedger;
  let studies = 0;
  const newStudy = () => `2.25.${Date.now()}.${++studies}`;
  beforeAll(async () => {
    ledger = await open();
  });
  afterAll(() => ledger.close());

  const record = (result: StudyResult, pictures: ResultPicture[] = []) =>
    ledger.results.recordResult({
      result,
      requestedDigest: result.instanceSetDigest,
      pictures,
      analysedAt,
      durationMs: 12.4,
    });

  it('calls a study processed only when its result is reported and delivered', async () => {
    const study = newStudy();
    const at = analysedAt;
    await ledger.recordInstance(instanceOf(study));
    const asked = { reason: 'quiet' as const, priority: 7, destinations: [], requestedAt: at };
    await ledger.requestAnalysis({ studyInstanceUid: study, instanceSetDigest: 'set-a', ...asked });
    const isProcessed = async () => (await ledger.processedStudies()).includes(study);
    expect(await isProcessed()).toBe(false);
    const { resultId } = await record(resultOf(study));
    expect(await isProcessed()).toBe(false);
    const delivery = { destination: study, objects: [], fallbacks: {}, message: 'text', skipped: null };
    expect(await ledger.deliveries.recordReport(resultId, [], [delivery], at)).toBe('recorded');
    expect(await isProcessed()).toBe(false);
    const waiting = await ledger.deliveries.nextWaiting(study);
    const deliveryId = waiting?.deliveryId ?? '';
    const number = (await ledger.deliveries.beginAttempt(deliveryId, at))!;
    const step = { at, notBefore: null, isPerhapsSent: true, commitmentUid: null, commitmentRequests: 0, reason: null };
    await ledger.deliveries.endAttempt(
      deliveryId,
      { number, endedAt: at, outcome: 'delivered', detail: '', objects: [] },
      { ...step, state: 'delivered', objects: [] },
    );
    expect(await isProcessed()).toBe(true);
  });

  it('keeps a result with its pictures, once, and settles the analysis that asked for it', async () => {
    const study = newStudy();
    await ledger.requestAnalysis({
      studyInstanceUid: study,
      instanceSetDigest: 'set-a',
      reason: 'quiet',
      priority: 7,
      destinations: ['pacs'],
      requestedAt: analysedAt,
    });
    const first = await record(resultOf(study), [picture]);
    expect(first.outcome).toBe('new');
    expect(await record(resultOf(study), [picture])).toEqual({ ...first, outcome: 'identical' });
    const [held, ...others] = await ledger.results.resultsOfStudy(study);
    expect(others).toEqual([]);
    expect(held).toMatchObject({
      result: resultOf(study),
      analysedAt,
      durationMs: 12,
      priority: 7,
      destinations: ['pacs'],
      supersededBy: null,
      isReported: false,
    });
    expect(await ledger.results.pictures(held!.resultId)).toEqual([picture]);
    expect((await ledger.analysesOfStudy(study)).map(({ state }) => state)).toEqual(['done']);
    expect((await ledger.results.resultsToReport()).map(({ resultId }) => resultId)).toContain(held!.resultId);
  });

  it('replaces the earlier result of a study by the later, and back again', async () => {
    const study = newStudy();
    await record(resultOf(study));
    await record(resultOf(study, { digest: 'set-b' }));
    await record(resultOf(study, { digest: 'set-b', version: '2.0.0' }));
    const current = async () =>
      (await ledger.results.resultsOfStudy(study))
        .filter(({ supersededBy }) => supersededBy === null)
        .map(({ result }) => `${result.instanceSetDigest} ${result.algorithm.version}`);
    expect(await current()).toEqual(['set-b 2.0.0']);
    await record(resultOf(study));
    expect(await current()).toEqual(['set-a 1.0.0']);
    expect(await ledger.results.resultsOfStudy(study)).toHaveLength(4);
    const toReport = (await ledger.results.resultsToReport()).filter((one) => one.studyInstanceUid === study);
    expect(toReport).toHaveLength(1);
  });

  it('sends a result anew that was replaced and comes again, and once only', async () => {
    const study = newStudy();
    const report = async ({ resultId }: { resultId: string }) =>
      ledger.deliveries.recordReport(
        resultId,
        [],
        [{ destination: study, objects: [], fallbacks: {}, message: null, skipped: null }],
        analysedAt,
      );
    const first = await record(resultOf(study));
    expect(await report(first)).toBe('recorded');
    const second = await record(resultOf(study, { version: '2.0.0' }));
    expect(await report(second)).toBe('recorded');
    const again = await record(resultOf(study));
    expect(again).toMatchObject({ outcome: 'new' });
    expect(await record(resultOf(study))).toEqual({ ...again, outcome: 'identical' });
    expect(await report(again)).toBe('recorded');
    const waiting = await ledger.deliveries.searchDeliveries({ destination: study, states: ['waiting'] }, 9, 0);
    expect(waiting.map(({ resultId }) => resultId)).toEqual([again.resultId]);
  });

  it('drops the answer of a worker that was overtaken while it recorded it', async () => {
    const study = newStudy();
    const ask = (instanceSetDigest: string) =>
      ledger.requestAnalysis({
        studyInstanceUid: study,
        instanceSetDigest,
        reason: 'quiet',
        priority: 0,
        destinations: [],
        requestedAt: analysedAt,
      });
    await ask('set-a');
    await ask('set-b');
    expect(await record(resultOf(study))).toMatchObject({ outcome: 'overtaken' });
    const later = await record(resultOf(study, { digest: 'set-b' }));
    expect(later).toMatchObject({ outcome: 'new' });
    // What was stopped before it recorded, and goes on when all is over, changes nothing either.
    expect(await record(resultOf(study))).toMatchObject({ outcome: 'overtaken' });
    const current = (await ledger.results.resultsOfStudy(study)).filter(({ supersededBy }) => supersededBy === null);
    expect(current.map(({ resultId }) => resultId)).toEqual([later.resultId]);
    expect((await ledger.analysesOfStudy(study)).map(({ state }) => state)).toEqual(['superseded', 'done']);
  });

  it('has one current result of a study whose results are recorded at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const study = newStudy();
      await ledger.recordInstance(instanceOf(study));
      await Promise.all(['1', '2', '3', '4'].map((version) => record(resultOf(study, { version }))));
      const results = await ledger.results.resultsOfStudy(study);
      expect(results).toHaveLength(4);
      expect(results.filter(({ supersededBy }) => supersededBy === null)).toHaveLength(1);
    }
  });

  it('knows no result it was not given', async () => {
    expect(await ledger.results.findResult('none')).toBeNull();
    expect(await ledger.results.pictures('none')).toEqual([]);
  });
});
