import type { Analysed, ExamOutcome } from '@pce/shared/contracts/exam-outcome';
import type { Finding } from '@pce/shared/contracts/finding';
import { describe, expect, it } from 'vitest';
import { mergeOutcomes } from './merge-outcomes.js';
import { notAnalysable, notApplicable } from './volume/reason.js';

function finding(id: number, probability: number, kind: Finding['kind'] = 'pulmonary-cement-embolism'): Finding {
  return { id, kind, probability } as Finding;
}

function analysed(changes: Partial<Analysed> = {}): Analysed {
  return {
    kind: 'analysed',
    presence: 'absent',
    probability: 0.1,
    suggestedUrgency: 'none',
    quality: { level: 'diagnostic', remarks: [] },
    findings: [],
    ...changes,
  };
}

const REFUSED = notAnalysable('too-small', 'Size', 'more', 'less');
const FOREIGN = notApplicable('modality', 'Modality', 'CT', 'MR');

function presenceOf(...parts: ExamOutcome[]): string {
  const { outcome } = mergeOutcomes(parts);
  return outcome.kind === 'analysed' ? outcome.presence : outcome.kind;
}

describe('mergeOutcomes', () => {
  it('lets present win, then undetermined, then absent, then what could not be judged', () => {
    const present = analysed({ presence: 'present' });
    const undetermined = analysed({ presence: 'undetermined' });
    expect(presenceOf(analysed(), undetermined, present, REFUSED)).toBe('present');
    expect(presenceOf(analysed(), undetermined, REFUSED)).toBe('undetermined');
    expect(presenceOf(FOREIGN, REFUSED, analysed())).toBe('absent');
    expect(presenceOf(FOREIGN, REFUSED)).toBe('not-analysable');
    expect(presenceOf(FOREIGN)).toBe('not-applicable');
    expect(presenceOf()).toBe('not-applicable');
  });

  it('takes the largest probability, the highest urgency and the worst quality', () => {
    const { outcome } = mergeOutcomes([
      analysed({ probability: 0.3, suggestedUrgency: 'high', quality: { level: 'diagnostic', remarks: ['a'] } }),
      analysed({
        probability: 0.9,
        suggestedUrgency: 'medium',
        quality: { level: 'non-diagnostic', remarks: ['a', 'b'] },
      }),
    ]);
    expect(outcome).toMatchObject({
      probability: 0.9,
      suggestedUrgency: 'high',
      quality: { level: 'non-diagnostic', remarks: ['a', 'b'] },
    });
  });

  it('limits the quality where a part could not be judged', () => {
    const { outcome } = mergeOutcomes([analysed(), REFUSED]);
    expect(outcome).toMatchObject({ presence: 'absent', quality: { level: 'limited' } });
    expect(outcome.kind === 'analysed' && outcome.quality.remarks[0]).toContain('expected more; received less');
  });

  it('numbers findings afresh by kind and probability, in the parts too', () => {
    const merged = mergeOutcomes([
      analysed({ findings: [finding(1, 0.5), finding(2, 0.9, 'vertebral-cement')] }),
      analysed({ findings: [finding(1, 0.8)] }),
    ]);
    const ids = (outcome: ExamOutcome) =>
      outcome.kind === 'analysed' ? outcome.findings.map(({ id, probability }) => [id, probability]) : [];
    expect(ids(merged.outcome)).toEqual([
      [1, 0.8],
      [2, 0.5],
      [3, 0.9],
    ]);
    expect(merged.parts.map(ids)).toEqual([
      [
        [2, 0.5],
        [3, 0.9],
      ],
      [[1, 0.8]],
    ]);
    expect(merged.findings.map((map) => [...map].map(([local, { id }]) => [local, id]))).toEqual([
      [
        [1, 2],
        [2, 3],
      ],
      [[1, 1]],
    ]);
  });
});
