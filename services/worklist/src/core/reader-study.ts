import type { Review } from '@pce/shared/ports/review-ledger';

/** Something a reader saw that the analysis does not have. Marks are added and never changed: the last of an id counts. */
export interface ReaderMark {
  markId: string;
  studyInstanceUid: string;
  resultId: string;
  seriesInstanceUid: string;
  sopInstanceUid: string;
  /** From 1. */
  frameNumber: number;
  /** The centre of the top left pixel is 0.5, 0.5. Source: PS3.3 C.18.6.1. */
  columnPx: number;
  rowPx: number;
  comment: string;
  /** Taken back. */
  isWithdrawn: boolean;
  userName: string;
  markedAt: Date;
}

/** Reading for a study: what the one reader says is kept as labels before they are told that it is saved. */
export interface ReaderStudy {
  readerName: string;
  keepReview(review: Review): Promise<void>;
  keepMark(mark: ReaderMark): Promise<void>;
  /** In the order they were made, without those taken back. */
  marksOf(studyInstanceUid: string): readonly ReaderMark[];
}
