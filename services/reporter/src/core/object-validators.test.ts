import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { sampleDatasets } from '@pce/test-support/sample-images';
import { SAMPLE_CONTEXT, SAMPLE_KINDS, type SampleKind, sampleResult } from '@pce/test-support/sample-results';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPORT_OBJECT_KINDS, type ReportObject, type ReportObjectKind } from './report-object.js';
import { buildReportObjects } from './report-objects.js';

/** A ramp, so that a picture is seen to be one. */
function picture(columns: number, rows: number): Uint8Array {
  const png = new PNG({ width: columns, height: rows });
  png.data = Buffer.from(Uint8Array.from({ length: 4 * columns * rows }, (_, at) => (at % 4 === 3 ? 255 : at >> 6)));
  return new Uint8Array(PNG.sync.write(png));
}

const build = (kind: SampleKind) =>
  buildReportObjects({
    result: sampleResult(kind),
    datasets: sampleDatasets(kind),
    keyPictures: [
      { findingId: null, label: 'Overview', png: picture(300, 200) },
      { findingId: 1, label: 'PCE 1', png: picture(160, 160) },
    ],
    context: SAMPLE_CONTEXT,
    kinds: new Set(REPORT_OBJECT_KINDS),
  });

/** What each sample becomes: the pictures are the same for all. */
const ALWAYS: ReportObjectKind[] = ['sr', 'sr-comprehensive', 'secondary-capture', 'secondary-capture'];
const EXPECTED: Record<SampleKind, ReportObjectKind[]> = {
  'ct-positive': [...ALWAYS, 'gsps', 'segmentation', 'key-object', 'encapsulated-pdf'],
  'ct-negative': [...ALWAYS, 'encapsulated-pdf'],
  'ct-indeterminate': [...ALWAYS, 'gsps', 'segmentation', 'encapsulated-pdf'],
  'ct-numerous': [...ALWAYS, 'gsps', 'segmentation', 'key-object', 'encapsulated-pdf'],
  'ct-candidates-only': [...ALWAYS, 'encapsulated-pdf'],
  'ct-enhanced-positive': [...ALWAYS, 'gsps', 'segmentation', 'key-object', 'encapsulated-pdf'],
  'ct-leak-and-vertebra': [...ALWAYS, 'gsps', 'encapsulated-pdf'],
  'film-positive': [...ALWAYS, 'gsps', 'key-object', 'encapsulated-pdf'],
  'film-negative': [...ALWAYS, 'encapsulated-pdf'],
  'not-analysable': [...ALWAYS, 'encapsulated-pdf'],
  'not-analysable-without-images': [...ALWAYS, 'encapsulated-pdf'],
  'ct-and-films': [...ALWAYS, 'gsps', 'gsps', 'segmentation', 'key-object', 'encapsulated-pdf'],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-objects-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf({ sopInstanceUid, bytes }: ReportObject): string {
  const file = join(folder, `${sopInstanceUid}.dcm`);
  writeFileSync(file, bytes);
  return file;
}

describe.each(SAMPLE_KINDS)('the objects of %s', (kind) => {
  it('are those its findings call for', async () => {
    const kinds = (await build(kind)).map((object) => object.kind);
    expect(kinds.sort()).toEqual([...EXPECTED[kind]].sort());
  });

  it('have no error in dciodvfy', async ({ skip }) => {
    requireTool('dciodvfy', skip);
    for (const object of await build(kind)) {
      const { status, stdout, stderr } = runTool('dciodvfy', ['-new', fileOf(object)]);
      const lines = (stdout.toString() + stderr.toString()).split('\n');
      expect([object.kind, ...lines.filter((line) => line.startsWith('Error'))]).toEqual([object.kind]);
      expect([object.kind, status]).toEqual([object.kind, 0]);
    }
  });
});
