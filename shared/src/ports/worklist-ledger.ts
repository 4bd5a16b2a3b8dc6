import type { AnalysisState, QueryAttributes } from './ledger.js';

/** A study as a list of work shows it: what arrived, how far its analysis is, and which result is current. */
export interface WorklistStudy {
  /** Random name of the study for addresses: it says nothing about the patient. */
  handle: string;
  studyInstanceUid: string;
  attributes: QueryAttributes;
  /** Of images we did not make ourselves. */
  imageCount: number;
  modalities: string[];
  firstReceivedAt: Date;
  lastReceivedAt: Date;
  /** The analysis asked for last. */
  analysis: { state: AnalysisState; attempts: number; failure: string | null; requestedAt: Date } | null;
  current: { resultId: string; recordedAt: Date; durationMs: number; isReported: boolean } | null;
}

/** Which studies to list: the ones named, or the ones received last, or those where one of the texts is found. */
export type WorklistSelection =
  | { kind: 'studies'; studyInstanceUids: readonly string[] }
  | { kind: 'newest'; limit: number }
  | { kind: 'matching'; text: string; limit: number };

/** Numbers of a time span for the page that shows how the service does. */
export interface LedgerActivity {
  studiesReceived: number;
  resultsRecorded: number;
  /** From the last image to the recorded result, milliseconds, in rising order. */
  latenciesMs: number[];
  /** Analyses themselves, milliseconds, in rising order. */
  durationsMs: number[];
}

/** What pages list, with few questions to the database whatever the number of studies. */
export interface WorklistLedger {
  /** The newest first. */
  studies(selection: WorklistSelection): Promise<WorklistStudy[]>;
  /** The study a handle names. */
  studyOfHandle(handle: string): Promise<string | null>;
  activitySince(since: Date): Promise<LedgerActivity>;
}
