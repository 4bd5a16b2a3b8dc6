import type { Reason } from '@pce/shared/contracts/exam-outcome';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Problem } from './problem.js';

/** A picture for people, kept beside the record as a PNG file. */
export interface RecordedPicture {
  /** Null for the overview of the exam. */
  readonly findingId: number | null;
  readonly label: string;
  readonly columns: number;
  readonly rows: number;
  /** File name in the folder of the records. */
  readonly fileName: string;
}

/**
 * All that is known of a screened study: the tables, the report and the summary are made from these records alone.
 * Written when the study is done, so that a run that ends early has lost nothing of it.
 */
export interface StudyRecord {
  readonly recordVersion: 1;
  readonly studyInstanceUid: string;
  readonly modalities: readonly string[];
  readonly instanceCount: number;
  /** Null when the analysis came to no end: then `failure` says why. */
  readonly result: StudyResult | null;
  readonly failure: Reason | null;
  /** SOP Instance UID of the structured report; null when there is none. */
  readonly reportSopInstanceUid: string | null;
  readonly problems: readonly Problem[];
  readonly pictures: readonly RecordedPicture[];
  readonly seconds: number;
  /** Of the files as they were listed; null when they were fetched. */
  readonly inputDigest: string | null;
}
