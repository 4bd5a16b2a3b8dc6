import type { Analysed } from '@pce/shared/contracts/exam-outcome';
import { readPart10 } from '@pce/shared/dicom/part10';
import {
  SAMPLE_CONTEXT,
  SAMPLE_KINDS,
  type SampleKind,
  sampleResult,
  sampleSource,
} from '@pce/test-support/sample-results';
import { Fhir } from 'fhir';
import { describe, expect, it } from 'vitest';
import { readPriorExam } from '../read-prior-exam.js';
import { buildStructuredReport } from '../sr-document.js';
import { buildFhirBundle } from './fhir-report.js';
import type { MessageSubject } from './message-subject.js';

const REPORT = { kind: 'sr', sopClassUid: '1.2', sopInstanceUid: '2.25.5', seriesInstanceUid: '2.25.6' } as const;
const subjectOf = (kind: SampleKind): MessageSubject => ({
  result: sampleResult(kind),
  source: sampleSource(kind).dataset,
  objects: [REPORT],
  context: SAMPLE_CONTEXT,
});

interface Entry {
  readonly fullUrl: string;
  readonly request: { readonly method: string; readonly url: string };
  // biome-ignore lint/suspicious/noExplicitAny: a resource is read as any receiver reads it
  readonly resource: any;
}
const entriesOf = (kind: SampleKind): Entry[] => JSON.parse(JSON.stringify(buildFhirBundle(subjectOf(kind)))).entry;

describe('buildFhirBundle', () => {
  it.each(SAMPLE_KINDS)('is valid FHIR R4: %s', (kind) => {
    const bundle = JSON.parse(JSON.stringify(buildFhirBundle(subjectOf(kind))));
    const validator = new Fhir();
    const all = [bundle, ...bundle.entry.map(({ resource }: Entry) => resource)];
    for (const resource of [...all, ...all.flatMap(({ contained }) => contained ?? [])]) {
      const { valid, messages } = validator.validate(resource);
      expect(valid).toBe(true);
      // The validator has few of the extensible value sets; that a code is not in them says nothing.
      expect(
        messages.filter(({ message }) => !message?.includes('value set') && !message?.startsWith('Value set')),
      ).toEqual([]);
    }
  });

  it('is refused by the validator when it is wrong', () => {
    const [{ resource }] = entriesOf('ct-positive') as [Entry];
    expect(new Fhir().validate({ ...resource, status: 'done' }).valid).toBe(false);
    const { messages } = new Fhir().validate({ ...resource, verdict: 'positive' });
    expect(messages.map(({ message }) => message)).toContain('Unexpected property');
  });

  it.each<[SampleKind, string, string, number]>([
    ['ct-positive', 'POS', '52101004', 2],
    ['ct-negative', 'NEG', '272519000', 0],
    ['not-analysable', 'IND', '373068000', 0],
    ['film-positive', 'POS', '52101004', 1],
    ['ct-candidates-only', 'NEG', '272519000', 0],
  ])('says of %s: %s, %s, %s findings, preliminary', (kind, interpretation, presence, findings) => {
    const [report, exam, ...others] = entriesOf(kind).map(({ resource }) => resource);
    expect(report.status).toBe('preliminary');
    expect(report.result).toHaveLength(1 + findings);
    expect(exam.status).toBe('preliminary');
    expect(exam.interpretation[0].coding[0].code).toBe(interpretation);
    expect(exam.valueCodeableConcept.coding[0].code).toBe(presence);
    expect(others).toHaveLength(findings);
  });

  it('resolves every reference, and names no patient', () => {
    const text = JSON.stringify(buildFhirBundle(subjectOf('ct-and-films')));
    const urls = new Set(entriesOf('ct-and-films').map(({ fullUrl }) => fullUrl));
    const references = [...text.matchAll(/"reference":"(urn:uuid:[^"]+)"/g)].map(([, url]) => url!);
    expect(references.length).toBeGreaterThan(3);
    for (const reference of references) expect(urls).toContain(reference);
    expect(text).not.toMatch(/Erika|Example|1957/);
    expect(text).toContain('"value":"PCE-SAMPLE-1"');
  });

  it('brings the same resources up to date when a study has a new result', () => {
    const first = subjectOf('ct-positive');
    const again = { ...first, result: { ...first.result, algorithm: { ...first.result.algorithm, version: '0.2.0' } } };
    const urls = (subject: MessageSubject) =>
      (JSON.parse(JSON.stringify(buildFhirBundle(subject))).entry as Entry[]).map(({ request }) => request.url);
    expect(urls(again)).toEqual(urls(first));
    expect(urls(first)[0]).toMatch(/^DiagnosticReport\?identifier=urn%3Adicom%3Auid%7Curn%3Aoid%3A2\.25\.\d+$/);
  });

  it('takes back what the result it replaces said and it does not', () => {
    const first = subjectOf('ct-positive');
    const report = buildStructuredReport(first.result, { dataset: first.source }, SAMPLE_CONTEXT);
    const superseded = readPriorExam(readPart10(report.bytes).dataset, first.result)!;
    const outcome = { ...(first.result.outcome as Analysed), presence: 'absent' as const, findings: [] };
    const again = { ...first, result: { ...first.result, outcome }, prior: { superseded } };
    const entries: Entry[] = JSON.parse(JSON.stringify(buildFhirBundle(again))).entry;
    const statuses = entries.map(({ resource }) => resource.status);
    expect(statuses).toEqual(['preliminary', 'preliminary', 'entered-in-error', 'entered-in-error']);
    const before = entriesOf('ct-positive').map(({ request }) => request.url);
    expect(entries.map(({ request }) => request.url)).toEqual(before);
    const former = superseded.findings;
    const prior = { superseded: { ...superseded, findings: [] }, former };
    const late: Entry[] = JSON.parse(JSON.stringify(buildFhirBundle({ ...again, prior }))).entry;
    expect(late.map(({ resource }) => resource.status)).toEqual(statuses);
  });
});
