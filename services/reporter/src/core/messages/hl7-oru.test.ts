import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { requirePython, runPython } from '@pce/test-support/foreign-python';
import {
  SAMPLE_CONTEXT,
  SAMPLE_KINDS,
  type SampleKind,
  sampleResult,
  sampleSource,
  sampleSourceAttributes,
} from '@pce/test-support/sample-results';
import { describe, expect, it } from 'vitest';
import { buildOruMessage } from './hl7-oru.js';
import type { Hl7Options } from './hl7-segments.js';
import type { MessageSubject } from './message-subject.js';

const REPORT = { kind: 'sr', sopClassUid: '1.2', sopInstanceUid: '2.25.5', seriesInstanceUid: '2.25.6' } as const;
const subjectOf = (kind: SampleKind, attributes: Record<string, unknown> = {}): MessageSubject => ({
  result: sampleResult(kind),
  source: readPart10(buildDicom({ attributes: { ...sampleSourceAttributes(kind), ...attributes } })).dataset,
  objects: [REPORT],
  context: SAMPLE_CONTEXT,
});
const segmentsOf = (subject: MessageSubject, options?: Hl7Options) =>
  buildOruMessage(subject, options)
    .split('\r')
    .map((line) => line.split('|'));
const observationsOf = (kind: SampleKind) => segmentsOf(subjectOf(kind)).filter(([name]) => name === 'OBX');

describe('buildOruMessage', () => {
  it.each<[SampleKind, string, string | undefined]>([
    ['ct-positive', '52101004^Present^SCT', 'A'],
    ['ct-negative', '272519000^Absent^SCT', 'N'],
    ['ct-indeterminate', '373068000^Undetermined^SCT', ''],
    ['film-positive', '52101004^Present^SCT', 'A'],
    ['film-negative', '272519000^Absent^SCT', 'N'],
    ['not-analysable', '373068000^Undetermined^SCT', ''],
  ])('states of %s: %s, flag %s, all of it preliminary', (kind, presence, flag) => {
    const observations = observationsOf(kind);
    expect(observations[0]!.slice(2, 6)).toEqual(['CWE', 'RID4832^methylmethacrylate embolism^RADLEX', '', presence]);
    expect(observations[0]![8]).toBe(flag);
    for (const observation of observations) expect(observation[11]).toBe('P');
    const order = segmentsOf(subjectOf(kind)).find(([name]) => name === 'OBR')!;
    expect(order[25]).toBe('P');
  });

  it('is an ORU^R01 of version 2.5.1 with the patient and the order as the header has them', () => {
    const [header, patient, common, order] = segmentsOf(subjectOf('ct-positive'));
    expect([header![8], header![10], header![11]]).toEqual(['ORU^R01^ORU_R01', 'P', '2.5.1']);
    expect(header![6]).toBe('20261122193601+0100');
    expect([patient![3], patient![5], patient![7], patient![8]]).toEqual([
      'PCE-SAMPLE-1^^^SAMPLE^PI',
      'Example^Erika',
      '19570102',
      'F',
    ]);
    expect(common!.slice(0, 4)).toEqual(['ORC', 'RE', '', 'A4711']);
    expect(order![18]).toBe('A4711');
  });

  it('puts the accession number where the site wants it, and names its receiver', () => {
    const options = { accessionFields: ['18', '20'], receivingApplication: 'RIS', processingId: 'T' } as const;
    const segments = segmentsOf(subjectOf('ct-positive'), options);
    const order = segments.find(([name]) => name === 'OBR')!;
    expect([order[18], order[20]]).toEqual(['A4711', 'A4711']);
    expect([segments[0]![4], segments[0]![10]]).toEqual(['RIS', 'T']);
  });

  it('sends no candidate and no urgency of a negative exam', () => {
    const text = buildOruMessage(subjectOf('ct-candidates-only'));
    expect(text).not.toContain('PCE 1');
    expect(text).not.toContain('PCE-103');
  });

  it('is the same for the same subject, control ID included, and another for another result', () => {
    expect(buildOruMessage(subjectOf('ct-positive'))).toBe(buildOruMessage(subjectOf('ct-positive')));
    const control = (subject: MessageSubject) => segmentsOf(subject)[0]![9]!;
    const other = { ...subjectOf('ct-positive'), objects: [{ ...REPORT, sopInstanceUid: '2.25.7' }] };
    expect(control(subjectOf('ct-positive'))).toMatch(/^[A-Z0-9]{10,20}$/);
    expect(control(subjectOf('ct-positive'))).not.toBe(control(other));
  });

  it('lets no header value break a segment', () => {
    const odd = subjectOf('ct-positive', {
      PatientID: 'A|B^C&D~E',
      PatientName: 'Roe|Jane^Ann~^x',
      AccessionNumber: 'A|1',
    });
    const segments = segmentsOf(odd);
    expect(segments[1]![3]).toBe('A\\F\\B\\S\\C\\T\\D\\R\\E^^^SAMPLE^PI');
    expect(segments.map(([name]) => name).slice(0, 4)).toEqual(['MSH', 'PID', 'ORC', 'OBR']);
  });

  it('reads the same in a foreign parser', ({ skip }) => {
    const python = requirePython(['hl7'], skip);
    const script = `
import hl7, json, sys
out = []
for text in json.load(sys.stdin):
    m = hl7.parse(text)
    out.append([str(m.segment('MSH')[9]), m.unescape(str(m['PID.F3.R1.C1'] if False else m.segment('PID')(3)(0)(0))),
      len(m.segments('OBX')), [str(o(5)) for o in m.segments('OBX')][0], str(m.segment('PID')(5))])
print(json.dumps(out))`;
    const odd = subjectOf('ct-positive', { PatientID: 'A|B^C&D~E', PatientName: 'Müller^Zoë' });
    const messages = [...SAMPLE_KINDS.map((kind) => subjectOf(kind)), odd].map((subject) => buildOruMessage(subject));
    const read = runPython(python, script, JSON.stringify(messages)) as [string, string, number, string, string][];
    for (const [type, , , presence] of read) {
      expect(type).toBe('ORU^R01^ORU_R01');
      expect(presence).toMatch(/^(52101004|272519000|373068000)\^\w+\^SCT$/);
    }
    expect(read.at(-1)![1]).toBe('A|B^C&D~E');
    expect(read.at(-1)![4]).toBe('Müller^Zoë');
    expect(read[0]![2]).toBe(observationsOf('ct-positive').length);
  });
});

describe('the source header', () => {
  it('may be without order, names and dates', () => {
    const { dataset } = sampleSource('ct-negative');
    const bare = {
      ...subjectOf('ct-negative'),
      source: readPart10(buildDicom({ attributes: { Modality: 'CT' } })).dataset,
    };
    expect(dataset.has('PatientID')).toBe(true);
    const [, patient, common] = segmentsOf(bare);
    expect(patient).toEqual(['PID', '1', '', '', '', '', '', '', 'U']);
    expect(common![3]).toBe(bare.result.studyInstanceUid);
  });
});
