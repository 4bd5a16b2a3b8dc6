/** What a reader thinks of a finding, or of the exam's answer as a whole; `open` takes an earlier verdict back. */
export const VERDICTS = ['accepted', 'rejected', 'open'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One reader's word on a finding or an exam. Reviews are added and never changed: the last one counts. */
export interface Review {
  reviewId: string;
  studyInstanceUid: string;
  resultId: string;
  /** Number of the finding within the result; null for the exam as a whole. */
  findingId: number | null;
  verdict: Verdict;
  /** Empty when nothing was said. */
  comment: string;
  userName: string;
  algorithm: string;
  algorithmVersion: string;
  reviewedAt: Date;
}

/** What readers said about results: the correction loop. */
export interface ReviewLedger {
  /** False when a review of this id was there already. */
  recordReview(review: Review): Promise<boolean>;
  /** The oldest first. */
  reviewsOfResult(resultId: string): Promise<Review[]>;
  /** The last review of each exam, by result; findings' own reviews are not among them. */
  examVerdicts(resultIds: readonly string[]): Promise<Map<string, Review>>;
  /** The last review of each finding and exam since a time, of every result, the oldest first. */
  lastReviewsSince(since: Date): Promise<Review[]>;
}
