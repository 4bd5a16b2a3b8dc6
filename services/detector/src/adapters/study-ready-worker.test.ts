import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessQueue } from '@pce/shared/adapters/in-process-queue';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnalysisPool } from './analysis-pool.js';
import { type AnalysisEvent, StudyReadyWorker } from './study-ready-worker.js';

/** Answers as the file of the first instance says. */
const WORKER = `
export default async function ({ instances }) {
  const [{ studyInstanceUid, location }] = instances;
  if (location.endsWith('hang')) for (;;);
  if (location.endsWith('slow')) await new Promise((resolve) => setTimeout(resolve, 500));
  if (location.endsWith('fail')) throw new TypeError('broken');
  return {
    problems: [], passedOver: [],
    pictures: [{ findingId: null, label: 'Overview', columns: 1, rows: 1, png: new Uint8Array([1, 2]) }],
    result: {
      contractVersion: 1, studyInstanceUid, instanceSetDigest: instances.map((i) => i.sha256).join(),
      algorithm: { name: 'a', version: '1', parametersDigest: 'p', reportAbove: 0.5 }, parts: [],
      outcome: { kind: 'not-analysable', reason: { code: 'c', message: 'm' } },
    },
  };
}`;

const folder = mkdtempSync(join(tmpdir(), 'pce-worker-'));
const workerFile = join(folder, 'worker.mjs');
writeFileSync(workerFile, WORKER);
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
let ledger: SqlLedger;
let queue: InProcessQueue;
let pool: AnalysisPool;
let now: Date;
let events: AnalysisEvent[];
let reportJobs: string[];

beforeEach(async () => {
  ledger = await openSqliteLedger(join(folder, `${++files}.sqlite`));
  queue = new InProcessQueue(() => {});
  pool = new AnalysisPool({ workerFile, threads: 1, timeLimitMs: 2000 });
  now = new Date(Date.UTC(2026, 0, 1));
  events = [];
  reportJobs = [];
  queue.process('report', 1, async (key) => {
    reportJobs.push(key);
  });
});
afterEach(async () => {
  await queue.close(0);
  await pool.close();
  await ledger.close();
});

/** A worker whose next events can be waited for. */
function startWorker() {
  let told = () => {};
  const worker = new StudyReadyWorker({
    ledger,
    results: ledger.results,
    queue,
    pool,
    pathOf: ({ location }) => `/store/${location}`,
    detect: { reportAbove: 0.5 },
    attempts: { maxAttempts: 2, firstDelayMs: 1000 },
    clock: { now: () => now },
    report: (event) => {
      events.push(event);
      told();
    },
  });
  worker.start(1);
  const next = () =>
    new Promise<void>((resolve) => {
      told = resolve;
    });
  return { sweep: () => worker.sweep(), next };
}

async function ask(study: string, location: string, isOwnResult = false): Promise<void> {
  await ledger.recordInstance({
    studyInstanceUid: study,
    seriesInstanceUid: `${study}.1`,
    sopInstanceUid: `${study}.1.1`,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    modality: 'CT',
    location,
    byteLength: 1,
    sha256: 'digest',
    source: { door: 'dimse', sender: 'CT1' },
    receivedAt: now,
    isOwnResult,
    studyAttributes: {},
    seriesAttributes: {},
    instanceAttributes: {},
  });
  await ledger.requestAnalysis({
    studyInstanceUid: study,
    instanceSetDigest: 'asked',
    reason: 'quiet',
    priority: 4,
    destinations: [],
    requestedAt: now,
  });
}

const analysisOf = async (study: string) => (await ledger.analysesOfStudy(study))[0]!;

describe('the worker for studies that are ready', () => {
  it('records the result, settles the analysis and asks for the report', async () => {
    const worker = startWorker();
    await ask('1.2', 'whole');
    const done = worker.next();
    await worker.sweep();
    await done;
    const [result] = await ledger.results.resultsOfStudy('1.2');
    expect(events).toMatchObject([{ kind: 'analysed', studyInstanceUid: '1.2', resultId: result!.resultId }]);
    expect(result).toMatchObject({ priority: 4, analysedAt: now, isReported: false });
    expect(await ledger.results.pictures(result!.resultId)).toMatchObject([{ label: 'Overview' }]);
    expect(await analysisOf('1.2')).toMatchObject({ state: 'done', attempts: 1 });
    await queue.close(1000);
    expect(reportJobs).toEqual([result!.resultId]);
  });

  it('tries a study that hangs again after a rest, gives it up after the last attempt, and does the next', async () => {
    const worker = startWorker();
    await ask('1.3', 'hang');
    let done = worker.next();
    await worker.sweep();
    await done;
    expect(events.at(-1)).toMatchObject({ kind: 'failed', retryAt: new Date(now.getTime() + 1000) });
    expect(await analysisOf('1.3')).toMatchObject({ state: 'pending', attempts: 1 });
    await worker.sweep();
    expect(await queue.waiting()).toMatchObject({ analyse: 0 });
    now = new Date(now.getTime() + 1000);
    done = worker.next();
    await worker.sweep();
    await done;
    expect(await analysisOf('1.3')).toMatchObject({ state: 'failed', attempts: 2 });
    expect((await ledger.failedAnalyses()).map(({ failure }) => failure)).toEqual([
      expect.stringContaining('AnalysisTimeoutError'),
    ]);
    await ask('1.4', 'whole');
    done = worker.next();
    await worker.sweep();
    await done;
    expect(await analysisOf('1.4')).toMatchObject({ state: 'done' });
  });

  it('does not wait for a rest that a clock a day ahead has noted', async () => {
    await ask('1.9', 'whole');
    await ledger.failAnalysis(await analysisOf('1.9'), 'broken', new Date(now.getTime() + 86_400_000));
    const worker = startWorker();
    const done = worker.next();
    await worker.sweep();
    await done;
    expect(await analysisOf('1.9')).toMatchObject({ state: 'done' });
  });

  it('gives up a study whose attempts were all cut off, until someone asks again', async () => {
    await ask('1.5', 'whole');
    const analysis = await analysisOf('1.5');
    await ledger.beginAnalysis(analysis);
    await ledger.beginAnalysis(analysis);
    const worker = startWorker();
    let done = worker.next();
    await worker.sweep();
    await done;
    expect(await analysisOf('1.5')).toMatchObject({ state: 'failed' });
    expect(await ledger.retryAnalysis(analysis)).toBe(true);
    expect(await ledger.retryAnalysis(analysis)).toBe(false);
    done = worker.next();
    await worker.sweep();
    await done;
    expect(await analysisOf('1.5')).toMatchObject({ state: 'done', attempts: 1 });
  });

  it('does not count a stop of the service as a failure', async () => {
    const worker = startWorker();
    await ask('1.6', 'hang');
    await worker.sweep();
    await queue.close(200);
    expect(await analysisOf('1.6')).toMatchObject({ state: 'pending', failure: null, attempts: 0 });
    expect(events).toEqual([]);
  });

  it('drops an answer that later images have overtaken, and gives the one for all', async () => {
    const worker = startWorker();
    await ask('1.8', 'slow');
    const overtaken = worker.next();
    await worker.sweep();
    while (await queue.waiting().then(({ analyse }) => analyse > 0)) await new Promise(setImmediate);
    await ledger.requestAnalysis({
      studyInstanceUid: '1.8',
      instanceSetDigest: 'later',
      reason: 'late-images',
      priority: 4,
      destinations: [],
      requestedAt: new Date(now.getTime() + 1),
    });
    await worker.sweep();
    await overtaken;
    await worker.next();
    expect(events.map(({ kind }) => kind)).toEqual(['overtaken', 'analysed']);
    expect((await ledger.analysesOfStudy('1.8')).map(({ state }) => state)).toEqual(['superseded', 'done']);
    expect(await ledger.results.resultsOfStudy('1.8')).toHaveLength(1);
  });

  it('says so when the images are gone', async () => {
    const worker = startWorker();
    await ask('1.7', 'whole', true);
    const done = worker.next();
    await worker.sweep();
    await done;
    expect(events).toMatchObject([{ kind: 'failed', message: expect.stringContaining('expected images') }]);
  });
});
