import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom } from '@pce/test-support/dicom-builder';
import {
  SAMPLE_CONTEXT,
  SAMPLE_KINDS,
  type SampleKind,
  sampleResult,
  sampleSource,
  sampleSourceAttributes,
} from '@pce/test-support/sample-results';
import { data as dcmjs } from 'dcmjs';
import { describe, expect, it } from 'vitest';
import { ReportError } from './measurement-report.js';
import type { ReportContext } from './report-context.js';
import { buildStructuredReport } from './sr-document.js';

const GOLDEN = join(import.meta.dirname, '../../../../golden/sr');
const GOLDEN_KINDS = [
  'ct-positive',
  'ct-negative',
  'ct-indeterminate',
  'ct-numerous',
  'ct-leak-and-vertebra',
  'film-positive',
  'film-negative',
  'not-analysable',
] as const;
const build = (kind: SampleKind, context: Partial<ReportContext> = {}) =>
  buildStructuredReport(sampleResult(kind), sampleSource(kind), { ...SAMPLE_CONTEXT, ...context });
const documentOf = (kind: SampleKind, context: Partial<ReportContext> = {}): Dataset =>
  readPart10(build(kind, context).bytes).dataset;

/** JSON with everything on one line that fits there, so that a change shows as few lines. */
function prettyJson(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value);
  if (flat.length + indent.length <= 160 || typeof value !== 'object' || value === null) return flat;
  const deeper = `${indent} `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const entries = Array.isArray(value)
    ? value.map((item) => prettyJson(item, deeper))
    : Object.entries(value).map(([key, item]) => `"${key}":${prettyJson(item, deeper)}`);
  return `${open}\n${deeper}${entries.join(`,\n${deeper}`)}\n${indent}${close}`;
}

/** The bytes as DICOM JSON (PS3.18 annex F), binary values left out. */
function dicomJson(bytes: Uint8Array): string {
  const { meta, dict } = dcmjs.DicomMessage.readFile(Uint8Array.from(bytes).buffer);
  const readable = (_: string, value: unknown) => (value instanceof ArrayBuffer ? 'binary' : value);
  return `${prettyJson(JSON.parse(JSON.stringify({ ...meta, ...dict }, readable)))}\n`;
}

/** All instances a content tree refers to. */
function referencedUids(item: Dataset): string[] {
  const own = item.items('ReferencedSOPSequence').map((reference) => reference.string('ReferencedSOPInstanceUID')!);
  return [...own, ...item.items('ContentSequence').flatMap(referencedUids)];
}

const evidenceUids = (document: Dataset): string[] =>
  document
    .items('CurrentRequestedProcedureEvidenceSequence')
    .flatMap((study) => study.items('ReferencedSeriesSequence'))
    .flatMap((series) => series.items('ReferencedSOPSequence'))
    .map((reference) => reference.string('ReferencedSOPInstanceUID')!);

describe('golden reports', () => {
  it.each(GOLDEN_KINDS)('%s is written as before', (kind) => {
    const path = join(GOLDEN, `${kind}.json`);
    const json = dicomJson(build(kind).bytes);
    if (process.env.UPDATE_GOLDEN === '1') {
      mkdirSync(GOLDEN, { recursive: true });
      writeFileSync(path, json);
    }
    expect(existsSync(path)).toBe(true);
    expect(json).toBe(readFileSync(path, 'utf8'));
  });
});

describe('buildStructuredReport', () => {
  it('gives equal bytes for equal arguments', () => {
    expect(build('ct-positive')).toEqual(build('ct-positive'));
  });

  it.each<[SampleKind, string]>([
    ['ct-positive', 'PCE AI: POSITIVE (research)'],
    ['film-negative', 'PCE AI: NEGATIVE (research)'],
    ['ct-indeterminate', 'PCE AI: INDETERMINATE (research)'],
    ['not-analysable', 'PCE AI: NOT ANALYSABLE (research)'],
  ])('describes the series of %s as "%s"', (kind, description) => {
    expect(documentOf(kind).string('SeriesDescription')).toBe(description);
  });

  it('states what the report is: finished by a machine, unverified, preliminary, for research', () => {
    const document = documentOf('ct-positive');
    expect(document.string('SOPClassUID')).toBe('1.2.840.10008.5.1.4.1.1.88.34');
    expect(document.string('CompletionFlag')).toBe('COMPLETE');
    expect(document.string('VerificationFlag')).toBe('UNVERIFIED');
    expect(document.string('PreliminaryFlag')).toBe('PRELIMINARY');
    expect(document.string('ContentQualification')).toBe('RESEARCH');
    expect(document.string('ContentDate')).toBe('20261122');
    expect(document.string('ContentTime')).toBe('193601.000000');
    expect(document.string('TimezoneOffsetFromUTC')).toBe('+0100');
  });

  it('joins the study and the patient of the source', () => {
    const document = documentOf('ct-positive');
    const source = sampleSource('ct-positive').dataset;
    const inherited = ['StudyInstanceUID', 'PatientName', 'PatientID', 'PatientBirthDate', 'AccessionNumber'] as const;
    for (const keyword of inherited) expect(document.string(keyword)).toBe(source.string(keyword));
    expect(document.string('SeriesInstanceUID')).not.toBe(source.string('SeriesInstanceUID'));
  });

  it('names the algorithm as contributing equipment', () => {
    const [equipment] = documentOf('ct-positive').items('ContributingEquipmentSequence');
    const [purpose] = equipment!.items('PurposeOfReferenceCodeSequence');
    expect(purpose!.string('CodeValue')).toBe('Newcode1');
    expect(purpose!.string('CodingSchemeDesignator')).toBe('99IHE');
    expect(equipment!.string('SoftwareVersions')).toBe('0.1.0');
    expect(equipment!.string('DeviceUID')).toMatch(/^2\.25\.\d+$/);
  });

  it.each(SAMPLE_KINDS)('lists every referenced instance of %s once as evidence', (kind) => {
    const document = documentOf(kind);
    const evidence = evidenceUids(document);
    expect(new Set(evidence).size).toBe(evidence.length);
    expect(new Set(evidence)).toEqual(new Set(referencedUids(document)));
    expect(evidence.length).toBeGreaterThan(0);
  });

  it('writes the same tree as Comprehensive SR for receivers that refuse the 3D class', () => {
    const full = build('ct-positive');
    const fallback = build('ct-positive', { sopClass: 'comprehensive' });
    expect(fallback.sopClassUid).toBe('1.2.840.10008.5.1.4.1.1.88.33');
    expect(fallback.sopInstanceUid).not.toBe(full.sopInstanceUid);
    expect(fallback.seriesInstanceUid).not.toBe(full.seriesInstanceUid);
    const neutral = (report: typeof full) =>
      [report.sopClassUid, report.sopInstanceUid, report.seriesInstanceUid].reduce(
        (json, uid) => json.replaceAll(uid, 'uid'),
        dicomJson(report.bytes),
      );
    expect(neutral(fallback)).toBe(neutral(full));
  });

  it('names the reports it replaces, and is another report than without them', () => {
    const predecessor = {
      studyInstanceUid: sampleResult('ct-positive').studyInstanceUid,
      seriesInstanceUid: '1.2.3',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.88.34',
      sopInstanceUid: '1.2.3.4',
    };
    const [study] = documentOf('ct-positive', { predecessors: [predecessor] }).items('PredecessorDocumentsSequence');
    const [series] = study!.items('ReferencedSeriesSequence');
    expect(series!.items('ReferencedSOPSequence')[0]!.string('ReferencedSOPInstanceUID')).toBe('1.2.3.4');
    expect(build('ct-positive', { predecessors: [predecessor] }).sopInstanceUid).not.toBe(
      build('ct-positive').sopInstanceUid,
    );
  });

  it('reports what it could not inherit, and writes the report all the same', () => {
    const attributes = {
      ...sampleSourceAttributes('ct-positive'),
      x00100030: { vr: 'DA', value: new TextEncoder().encode('57/01/02') },
    };
    const source = readPart10(buildDicom({ attributes }));
    const { bytes, remarks } = buildStructuredReport(sampleResult('ct-positive'), source, SAMPLE_CONTEXT);
    expect(remarks.map((remark) => remark.keyword)).toEqual(['PatientBirthDate']);
    expect(readPart10(bytes).dataset.string('PatientBirthDate')).toBeUndefined();
  });

  it('refers to the source itself when a study has no usable image', () => {
    const uid = sampleSource('not-analysable-without-images').dataset.string('SOPInstanceUID');
    expect(evidenceUids(documentOf('not-analysable-without-images'))).toEqual([uid]);
  });

  it('refuses a study UID no file may have', () => {
    const result = { ...sampleResult('ct-positive'), studyInstanceUid: '1.02' };
    expect(() => buildStructuredReport(result, sampleSource('ct-positive'), SAMPLE_CONTEXT)).toThrow(ReportError);
  });
});
