/** A PACS to screen from. */
export interface Archive {
  /** Study Instance UIDs of what meets the query. @throws when it does not answer or refuses */
  find(query: Readonly<Record<string, string>>): Promise<Iterable<string>>;
  /**
   * Brings all images of a study into a folder, as DICOM files.
   *
   * @throws when the connection is lost on the way
   */
  retrieve(studyInstanceUid: string, folder: string): Promise<Retrieval>;
  /** Whether it is there at all. Never throws. */
  answers(): Promise<boolean>;
  close(): Promise<void>;
}

export interface Retrieval {
  readonly completed: number;
  readonly failed: number;
  /** DIMSE or HTTP status. */
  readonly status: number;
}
