import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';
import { sampleStudy } from '@pce/test-support/sample-study';
import { afterEach, describe, expect, it } from 'vitest';
import { recordStudy, startTestReporter, type TestReporter } from './test-reporter.js';

let reporter: TestReporter | null = null;
afterEach(async () => {
  await reporter?.end();
  reporter = null;
});

/** Reports in the folder of a destination. */
async function reportsIn(name: string, studyInstanceUid: string): Promise<Dataset[]> {
  const folder = join(reporter!.folder, name, studyInstanceUid);
  const names = (await readdir(folder)).filter((file) => file.startsWith('sr.'));
  return Promise.all(names.map(async (file) => readPart10(await readFile(join(folder, file))).dataset));
}

const predecessorOf = (report: Dataset): string | undefined =>
  report
    .items('PredecessorDocumentsSequence')[0]
    ?.items('ReferencedSeriesSequence')[0]
    ?.items('ReferencedSOPSequence')[0]
    ?.string('ReferencedSOPInstanceUID');

/** Reports a result, and waits until both folders have it. */
async function deliver(digest?: string): Promise<{ resultId: string; studyInstanceUid: string }> {
  const study = sampleStudy('ct-positive', 1, digest);
  const resultId = await recordStudy(reporter!, study);
  await reporter!.sweep();
  const states = async () =>
    (await reporter!.ledger.deliveries.searchDeliveries({ resultId }, 9, 0))
      .filter(({ destination }) => destination !== 'ris')
      .map(({ state }) => state);
  await expect.poll(states, { timeout: 20_000 }).toEqual(['delivered', 'delivered']);
  return { resultId, studyInstanceUid: study.studyInstanceUid };
}

describe('destinations with series descriptions of their own', () => {
  it('get objects of their own, which replace their own; messages name those of the first', async () => {
    reporter = await startTestReporter(`
      destinations:
        - { name: ris, hl7: { host: 127.0.0.1, port: 9 }, objects: [sr] }
        - { name: first, folder: { path: FOLDER/first }, seriesDescription: 'KI: {content}', objects: [sr] }
        - { name: second, folder: { path: FOLDER/second }, objects: [sr] }`);
    const { resultId, studyInstanceUid } = await deliver();
    const [[first], [second]] = [
      await reportsIn('first', studyInstanceUid),
      await reportsIn('second', studyInstanceUid),
    ];
    const descriptions = [first, second].map((report) => report!.string('SeriesDescription'));
    expect(descriptions).toEqual(['KI: POSITIVE (research)', 'PCE AI: POSITIVE (research)']);
    const [own, usual] = [first!.string('SOPInstanceUID')!, second!.string('SOPInstanceUID')!];
    expect(own).not.toBe(usual);
    const { deliveries } = reporter.ledger;
    const [message] = await deliveries.searchDeliveries({ resultId, destination: 'ris' }, 1, 0);
    expect([message!.message!.includes(own), message!.message!.includes(usual)]).toEqual([true, false]);
    const made = await deliveries.objectsOfResult(resultId);
    expect(made.map(({ sopInstanceUid, seriesDescription }) => [sopInstanceUid, seriesDescription])).toEqual([
      [own, 'KI: {content}'],
      [usual, undefined],
    ]);
    await deliver('e'.repeat(64));
    for (const [name, old] of [
      ['first', own],
      ['second', usual],
    ] as const) {
      const reports = await reportsIn(name, studyInstanceUid);
      expect(reports.map(predecessorOf).sort()).toEqual([old, undefined]);
    }
  });
});
