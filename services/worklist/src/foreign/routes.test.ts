import { randomUUID } from 'node:crypto';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildDicom } from '../../../../test-support/src/dicom-builder.js';
import { sampleResult, sampleSourceAttributes } from '../../../../test-support/src/sample-results.js';
import { startTestWorklist, type TestWorklist } from './test-worklist.js';

const sample = sampleResult('ct-positive');
const study = sample.studyInstanceUid;
const image = buildDicom({ attributes: { ...sampleSourceAttributes('ct-positive'), InstanceNumber: 1 } });

let worklist: TestWorklist;
let key: string;
let csrfToken: string;
beforeEach(async () => {
  worklist = await startTestWorklist({}, { report: async () => image });
  await worklist.receive([image]);
  key = await worklist.keyOf(study);
  csrfToken = (await worklist.app.inject({ url: '/worklist/api/session' })).json().csrfToken;
});
afterEach(() => worklist.end());

const get = (url: string) => worklist.app.inject({ url: `/worklist/api/${url}` });
const post = (url: string, payload: object) =>
  worklist.app.inject({ method: 'POST', url: `/worklist/api/${url}`, payload, headers: { 'x-csrf-token': csrfToken } });

it('takes a verdict once, on a finding that is there, of the result that holds now', async () => {
  const resultId = await worklist.analyse(sample);
  const verdict = { reviewId: randomUUID(), resultId, findingId: 1, verdict: 'accepted', comment: '' };
  const reviews = `studies/${key}/reviews`;
  for (const expected of [204, 204]) expect((await post(reviews, verdict)).statusCode).toBe(expected);
  expect(await worklist.ledger.reviews.reviewsOfResult(resultId)).toHaveLength(1);
  expect((await post(reviews, { ...verdict, findingId: 99 })).statusCode).toBe(404);
  expect((await post(reviews, { ...verdict, verdict: 'perhaps' })).statusCode).toBe(400);
  expect((await post('studies/unknown/reviews', verdict)).statusCode).toBe(404);
  const later: StudyResult = { ...sample, instanceSetDigest: 'with later images' };
  await worklist.analyse(later);
  expect((await post(reviews, { ...verdict, reviewId: randomUUID() })).statusCode).toBe(409);
});

it('lists what failed with its reason, and starts it anew once', async () => {
  const analysis = { studyInstanceUid: study, instanceSetDigest: 'set' };
  await worklist.ledger.requestAnalysis({
    ...analysis,
    reason: 'quiet',
    priority: 0,
    destinations: [],
    requestedAt: new Date(),
  });
  await worklist.ledger.failAnalysis(analysis, 'expected an answer within 600 s; received none', null);
  const { rows } = (await get('studies')).json();
  expect(rows).toMatchObject([{ state: 'failed', reason: 'expected an answer within 600 s; received none' }]);
  const { failures } = (await get('monitoring')).json();
  expect(failures).toMatchObject([{ studyKey: key, instanceSetDigest: 'set' }]);
  const retry = { studyKey: key, instanceSetDigest: 'set' };
  expect((await post('retries', retry)).statusCode).toBe(202);
  expect(worklist.retried).toEqual([study]);
  expect((await post('retries', retry)).statusCode).toBe(409);
  expect((await get('audit')).json().lines.map(({ action }: { action: string }) => action)).toContain('retry');
});

it('gives the report as text once there is a result, and says when an image has no pixels', async () => {
  expect((await get(`studies/${key}/report`)).statusCode).toBe(404);
  await worklist.analyse(sample);
  const report = await get(`studies/${key}/report`);
  expect(report.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(report.body).toContain('Research software');
  const { stacks } = (await get(`studies/${key}`)).json();
  const frame = await get(`studies/${key}/images/${stacks[0].images[0].sha256}/frames/1`);
  expect(frame.statusCode).toBe(422);
  expect((await get(`studies/${key}/images/unknown/frames/1`)).statusCode).toBe(404);
});

it('finds studies by a text that is in no address', async () => {
  const found = async (text: string) => (await post('studies/search', { text })).json().rows.length;
  expect(await found('müller')).toBe(0);
  expect(await found('erika')).toBe(1);
  expect((await get('studies/search?text=erika')).statusCode).toBe(404);
});

it('ends open pages when it stops, while lines still change', async () => {
  const stream = (await fetch(`${worklist.origin}/worklist/api/events`)).body!.getReader();
  expect(new TextDecoder().decode((await stream.read()).value)).toContain('event: listening');
  await worklist.analyse(sample);
  const closing = worklist.app.close();
  for (let at = 0; at < 50; at += 1) worklist.events.publish({ kind: 'received', studyInstanceUid: study });
  while (!(await stream.read()).done);
  await closing;
});
