import { readPart10 } from '@pce/shared/dicom/part10';
import { sampleResult } from '@pce/test-support/sample-results';
import { type SampleStudy, sampleStudy } from '@pce/test-support/sample-study';
import { afterEach, expect, it } from 'vitest';
import { recordStudy, startTestReporter, type TestReporter } from './test-reporter.js';

let reporter: TestReporter | null = null;
afterEach(async () => {
  await reporter?.end();
  reporter = null;
});

/** Reports a result; gives what it says of the study's findings to FHIR, and the reports it replaces. */
async function report(study: SampleStudy) {
  const resultId = await recordStudy(reporter!, study);
  await reporter!.sweep();
  const { deliveries } = reporter!.ledger;
  const planned = async () => (await deliveries.searchDeliveries({ resultId }, 1, 0))[0] ?? null;
  await expect.poll(planned, { timeout: 20_000 }).not.toBeNull();
  const { entry } = JSON.parse((await planned())!.message!);
  const statuses = entry.map(({ resource }: { resource: { status: string } }) => resource.status).slice(2);
  const [made] = await deliveries.objectsOfResult(resultId);
  const [held] = await reporter!.ledger.findInstances(made!.sopInstanceUid);
  const { dataset } = readPart10(await reporter!.store.read(held!));
  const replaced = dataset
    .items('PredecessorDocumentsSequence')
    .flatMap((study) => study.items('ReferencedSeriesSequence'))
    .flatMap((series) => series.items('ReferencedSOPSequence'))
    .map((document) => document.string('ReferencedSOPInstanceUID'));
  return { uid: made!.sopInstanceUid, replaced, statuses };
}

/** Another result of the sample study, from other images. */
const again = (digest: string, outcome: SampleStudy['result']['outcome']): SampleStudy => {
  const study = sampleStudy('ct-positive', 1, digest.repeat(64));
  return { ...study, result: { ...study.result, outcome } };
};

it('what an earlier result said is taken back however many results ago it was, and each names all before', async () => {
  reporter = await startTestReporter(
    `destinations: [{ name: ehr, fhir: { url: 'http://127.0.0.1:9' }, retry: { firstDelaySeconds: 600 } }]`,
  );
  const positive = await report(sampleStudy('ct-positive', 1));
  expect(positive.statuses).toEqual(['preliminary', 'preliminary']);
  const unusable = await report(again('b', sampleResult('not-analysable').outcome));
  const negative = await report(again('c', sampleResult('ct-negative').outcome));
  expect(negative.statuses).toEqual(['entered-in-error', 'entered-in-error']);
  expect([positive.replaced, unusable.replaced]).toEqual([[], [positive.uid]]);
  expect(new Set(negative.replaced)).toEqual(new Set([unusable.uid, positive.uid]));
  const later = sampleStudy('ct-positive', 1, 'd'.repeat(64));
  expect((await report(later)).statuses).toEqual(['preliminary', 'preliminary']);
});
