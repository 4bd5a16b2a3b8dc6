import type { StudyResult } from '../contracts/study-result.js';

/** A picture with the marks drawn, made while the pixels were at hand. */
export interface ResultPicture {
  /** The finding it shows; null for an overview. */
  findingId: number | null;
  label: string;
  png: Uint8Array;
}

/** What an analysis came to, with what the reporter needs to know of how it was asked for. */
export interface NewResult {
  result: StudyResult;
  /** The set of instances that was asked for: the analysis this settles. */
  requestedDigest: string;
  pictures: readonly ResultPicture[];
  /** Start of the analysis. */
  analysedAt: Date;
  durationMs: number;
}

export interface LedgerResult {
  /** Names the result by what it was made from and how, and by what it follows when it comes again. */
  resultId: string;
  studyInstanceUid: string;
  result: StudyResult;
  analysedAt: Date;
  durationMs: number;
  /** When the result was recorded. */
  recordedAt: Date;
  priority: number;
  /** Names of destinations the routing rules chose; empty: the default ones. */
  destinations: string[];
  /** The result of the same study that replaced this one. */
  supersededBy: string | null;
  /** Its objects are made and its deliveries are planned. */
  isReported: boolean;
}

/** What became of a result. Overtaken: the analysis it answers was superseded or settled by another answer meanwhile. */
export interface RecordedResult {
  resultId: string;
  outcome: 'new' | 'identical' | 'overtaken';
}

/** Results of analyses, one per set of instances and algorithm: doing an analysis twice changes nothing. */
export interface ResultLedger {
  /** Keeps a result, settles its analysis as done and supersedes the study's earlier results, all or nothing. */
  recordResult(result: NewResult): Promise<RecordedResult>;
  findResult(resultId: string): Promise<LedgerResult | null>;
  pictures(resultId: string): Promise<ResultPicture[]>;
  /** Newest first. */
  resultsOfStudy(studyInstanceUid: string): Promise<LedgerResult[]>;
  /** Current results whose objects are still to be made, most urgent first. */
  resultsToReport(): Promise<LedgerResult[]>;
}
