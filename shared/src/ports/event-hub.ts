/** What may change about a study. */
export type StudyEventKind =
  | 'received'
  | 'analysis-requested'
  | 'analysed'
  | 'analysis-failed'
  | 'reported'
  | 'delivered'
  | 'delivery-failed'
  | 'reviewed';

/** Something changed about a study: look at the ledger. No patient data. */
export interface StudyEvent {
  kind: StudyEventKind;
  studyInstanceUid: string;
}

/** Tells whoever looks on that something changed, in every process. An event may be lost, or come twice. */
export interface EventHub<Event = StudyEvent> {
  publish(event: Event): void;
  /** @returns ends the subscription */
  subscribe(listener: (event: Event) => void): () => void;
  close(): Promise<void>;
}
