import type { ReportedObject } from '@pce/shared/ports/delivery-ledger';

/** A stored object to send. */
export interface ParcelObject extends ReportedObject {
  transferSyntaxUid: string;
  /** The whole stored file. */
  read(): Promise<Uint8Array>;
  /** Sent instead when the receiver refuses this one's SOP class. */
  fallback: ParcelObject | null;
}

/** One delivery as its destination sees it: what was acknowledged earlier is not in it any more. */
export interface Parcel {
  deliveryId: string;
  resultId: string;
  studyInstanceUid: string;
  objects: readonly ParcelObject[];
  /** For destinations that take messages. */
  message: string | null;
}

/** The receiver's word about one object. */
export interface ObjectReport {
  sopInstanceUid: string;
  state: 'acknowledged' | 'refused' | 'replaced';
  /** DIMSE or HTTP status. */
  status: number | null;
}

/** What became of sending a parcel. `detail` goes to the ledger: no patient data. */
export type SendOutcome = { objects: ObjectReport[]; detail: string } & (
  | { kind: 'accepted' }
  /** The receiver will not have it, now or later. */
  | { kind: 'refused' }
  /** The receiver answered, and cannot take it now. */
  | { kind: 'troubled' }
  /** No answer; what was sent before may be there or not. */
  | { kind: 'unreachable'; isPerhapsSent: boolean }
);

/** The outcome for a destination of messages for which none was made: it was none when the result was reported. */
export const NO_MESSAGE: SendOutcome = {
  kind: 'refused',
  objects: [],
  detail: 'no message was made for this destination when the result was reported',
};

/** An object the receiver is asked to commit to. */
export type CommittedReference = Pick<ReportedObject, 'sopClassUid' | 'sopInstanceUid'>;

/** A receiver's answer to a request for storage commitment. Source: PS3.4 table J.3-2. */
export interface CommitmentReport {
  transactionUid: string;
  committed: string[];
  failed: { sopInstanceUid: string; reason: number | null }[];
}

/** What became of asking for storage commitment. */
export type CommitmentAnswer =
  /** The request was taken; a report follows, or came already. */
  { kind: 'asked'; report: CommitmentReport | null } | { kind: 'not-asked'; detail: string };

/** One receiver. */
export interface Destination {
  send(parcel: Parcel, signal: AbortSignal): Promise<SendOutcome>;
  /** Absent: acknowledged is delivered. */
  commitment?: {
    /** How long to wait for a report. */
    waitMs: number;
    maxRequests: number;
    ask(
      references: readonly CommittedReference[],
      transactionUid: string,
      signal: AbortSignal,
    ): Promise<CommitmentAnswer>;
  };
}
