/** An element of the DICOM JSON model. Source: PS3.18 annex F. */
export interface DicomJsonElement {
  vr: string;
  Value?: unknown[];
}

/** A data set in the DICOM JSON model, by tag such as "00741000". */
export type DicomJsonDataset = Record<string, DicomJsonElement>;

/** A Unified Procedure Step: a task, and how far it is. Source: PS3.4 annex CC. */
export interface WorkItem {
  sopInstanceUid: string;
  /** Everything but the Transaction UID. */
  attributes: DicomJsonDataset;
  /** Known to whoever has claimed it alone. */
  transactionUid: string | null;
  /** Counts changes: a change is made to what was read, or not at all. */
  version: number;
}

/** Who wants to hear of a work item, or of all of them. */
export interface WorkItemSubscription {
  aeTitle: string;
  /** SOP Instance UID of a work item, or a well-known UID for all. */
  target: string;
}

/** The tasks and who wants to hear of them. */
export interface WorkItemLedger {
  /** False when there is one with that UID. */
  create(item: Omit<WorkItem, 'version'>): Promise<boolean>;
  find(sopInstanceUid: string): Promise<WorkItem | null>;
  /** False when somebody else has changed it since it was read. */
  replace(item: WorkItem): Promise<boolean>;
  /** The last created first. */
  all(limit: number): Promise<WorkItem[]>;
  subscribe(subscription: WorkItemSubscription): Promise<void>;
  unsubscribe(subscription: WorkItemSubscription): Promise<void>;
  subscriptions(): Promise<WorkItemSubscription[]>;
}
