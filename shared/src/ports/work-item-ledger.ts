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

/**
 * A condition on the values of an attribute, which may be in sequences: `path` has a tag for each level.
 * Source: PS3.4 section C.2.2.2.
 */
export type WorkItemMatch = { path: string[] } /** One of these, each perhaps with wildcards. */ & (
  | { kind: 'any-of'; patterns: string[] }
  /** Both ends included; what begins like the last end is still within. */
  | { kind: 'range'; from: string | null; to: string | null }
);

/** Somebody who wants to hear of all work items that are made from now on, or of those that meet every condition. */
export interface GlobalSubscription {
  aeTitle: string;
  filter: WorkItemMatch[];
}

/** The tasks and who wants to hear of them. */
export interface WorkItemLedger {
  /** False when there is one with that UID. */
  create(item: Omit<WorkItem, 'version'>): Promise<boolean>;
  find(sopInstanceUid: string): Promise<WorkItem | null>;
  /** False when somebody else has changed it since it was read. */
  replace(item: WorkItem): Promise<boolean>;
  /** Those that meet every condition, the last created first. */
  search(matches: readonly WorkItemMatch[], limit: number, offset: number): Promise<WorkItem[]>;
  /** To hear of one work item. */
  subscribe(aeTitle: string, sopInstanceUid: string): Promise<void>;
  unsubscribe(aeTitle: string, sopInstanceUid: string): Promise<void>;
  /** Who hears of a work item. */
  subscribersOf(sopInstanceUid: string): Promise<string[]>;
  /** Nobody hears of it any more. */
  endSubscriptionsOf(sopInstanceUid: string): Promise<void>;
  /**
   * To hear of new ones, in place of the global subscription there was, and of those there are that meet the filter.
   *
   * @param existing what of those there are has to meet beside the filter
   * @returns UIDs of those there are that are subscribed to only now
   */
  subscribeToAll(subscription: GlobalSubscription, existing: readonly WorkItemMatch[]): Promise<string[]>;
  globalSubscriptions(): Promise<GlobalSubscription[]>;
  /** To hear of no new ones, but still of those subscribed to. */
  suspend(aeTitle: string): Promise<void>;
  /** To hear of nothing any more. */
  unsubscribeFromAll(aeTitle: string): Promise<void>;
}
