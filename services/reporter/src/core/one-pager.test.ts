import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import {
  SAMPLE_CONTEXT,
  SAMPLE_KINDS,
  type SampleKind,
  sampleResult,
  sampleSourceAttributes,
} from '@pce/test-support/sample-results';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { buildEncapsulatedPdf } from './encapsulated-pdf.js';
import { writeOnePager } from './one-pager.js';
import { compareWithPriors } from './priors.js';

function picture(columns: number, rows: number): Uint8Array {
  const png = new PNG({ width: columns, height: rows });
  png.data = Buffer.alloc(columns * rows * 4, 200);
  return new Uint8Array(PNG.sync.write(png, { colorType: 2 }));
}

const PICTURES = [
  { label: 'Overview', png: picture(512, 400) },
  { label: 'PCE 1', png: picture(320, 320) },
  { label: 'PCE 2', png: picture(320, 320) },
];

const pageOf = (kind: SampleKind, attributes: Record<string, unknown> = {}, pictures = PICTURES) =>
  writeOnePager({
    result: sampleResult(kind),
    source: readPart10(buildDicom({ attributes: { ...sampleSourceAttributes(kind), ...attributes } })).dataset,
    pictures,
    compared: compareWithPriors(sampleResult(kind)),
    analysedAt: SAMPLE_CONTEXT.analysedAt,
  });

const textOf = (pdf: Uint8Array): string =>
  runTool('pdftotext', ['-layout', '-', '-'], { input: pdf }).stdout.toString();

describe('the page', () => {
  it.for(SAMPLE_KINDS)('of %s is one page that warns, names the exam and says the result', async (kind, { skip }) => {
    for (const tool of ['pdftotext', 'pdfinfo']) requireTool(tool, skip);
    const pdf = await pageOf(kind);
    expect(runTool('pdfinfo', ['-'], { input: pdf }).stdout.toString()).toMatch(/Pages:\s+1\n/);
    const text = textOf(pdf);
    expect(text.match(/Research software, not for clinical use/g)).toHaveLength(2);
    expect(text).toMatch(/POSITIVE|NEGATIVE|INDETERMINATE|NOT ANALYSABLE/);
    expect(text).toContain('PCE-SAMPLE-1');
    expect(text).toContain('Example, Erika');
  });

  it('says which emboli it found and how many it does not list', async ({ skip }) => {
    requireTool('pdftotext', skip);
    const text = textOf(await pageOf('ct-numerous'));
    expect(text).toContain('PCE 6, 93 %');
    expect(text).toContain('8 more: see the DICOM report.');
  });

  it('leaves a name it cannot print to the identifiers beside it', async ({ skip }) => {
    requireTool('pdftotext', skip);
    const text = textOf(await pageOf('ct-negative', { PatientName: '\u5c71\u7530^\u592a\u90ce' }));
    expect(text).toContain('in a script this page cannot print');
    expect(text).toContain('PCE-SAMPLE-1');
    expect(textOf(await pageOf('ct-negative', { PatientName: 'Müller^Zoë' }))).toContain('Müller, Zoë');
  });

  it('holds the pictures, at most four', async ({ skip }) => {
    requireTool('pdfimages', skip);
    const pdf = await pageOf('ct-positive', {}, [...PICTURES, ...PICTURES]);
    const listed = runTool('pdfimages', ['-list', '-'], { input: pdf }).stdout.toString().trim().split('\n');
    expect(listed.slice(2)).toHaveLength(4);
  });

  it('writes sentences, and labels of two lines', async ({ skip }) => {
    requireTool('pdftotext', skip);
    const label = '1: pulmonary cement embolism, axial slice 31 of 57, counted from the feet upwards';
    const text = textOf(await pageOf('ct-positive', {}, [{ ...PICTURES[0]!, label }, ...PICTURES]));
    expect(text).toContain('Tubular, aspect 9.0');
    expect(text).toMatch(/from the feet|upwards/);
    expect(text).not.toContain('…');
  });

  it('is the same bytes for the same content', async () => {
    expect(await pageOf('film-positive')).toEqual(await pageOf('film-positive'));
  });
});

describe('buildEncapsulatedPdf', () => {
  it('wraps the page, and takes another UID for other pictures', async () => {
    const source = { dataset: readPart10(buildDicom({ attributes: sampleSourceAttributes('ct-positive') })).dataset };
    const result = sampleResult('ct-positive');
    const wrapped = await buildEncapsulatedPdf(result, PICTURES, source, SAMPLE_CONTEXT);
    const { dataset } = readPart10(wrapped.bytes);
    const page = await pageOf('ct-positive');
    expect(dataset.string('SOPClassUID')).toBe('1.2.840.10008.5.1.4.1.1.104.1');
    expect(Buffer.from(wrapped.bytes).includes(Buffer.from(page))).toBe(true);
    const other = await buildEncapsulatedPdf(result, PICTURES.slice(1), source, SAMPLE_CONTEXT);
    expect(other.sopInstanceUid).not.toBe(wrapped.sopInstanceUid);
    const unsure = await buildEncapsulatedPdf(result, PICTURES, source, SAMPLE_CONTEXT, { isLookupIncomplete: true });
    expect(unsure.sopInstanceUid).not.toBe(wrapped.sopInstanceUid);
  });
});
