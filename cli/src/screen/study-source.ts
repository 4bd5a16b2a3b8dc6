import type { Reason } from '@pce/shared/contracts/exam-outcome';
import type { ScanProgress } from './index-studies.js';
import type { IndexedStudy } from './indexed-instance.js';
import type { Problem } from './problem.js';

/** What the listing of a source tells while it goes. */
export interface ListListener {
  /** @param number running number of the input, the same in every listing of the same input */
  problem(problem: Problem, number: number): Promise<void> | void;
  progress(progress: ScanProgress): void;
  /** Asked between inputs: true ends the listing. */
  stopped(): boolean;
}

/** Where studies come from: folders and archives, or a PACS. */
export interface StudySource {
  list(listener: ListListener): Promise<StudyList>;
  /** Ends what the source keeps open. */
  close(): Promise<void>;
}

export interface StudyList {
  /** Sorted by Study Instance UID. */
  readonly studies: readonly SourcedStudy[];
  /** Files looked at and instances among them; null when they are fetched study by study. */
  readonly files: number | null;
  readonly instances: number | null;
}

/** A study that was found and can be had. */
export interface SourcedStudy {
  readonly studyInstanceUid: string;
  /** Changes when the study's files do; null when only fetching it can tell. */
  readonly inputDigest: string | null;
  /** Brings the images within reach. What cannot be had is a failure in the value; it throws only when stopped. */
  fetch(signal: AbortSignal): Promise<FetchedStudy>;
}

export interface FetchedStudy {
  readonly study: IndexedStudy;
  /** What went wrong with single files. */
  readonly problems: readonly Problem[];
  /** Why there are no images; null when there are. */
  readonly failure: Reason | null;
  /** Removes what was brought here. */
  release(): Promise<void>;
}

/** Failure code of a study that the PACS did not give: the one kind of answer that `--resume` asks for again. */
export const NOT_FETCHED = 'not-fetched';
