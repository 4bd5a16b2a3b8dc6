import type { Presence, Urgency } from '@pce/shared/contracts/exam-outcome';
import type { QueryAttributes } from '@pce/shared/ports/ledger';
import type { Review, Verdict } from '@pce/shared/ports/review-ledger';
import type { WorklistStudy } from '@pce/shared/ports/worklist-ledger';
import type { ResultSummary } from './summarise-result.js';

/** How far a study is. */
export type StudyState = 'receiving' | 'waiting' | 'analysed' | 'not-analysable' | 'not-applicable' | 'failed';

/** A line of the worklist, as pages get it: JSON, with patient data, and a key that says nothing about the patient. */
export interface WorklistRow {
  key: string;
  patientName: string;
  patientId: string;
  birthDate: string;
  sex: string;
  accessionNumber: string;
  studyDate: string;
  description: string;
  modalities: string[];
  imageCount: number;
  /** First image, ISO 8601. */
  receivedAt: string;
  state: StudyState;
  /** Why there is no answer; null when there is one or it is still to come. */
  reason: string | null;
  urgency: Urgency | null;
  presence: Presence | null;
  probability: number | null;
  /** Emboli that are suspected or indeterminate. */
  embolusCount: number;
  resultId: string | null;
  algorithmVersion: string | null;
  isReported: boolean;
  /** What a reader said about the exam last; null while it is open. */
  verdict: Exclude<Verdict, 'open'> | null;
  verdictBy: string | null;
}

/**
 * Puts a line together.
 *
 * @param summary of the current result; null when there is none
 * @param review the last one of the exam
 */
export function worklistRow(study: WorklistStudy, summary: ResultSummary | null, review: Review | null): WorklistRow {
  const verdict = review && review.verdict !== 'open' ? review.verdict : null;
  return {
    key: study.handle,
    ...whoAndWhat(study.attributes),
    modalities: study.modalities,
    imageCount: study.imageCount,
    receivedAt: study.firstReceivedAt.toISOString(),
    ...progress(study, summary),
    urgency: summary?.urgency ?? null,
    presence: summary?.presence ?? null,
    probability: summary?.probability ?? null,
    embolusCount: summary?.embolusCount ?? 0,
    resultId: study.current?.resultId ?? null,
    algorithmVersion: summary?.algorithmVersion ?? null,
    isReported: study.current?.isReported ?? false,
    verdict,
    verdictBy: verdict && review ? review.userName : null,
  };
}

function whoAndWhat(attributes: QueryAttributes) {
  return {
    patientName: readableName(attributes.PatientName ?? ''),
    patientId: attributes.PatientID ?? '',
    birthDate: readableDate(attributes.PatientBirthDate ?? ''),
    sex: attributes.PatientSex ?? '',
    accessionNumber: attributes.AccessionNumber ?? '',
    studyDate: readableDate(attributes.StudyDate ?? ''),
    description: attributes.StudyDescription ?? '',
  };
}

/** Later images ask for another analysis: the answer of the first stays in view until the second is there. */
function progress(study: WorklistStudy, summary: ResultSummary | null): { state: StudyState; reason: string | null } {
  if (summary) return { state: summary.state, reason: summary.reason };
  if (!study.analysis) return { state: 'receiving', reason: null };
  if (study.analysis.state === 'failed') return { state: 'failed', reason: study.analysis.failure };
  return { state: 'waiting', reason: null };
}

/** "Family, Given": the parts of a DICOM name people read. Source: PS3.5 section 6.2.1. */
export function readableName(name: string): string {
  const [family = '', given = '', middle = ''] = (name.split('=')[0] ?? '').split('^').map((part) => part.trim());
  const first = [given, middle].filter((part) => part !== '').join(' ');
  return [family, first].filter((part) => part !== '').join(', ');
}

/** A DICOM date as ISO 8601; what is not one stays as it is. */
export function readableDate(date: string): string {
  const parts = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(date.trim());
  return parts ? `${parts[1]}-${parts[2]}-${parts[3]}` : date;
}
