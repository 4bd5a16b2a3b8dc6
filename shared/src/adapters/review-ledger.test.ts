import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@pce/test-support/postgres-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceivedInstance } from '../ports/ledger.js';
import type { Review } from '../ports/review-ledger.js';
import { openPostgresLedger } from './postgres-ledger.js';
import type { SqlLedger } from './sql-ledger.js';
import { openSqliteLedger } from './sqlite-ledger.js';

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pce-reviews-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const kinds: [string, () => Promise<SqlLedger>][] = [['SQLite', () => openSqliteLedger(join(folder, 'a.sqlite'))]];
if (postgres) kinds.push(['PostgreSQL', () => openPostgresLedger(postgres.url)]);

describe.each(kinds)('what people do, on %s', (_name, open) => {
  let ledger: SqlLedger;
  let count = 0;
  const fresh = (what: string) => `${what}-${Date.now()}-${++count}`;
  beforeAll(async () => {
    ledger = await open();
  });
  afterAll(() => ledger.close());

  const review = (change: Partial<Review>): Review => ({
    reviewId: fresh('review'),
    studyInstanceUid: '2.25.1',
    resultId: 'result',
    findingId: null,
    verdict: 'accepted',
    comment: '',
    userName: 'rita',
    algorithm: 'pce-detector',
    algorithmVersion: '1.0.0',
    reviewedAt: new Date('2026-03-04T05:06:07.008Z'),
    ...change,
  });

  const image = (studyInstanceUid: string, change: Partial<ReceivedInstance> = {}): ReceivedInstance => ({
    studyInstanceUid,
    seriesInstanceUid: `${studyInstanceUid}.1`,
    sopInstanceUid: fresh(studyInstanceUid),
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    modality: 'CT',
    location: 'x',
    byteLength: 1,
    sha256: fresh('digest'),
    source: { door: 'dimse', sender: 'CT1' },
    receivedAt: new Date('2026-03-04T05:00:00Z'),
    isOwnResult: false,
    studyAttributes: { PatientName: 'Doe^100%', PatientID: 'P_1' },
    seriesAttributes: {},
    instanceAttributes: {},
    ...change,
  });

  it('keeps every review, once, and lets the last one count', async () => {
    const resultId = fresh('result');
    const first = review({ resultId, verdict: 'rejected', comment: 'a clip' });
    expect(await ledger.reviews.recordReview(first)).toBe(true);
    expect(await ledger.reviews.recordReview({ ...first, verdict: 'accepted' })).toBe(false);
    // In the same millisecond: the order of recording decides.
    const second = review({ resultId, verdict: 'accepted', userName: 'otto' });
    await ledger.reviews.recordReview(second);
    await ledger.reviews.recordReview(review({ resultId, findingId: 1, verdict: 'rejected' }));
    expect(await ledger.reviews.reviewsOfResult(resultId)).toMatchObject([first, second, { findingId: 1 }]);
    expect((await ledger.reviews.examVerdicts([resultId, 'none'])).get(resultId)).toEqual(second);
    expect(await ledger.reviews.examVerdicts([])).toEqual(new Map());
    const last = (await ledger.reviews.lastReviewsSince(first.reviewedAt)).filter((one) => one.resultId === resultId);
    expect(last.map(({ findingId, verdict }) => [findingId, verdict])).toEqual([
      [null, 'accepted'],
      [1, 'rejected'],
    ]);
    expect(await ledger.reviews.lastReviewsSince(new Date('2027-01-01'))).toEqual([]);
  });

  it('keeps sessions until they end', async () => {
    const at = new Date('2026-03-04T05:06:07.008Z');
    const session = {
      tokenDigest: fresh('token'),
      userName: 'rita',
      roles: ['reader' as const],
      source: 'local' as const,
      csrfToken: 'c',
      createdAt: at,
      lastSeenAt: at,
    };
    await ledger.access.openSession(session);
    expect(await ledger.access.findSession(session.tokenDigest)).toEqual(session);
    const later = new Date(at.getTime() + 1000);
    await ledger.access.touchSession(session.tokenDigest, later);
    await ledger.access.endSessionsBefore(later);
    expect((await ledger.access.findSession(session.tokenDigest))?.lastSeenAt).toEqual(later);
    await ledger.access.endSessionsBefore(new Date(later.getTime() + 1));
    expect(await ledger.access.findSession(session.tokenDigest)).toBeNull();
  });

  it('lists a study under a name of its own that never changes, with what is known of it', async () => {
    const study = fresh('2.25');
    await ledger.recordInstance(image(study));
    await ledger.recordInstance(image(study, { receivedAt: new Date('2026-03-04T06:00:00Z') }));
    await ledger.recordInstance(image(study, { modality: 'SR', isOwnResult: true, seriesInstanceUid: `${study}.2` }));
    const selection = { kind: 'studies' as const, studyInstanceUids: [study] };
    const [listed, ...others] = await ledger.worklist.studies(selection);
    expect(others).toEqual([]);
    expect(listed).toMatchObject({
      studyInstanceUid: study,
      imageCount: 2,
      modalities: ['CT'],
      firstReceivedAt: new Date('2026-03-04T05:00:00Z'),
      lastReceivedAt: new Date('2026-03-04T06:00:00Z'),
      analysis: null,
      current: null,
    });
    expect(listed?.handle).toMatch(/^[\w-]{22}$/);
    expect((await ledger.worklist.studies(selection))[0]?.handle).toBe(listed?.handle);
    expect(await ledger.worklist.studyOfHandle(listed?.handle ?? '')).toBe(study);
    expect(await ledger.worklist.studyOfHandle('none')).toBeNull();
  });

  it('finds studies by part of a name or number, signs of patterns meaning themselves', async () => {
    const study = fresh('2.25');
    await ledger.recordInstance(image(study));
    const found = async (text: string) =>
      (await ledger.worklist.studies({ kind: 'matching', text, limit: 1000 })).some(
        ({ studyInstanceUid }) => studyInstanceUid === study,
      );
    expect(await found('dOE')).toBe(true);
    expect(await found('100%')).toBe(true);
    expect(await found('p_1')).toBe(true);
    expect(await found('1%0')).toBe(false);
    expect(await found('p__')).toBe(false);
  });

  it('gives the audit page by page, the oldest first, and forgets what is older', async () => {
    const at = (second: number) => new Date(Date.UTC(2001, 0, 1, 0, 0, second));
    for (const [index, eventId] of ['b', 'a', 'c', 'd', 'e'].entries()) {
      const what = { userName: 'rita', address: '', studyInstanceUid: null, resultId: null };
      await ledger.access.recordAudit({ ...what, action: 'view-study', eventId, at: at(Math.floor(index / 2)) });
    }
    const page = async (after: { at: Date; eventId: string } | null, from: Date | null = null) =>
      (await ledger.access.auditPage({ from, until: at(59) }, after, 2)).map(({ eventId }) => eventId);
    expect(await page(null)).toEqual(['a', 'b']);
    expect(await page({ at: at(0), eventId: 'a' })).toEqual(['b', 'c']);
    expect(await page({ at: at(1), eventId: 'd' })).toEqual(['e']);
    expect(await page(null, at(1))).toEqual(['c', 'd']);
    expect(await ledger.access.forgetAuditBefore(at(1))).toBe(2);
    expect(await page(null)).toEqual(['c', 'd']);
  });

  it('tells how fast results came, leaving out those whose images came later still', async () => {
    const since = new Date();
    const record = async (receivedAt: Date, durationMs: number) => {
      const study = fresh('2.25');
      await ledger.recordInstance(image(study, { receivedAt }));
      await ledger.results.recordResult({
        result: {
          contractVersion: 1,
          studyInstanceUid: study,
          instanceSetDigest: 'set',
          algorithm: { name: 'a', version: '1', parametersDigest: 'p', reportAbove: 0.5 },
          parts: [],
          outcome: { kind: 'not-analysable', reason: { code: 'c', message: 'm' } },
        },
        requestedDigest: 'set',
        pictures: [],
        analysedAt: since,
        durationMs,
      });
    };
    await record(new Date(since.getTime() - 5000), 700);
    await record(new Date(since.getTime() + 3_600_000), 200);
    const activity = await ledger.worklist.activitySince(since);
    expect(activity).toMatchObject({ resultsRecorded: 2, durationsMs: [200, 700] });
    expect(activity.latenciesMs).toHaveLength(1);
    expect(activity.latenciesMs[0]).toBeGreaterThanOrEqual(5000);
  });
});
