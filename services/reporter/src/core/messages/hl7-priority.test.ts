import type { Urgency } from '@pce/shared/contracts/exam-outcome';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { SAMPLE_CONTEXT, type SampleKind, sampleResult, sampleSource } from '@pce/test-support/sample-results';
import { describe, expect, it } from 'vitest';
import { buildPriorityMessage } from './hl7-priority.js';
import type { MessageSubject } from './message-subject.js';

function subjectOf(kind: SampleKind, suggestedUrgency: Urgency): MessageSubject {
  const result = sampleResult(kind);
  const outcome = result.outcome.kind === 'analysed' ? { ...result.outcome, suggestedUrgency } : result.outcome;
  return { result: { ...result, outcome }, source: sampleSource(kind).dataset, objects: [], context: SAMPLE_CONTEXT };
}

describe('buildPriorityMessage', () => {
  it.each<[Urgency, string]>([
    ['critical', 'S'],
    ['high', 'A'],
  ])('asks to read a %s exam sooner: %s', (urgency, priority) => {
    const message = buildPriorityMessage(subjectOf('ct-positive', urgency), { accessionFields: ['18'] })!;
    const segments = message.split('\r').map((line) => line.split('|'));
    expect(segments[0]![8]).toBe('ORM^O01^ORM_O01');
    const order = segments.find(([name]) => name === 'ORC')!;
    expect([order[1], order[3], order[7]]).toEqual(['XO', 'A4711', `^^^^^${priority}`]);
    const request = segments.find(([name]) => name === 'OBR')!;
    expect([request[18], request[27]]).toEqual(['A4711', `^^^^^${priority}`]);
  });

  it('never lowers a priority', () => {
    for (const urgency of ['medium', 'low', 'none'] as const) {
      expect(buildPriorityMessage(subjectOf('ct-positive', urgency))).toBeNull();
    }
    for (const kind of ['ct-negative', 'ct-indeterminate', 'not-analysable'] as const) {
      expect(buildPriorityMessage(subjectOf(kind, 'critical'))).toBeNull();
    }
  });

  it('changes no order it cannot name', () => {
    const source = readPart10(buildDicom({ attributes: { Modality: 'CT', PatientID: '1' } })).dataset;
    expect(buildPriorityMessage({ ...subjectOf('ct-positive', 'critical'), source })).toBeNull();
  });
});
