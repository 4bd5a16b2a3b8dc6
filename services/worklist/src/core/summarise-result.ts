import type { Presence, Urgency } from '@pce/shared/contracts/exam-outcome';
import type { StudyResult } from '@pce/shared/contracts/study-result';

/** What a list shows of a result. */
export interface ResultSummary {
  state: 'analysed' | 'not-analysable' | 'not-applicable';
  reason: string | null;
  urgency: Urgency | null;
  presence: Presence | null;
  probability: number | null;
  embolusCount: number;
  algorithmVersion: string;
}

/** Candidates below the operating point are no findings to count. */
export function summariseResult({ outcome, algorithm }: StudyResult): ResultSummary {
  if (outcome.kind !== 'analysed') {
    return {
      state: outcome.kind,
      reason: outcome.reason.message,
      urgency: null,
      presence: null,
      probability: null,
      embolusCount: 0,
      algorithmVersion: algorithm.version,
    };
  }
  const emboli = outcome.findings.filter(
    ({ kind, assessment }) => kind === 'pulmonary-cement-embolism' && assessment !== 'candidate',
  );
  return {
    state: 'analysed',
    reason: null,
    urgency: outcome.suggestedUrgency,
    presence: outcome.presence,
    probability: outcome.probability,
    embolusCount: emboli.length,
    algorithmVersion: algorithm.version,
  };
}
