import { readPart10 } from '@pce/shared/dicom/part10';
import { sampleDatasets } from '@pce/test-support/sample-images';
import { SAMPLE_CONTEXT, type SampleKind, sampleResult } from '@pce/test-support/sample-results';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { ReportError } from './measurement-report.js';
import { REPORT_OBJECT_KINDS, type ReportObjectKind } from './report-object.js';
import { buildReportObjects, imagesNeeded, type ReportRequest } from './report-objects.js';

function picture(): Uint8Array {
  const png = new PNG({ width: 40, height: 30 });
  png.data = Buffer.alloc(40 * 30 * 4, 120);
  return new Uint8Array(PNG.sync.write(png));
}

function requestOf(kind: SampleKind, kinds: readonly ReportObjectKind[] = REPORT_OBJECT_KINDS): ReportRequest {
  const result = sampleResult(kind);
  return {
    result,
    datasets: sampleDatasets(kind, imagesNeeded(result, new Set(kinds))),
    keyPictures: [{ findingId: null, label: 'Overview', png: picture() }],
    context: SAMPLE_CONTEXT,
    kinds: new Set(kinds),
  };
}

describe('buildReportObjects', () => {
  it('makes the kinds asked for, in a fixed order, each object with a UID of its own', async () => {
    const objects = await buildReportObjects(requestOf('film-positive'));
    const kinds = objects.map(({ kind }) => kind);
    expect(kinds.slice(0, 4)).toEqual(['sr', 'sr-comprehensive', 'gsps', 'secondary-capture']);
    expect(new Set(objects.map(({ sopInstanceUid }) => sopInstanceUid)).size).toBe(objects.length);
    const [only] = await buildReportObjects(requestOf('film-positive', ['gsps']));
    expect(only).toEqual(objects[2]);
  });

  it('says of each object what its bytes say', async () => {
    for (const object of await buildReportObjects(requestOf('ct-positive'))) {
      const { dataset } = readPart10(object.bytes);
      expect(dataset.string('SOPClassUID')).toBe(object.sopClassUid);
      expect(dataset.string('SOPInstanceUID')).toBe(object.sopInstanceUid);
      expect(dataset.string('SeriesInstanceUID')).toBe(object.seriesInstanceUid);
      expect(dataset.string('StudyInstanceUID')).toBe(object.studyInstanceUid);
      expect(dataset.string('PatientName')).toBe('Example^Erika');
    }
  });

  it('gives equal bytes for equal requests', async () => {
    const [first, second] = [requestOf('ct-and-films'), requestOf('ct-and-films')];
    expect(await buildReportObjects(first)).toEqual(await buildReportObjects(second));
  });

  it('makes no overlay of an exam without marks, and always a report', async () => {
    const objects = await buildReportObjects(requestOf('not-analysable', ['sr', 'gsps']));
    expect(objects.map(({ kind }) => kind)).toEqual(['sr']);
  });

  it('refuses a study without any header', async () => {
    const request = { ...requestOf('ct-negative'), datasets: new Map() };
    await expect(buildReportObjects(request)).rejects.toThrow(ReportError);
  });

  it('asks for the header of every slice of a segmentation, and for few where none is wanted', () => {
    const result = sampleResult('ct-positive');
    expect(imagesNeeded(result, new Set(['sr', 'segmentation']))).toHaveLength(150);
    expect(imagesNeeded(result, new Set(['sr', 'gsps']))).toHaveLength(3);
    if (result.outcome.kind !== 'analysed') throw new Error('expected an analysed sample');
    const [finding] = result.outcome.findings;
    const mask = result.parts[0]!.images.slice(40, 45).map((image) => ({ image, runs: [0, 1] }));
    const masked = { ...result, outcome: { ...result.outcome, findings: [{ ...finding!, mask }] } };
    expect(imagesNeeded(masked, new Set(['segmentation']))).toHaveLength(6);
  });
});
