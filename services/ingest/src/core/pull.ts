/** Matching keys by keyword, such as `{ AccessionNumber: 'A1' }` or `{ StudyDate: '20260101-20260131' }`. */
export type PullQuery = Readonly<Record<string, string>>;

/** One study that was found elsewhere and what came of fetching it. */
export interface PulledStudy {
  studyInstanceUid: string;
  /** Instances that are safe here. With C-MOVE: that the PACS says it has sent. */
  completed: number;
  failed: number;
  /** DIMSE or HTTP status of the retrieval. */
  status: number;
}

/** The other side did not do what it was asked for. */
export class PullError extends Error {
  override readonly name = 'PullError';
}
