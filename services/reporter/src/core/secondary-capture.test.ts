import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { SAMPLE_CONTEXT, sampleResult, sampleSource, sampleSourceAttributes } from '@pce/test-support/sample-results';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withBanner } from './banner.js';
import { CELL_COLUMNS, drawLine, wrapLines } from './bitmap-font.js';
import { ReportError } from './measurement-report.js';
import { buildSecondaryCaptures, type KeyPicture } from './secondary-capture.js';

const grey = (columns: number, rows: number, level: number): KeyPicture => ({
  findingId: 1,
  label: '1: pulmonary cement embolism, axial close-up, 90 mm wide',
  columns,
  rows,
  rgb: new Uint8Array(columns * rows * 3).fill(level),
});
const build = (pictures: readonly KeyPicture[], source = sampleSource('ct-positive')) =>
  buildSecondaryCaptures(sampleResult('ct-positive'), pictures, source, SAMPLE_CONTEXT);

describe('the font', () => {
  it('draws the letter T', () => {
    const rows = Array.from({ length: 7 }, () => '.....'.split(''));
    drawLine('t', 1, (x, y) => {
      rows[y]![x] = '#';
    });
    expect(rows.map((row) => row.join(''))).toEqual(['#####', ...Array(6).fill('..#..')]);
  });

  it('draws every letter a little to the right of the one before, enlarged by whole pixels', () => {
    const xs: number[] = [];
    drawLine('II', 3, (x) => xs.push(x));
    expect(Math.min(...xs)).toBe(3);
    expect(Math.max(...xs)).toBe((CELL_COLUMNS + 3) * 3 + 2);
  });

  it('breaks lines between words, and long words where it must', () => {
    expect(wrapLines('not for clinical use', 8)).toEqual(['not for', 'clinical', 'use']);
    expect(wrapLines('abcdefgh ij', 5)).toEqual(['abcde', 'fgh', 'ij']);
    expect(wrapLines('', 5)).toEqual([]);
  });
});

describe('withBanner', () => {
  it('leaves the picture as it is, below the band', () => {
    const shown = withBanner(grey(300, 20, 77), ['warning']);
    expect(shown.columns).toBe(300);
    expect(shown.rgb.length).toBe(shown.columns * shown.rows * 3);
    expect(new Set(shown.rgb.subarray(-300 * 20 * 3))).toEqual(new Set([77]));
    expect(new Set(shown.rgb.subarray(0, -300 * 20 * 3))).toEqual(new Set([96, 0, 255]));
  });

  it('puts a narrow picture on black, so that the warning can be read', () => {
    const shown = withBanner(grey(10, 10, 77), ['warning']);
    expect(shown.columns).toBe(256);
    const last = shown.rgb.subarray(-256 * 3);
    expect([...last.subarray(0, 30)]).toEqual(Array(30).fill(77));
    expect(new Set(last.subarray(30))).toEqual(new Set([0]));
  });
});

describe('buildSecondaryCaptures', () => {
  it('writes one image per picture, with the warning in its pixels', () => {
    const [first, second] = build([grey(400, 300, 10), grey(400, 300, 20)]);
    expect(first!.seriesInstanceUid).toBe(second!.seriesInstanceUid);
    expect(first!.sopInstanceUid).not.toBe(second!.sopInstanceUid);
    const { dataset } = readPart10(first!.bytes);
    expect(dataset.string('BurnedInAnnotation')).toBe('YES');
    expect(dataset.string('ContentQualification')).toBe('RESEARCH');
    expect(dataset.number('Rows')).toBeGreaterThan(300);
    expect(dataset.string('PatientID')).toBe('PCE-SAMPLE-1');
    expect(dataset.items('SourceImageSequence')).toHaveLength(1);
  });

  it('stays lossy when the source was', () => {
    const lossy = {
      LossyImageCompression: '01',
      LossyImageCompressionRatio: '12.5',
      LossyImageCompressionMethod: 'ISO_10918_1',
    };
    const source = readPart10(buildDicom({ attributes: { ...sampleSourceAttributes('ct-positive'), ...lossy } }));
    const { dataset } = readPart10(build([grey(300, 20, 1)], source)[0]!.bytes);
    expect(dataset.string('LossyImageCompression')).toBe('01');
    expect(dataset.string('LossyImageCompressionRatio')).toBe('12.5');
    expect(readPart10(build([grey(300, 20, 1)])[0]!.bytes).dataset.has('LossyImageCompression')).toBe(false);
  });

  it('refuses a picture whose size and bytes disagree', () => {
    expect(() => build([{ ...grey(10, 10, 0), rows: 11 }])).toThrow(ReportError);
  });

  it('gives equal bytes for equal arguments', () => {
    expect(build([grey(300, 20, 1)])).toEqual(build([grey(300, 20, 1)]));
  });
});

describe('foreign tools', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-sc-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.for([
    [400, 300],
    [301, 21],
  ] as const)('dciodvfy finds no error in a capture of %d x %d', ([columns, rows], { skip }) => {
    requireTool('dciodvfy', skip);
    const file = join(folder, `${columns}.dcm`);
    writeFileSync(file, build([grey(columns, rows, 50)])[0]!.bytes);
    const { status, stdout, stderr } = runTool('dciodvfy', ['-new', file]);
    const lines = (stdout.toString() + stderr.toString()).split('\n');
    expect(lines.filter((line) => line.startsWith('Error'))).toEqual([]);
    expect(status).toBe(0);
  });
});
