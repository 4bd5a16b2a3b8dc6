/** One object made of a result: stored under its UIDs, never written anew. */
export interface ReportedObject {
  /** What it is, such as "sr" or "gsps". */
  kind: string;
  sopClassUid: string;
  sopInstanceUid: string;
  seriesInstanceUid: string;
  studyInstanceUid: string;
  /** Words of a destination's own in its series description; absent: the usual ones. */
  seriesDescription?: string;
}

/** What a destination is to get of a result. */
export interface PlannedDelivery {
  destination: string;
  /** SOP Instance UIDs of the objects to send, in this order; none for messages. */
  objects: string[];
  /** Objects to send instead of those a receiver refuses, by the UID of the refused one. */
  fallbacks: Record<string, string>;
  /** The message to send, byte for byte at every attempt; null for objects. */
  message: string | null;
  /** Why nothing is sent, such as a filter that does not let the result pass; null: it is sent. */
  skipped: string | null;
  /** Why it cannot be sent as things are: it can be asked for again. */
  failed?: string;
}

/**
 * `waiting`: to be sent, perhaps after a rest. `awaiting-commitment`: the receiver has acknowledged everything and is
 * asked to commit. `delivered`: committed where commitment is on, acknowledged otherwise. `failed`: given up.
 * `cancelled`: a newer result came before anything was sent. `skipped`: the destination does not want it.
 */
export type DeliveryState = 'waiting' | 'awaiting-commitment' | 'delivered' | 'failed' | 'cancelled' | 'skipped';

/** `reserve`: only sent when what it stands in for is refused. `replaced`: its fallback was sent instead. */
export type DeliveredObjectState = 'reserve' | 'waiting' | 'acknowledged' | 'committed' | 'refused' | 'replaced';

/** How far one object of a delivery has come. */
export interface DeliveredObject {
  sopInstanceUid: string;
  /** UID of the object it stands in for. */
  fallbackOf: string | null;
  state: DeliveredObjectState;
  /** DIMSE or HTTP status of the receiver's last word about it; null when there was none. */
  status: number | null;
}

/** A result on its way to a destination, or there. */
export interface Delivery {
  /** Named by result and destination. */
  deliveryId: string;
  resultId: string;
  studyInstanceUid: string;
  destination: string;
  /** Place in its destination's queue. */
  sequence: number;
  state: DeliveryState;
  plannedAt: Date;
  /** When it was last asked for again; null: never. */
  askedAgainAt: Date | null;
  /** When it was delivered, given up, cancelled or skipped. */
  settledAt: Date | null;
  /** Attempts since it was planned or asked for again. */
  attempts: number;
  /** Not to be tried, nor asked about, before this; null: at once. */
  notBefore: Date | null;
  /** Something of it may be at the receiver. */
  isPerhapsSent: boolean;
  /** Transaction UID of the storage commitment that was asked for. */
  commitmentUid: string | null;
  /** How often commitment was asked for since the last attempt. */
  commitmentRequests: number;
  /** Why the last attempt failed, or why it was skipped or cancelled. */
  reason: string | null;
  message: string | null;
  objects: DeliveredObject[];
}

/** What one attempt came to. */
export type AttemptOutcome =
  | 'delivered'
  | 'awaiting-commitment'
  | 'retry'
  | 'failed'
  /** The process ended before the attempt did: what the receiver got is not known. */
  | 'cut-off';

/** One attempt, as it is kept for ever. */
export interface DeliveryAttempt {
  number: number;
  startedAt: Date;
  endedAt: Date | null;
  outcome: AttemptOutcome;
  /** In words, without patient data. */
  detail: string;
  objects: { sopInstanceUid: string; status: number | null }[];
}

/** What is to be noted at the end of an attempt or of a commitment. */
export interface DeliveryStep {
  state: DeliveryState;
  at: Date;
  notBefore: Date | null;
  isPerhapsSent: boolean;
  commitmentUid: string | null;
  commitmentRequests: number;
  reason: string | null;
  /** Objects whose state changed. */
  objects: DeliveredObject[];
}

/** The queue of one destination. */
export interface Lane {
  destination: string;
  /** Attempts in a row that found the destination dead or in trouble. */
  failures: number;
  /** The circuit breaker is open until then; null: closed. */
  pausedUntil: Date | null;
  lastFailure: string | null;
  lastSuccessAt: Date | null;
}

/** A lane with the numbers of its deliveries. */
export interface LaneSummary extends Lane {
  counts: Record<DeliveryState, number>;
  oldestWaitingAt: Date | null;
}

/** What deliveries to look for; all conditions hold. */
export interface DeliveryFilter {
  deliveryId?: string;
  resultId?: string;
  studyInstanceUid?: string;
  destination?: string;
  states?: readonly DeliveryState[];
}

/** What stands between a result and its report. */
export interface ReportTrouble {
  resultId: string;
  attempts: number;
  failure: string;
  retryAt: Date | null;
}

/** What became of a result: its objects, and for each destination a delivery with every attempt. */
export interface DeliveryLedger {
  /**
   * Notes the objects of a result, plans its deliveries, cancels those of the results it replaces of which nothing was
   * sent, and marks it as reported: all or nothing.
   *
   * @returns 'superseded', and nothing noted, when a newer result of the study has come
   */
  recordReport(
    resultId: string,
    objects: readonly ReportedObject[],
    deliveries: readonly PlannedDelivery[],
    at: Date,
  ): Promise<'recorded' | 'already-recorded' | 'superseded'>;
  objectsOfResult(resultId: string): Promise<ReportedObject[]>;
  noteReportTrouble(trouble: ReportTrouble): Promise<void>;
  reportTroubles(): Promise<ReportTrouble[]>;
  /** The head of a destination's queue, due or not. */
  nextWaiting(destination: string): Promise<Delivery | null>;
  /** Deliveries that wait for the receiver to commit, oldest first. */
  awaitingCommitment(destination: string): Promise<Delivery[]>;
  /** The delivery that asked for a commitment. */
  findByCommitment(commitmentUid: string): Promise<Delivery | null>;
  /** Destinations with anything waiting or awaiting commitment. */
  unsettledDestinations(): Promise<string[]>;
  /**
   * Notes that an attempt is about to be made, as one that was cut off until it is ended. Gives its number, or null
   * when the delivery does not wait any more: a newer result has come, or another process was faster.
   */
  beginAttempt(deliveryId: string, at: Date): Promise<number | null>;
  /** The next attempt of a delivery begins where this one leaves it. */
  endAttempt(deliveryId: string, attempt: Omit<DeliveryAttempt, 'startedAt'>, step: DeliveryStep): Promise<void>;
  /**
   * A step that is no attempt: commitment asked for, granted, refused or not answered.
   *
   * @param commitmentUid what the step was decided on; false, and nothing noted, when it has changed or is over
   */
  takeStep(deliveryId: string, step: DeliveryStep, commitmentUid: string | null): Promise<boolean>;
  attempts(deliveryId: string): Promise<DeliveryAttempt[]>;
  /** Newest first. */
  searchDeliveries(filter: DeliveryFilter, limit: number, offset: number): Promise<Delivery[]>;
  /** Sends again what is failed, cancelled or delivered: the same bytes. Gives the destinations concerned. */
  redeliver(filter: DeliveryFilter, at: Date): Promise<{ count: number; destinations: string[] }>;
  lane(destination: string): Promise<Lane>;
  setLane(lane: Lane): Promise<void>;
  lanes(): Promise<LaneSummary[]>;
}
