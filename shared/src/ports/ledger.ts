import type { StoredInstance } from '../contracts/stored-instance.js';

/** By which door an instance came, and from whom: AE title, user or folder; what we made ourselves came by 'reporter'. */
export interface InstanceSource {
  door: 'dimse' | 'stow' | 'folder' | 'pull' | 'reporter';
  sender: string;
}

/** Attributes that queries match and return, by keyword; text as decoded, absent ones left out. */
export type QueryAttributes = Record<string, string>;

/** An instance that is safe in the store, with what the ledger keeps about it. */
export interface ReceivedInstance extends StoredInstance {
  source: InstanceSource;
  receivedAt: Date;
  /** Made by this software: kept and served, never analysed. */
  isOwnResult: boolean;
  studyAttributes: QueryAttributes;
  seriesAttributes: QueryAttributes;
  instanceAttributes: QueryAttributes;
}

/**
 * What recording an instance found: new; the same bytes under the same UID again; or other bytes under a UID that is
 * known already, which are kept beside the first.
 */
export type RecordOutcome = 'new' | 'identical' | 'conflicting';

/** An instance as the ledger gives it back. */
export interface LedgerInstance extends StoredInstance {
  source: InstanceSource;
  receivedAt: Date;
  isOwnResult: boolean;
  /** Another instance with this UID came first. */
  isConflicting: boolean;
  instanceAttributes: QueryAttributes;
}

export interface LedgerStudy {
  studyInstanceUid: string;
  attributes: QueryAttributes;
  /** Distinct, sorted. */
  modalities: string[];
  seriesCount: number;
  instanceCount: number;
}

export interface LedgerSeries {
  studyInstanceUid: string;
  seriesInstanceUid: string;
  modality: string;
  attributes: QueryAttributes;
  instanceCount: number;
}

/** One condition of a query. Several are joined by "and". Source: PS3.18 section 8.3.4, PS3.4 section C.2.2.2. */
export type AttributeMatch =
  | { keyword: string; kind: 'exact'; values: string[] }
  /** `*` and `?` as in PS3.4 C.2.2.2.4; letters match in either case. */
  | { keyword: string; kind: 'wildcard'; pattern: string }
  /** Inclusive; an open end is null. */
  | { keyword: string; kind: 'range'; from: string | null; to: string | null };

export interface LedgerQuery {
  matches: AttributeMatch[];
  limit: number;
  offset: number;
}

/** Why a study is to be analysed now. */
export type AnalysisReason = 'image-arrived' | 'quiet' | 'series-complete' | 'forced' | 'late-images';

/** A request to analyse what is held of a study. */
export interface AnalysisRequest {
  studyInstanceUid: string;
  /** SHA-256 over the instances: the same set asked for twice is one request. */
  instanceSetDigest: string;
  reason: AnalysisReason;
  priority: number;
  destinations: string[];
  requestedAt: Date;
}

export type AnalysisState = 'pending' | 'done' | 'failed' | 'superseded';

export interface LedgerAnalysis extends AnalysisRequest {
  state: AnalysisState;
  /** How often it was begun. One that was begun and neither settled nor failed was cut off. */
  attempts: number;
  /** Not to be tried again before this; null: at once. */
  notBefore: Date | null;
  /** Why the last attempt failed; null when none did. */
  failure: string | null;
}

/** What an analysis is named by. */
export type AnalysisKey = Pick<AnalysisRequest, 'studyInstanceUid' | 'instanceSetDigest'>;

/** What was received and what is to be done with it. The truth: anything else can be rebuilt from it. */
export interface Ledger {
  /** Durable when it settles. */
  recordInstance(instance: ReceivedInstance): Promise<RecordOutcome>;
  /** What is held under a UID, the first received first. */
  findInstances(sopInstanceUid: string): Promise<LedgerInstance[]>;
  instancesOfStudy(studyInstanceUid: string, seriesInstanceUid?: string): Promise<LedgerInstance[]>;
  searchStudies(query: LedgerQuery): Promise<LedgerStudy[]>;
  searchSeries(studyInstanceUid: string | null, query: LedgerQuery): Promise<LedgerSeries[]>;
  searchInstances(
    studyInstanceUid: string | null,
    seriesInstanceUid: string | null,
    query: LedgerQuery,
  ): Promise<LedgerInstance[]>;
  /** Asks for an analysis; earlier pending ones of the study are superseded. False when this very set was asked for. */
  requestAnalysis(request: AnalysisRequest): Promise<boolean>;
  pendingAnalyses(): Promise<LedgerAnalysis[]>;
  analysesOfStudy(studyInstanceUid: string): Promise<LedgerAnalysis[]>;
  /**
   * What a restart has to look at again: studies with images received since their last analysis was asked for, and those
   * of the last hour on record, as clocks differ and an image may be recorded while a request is made.
   */
  studiesWithoutAnalysis(): Promise<string[]>;
  /** Studies with an analysis that is done, nothing still to be reported or delivered, and something still held. */
  processedStudies(): Promise<string[]>;
  settleAnalysis(studyInstanceUid: string, instanceSetDigest: string, state: 'done' | 'failed'): Promise<void>;
  /** Counts an attempt before it is made, so that one that takes the process with it counts too. */
  beginAnalysis(analysis: AnalysisKey): Promise<void>;
  /** Takes back an attempt that was stopped by ourselves: it says nothing about the study. */
  releaseAnalysis(analysis: AnalysisKey): Promise<void>;
  /** Notes why an attempt failed and when to try again; without a time it is not tried again. */
  failAnalysis(analysis: AnalysisKey, failure: string, retryAt: Date | null): Promise<void>;
  /** Failed analyses, newest first: for people to look at. */
  failedAnalyses(): Promise<LedgerAnalysis[]>;
  /** Starts a failed analysis anew, its attempts forgotten. False when there is none that failed. */
  retryAnalysis(analysis: AnalysisKey): Promise<boolean>;
  /** Notes that the bytes of an instance are gone; it stays on record. */
  markRemoved(instance: Pick<StoredInstance, 'sopInstanceUid' | 'sha256'>, at: Date): Promise<void>;
  close(): Promise<void>;
}
