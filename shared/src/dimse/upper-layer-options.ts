import type { Socket } from 'node:net';
import type { AssociateAccept, AssociateReject, AssociateRequest } from './pdu.js';
import type { DataPiece } from './pdu-reader.js';
import type { PeerPatience } from './peer-watchdog.js';
import type { EndCause } from './protocol-errors.js';

/** What the upper layer tells its user. Called synchronously; `ended` exactly once and last. */
export interface UpperLayerListener {
  associateRequested(request: AssociateRequest): void;
  associateAccepted(answer: AssociateAccept): void;
  associateRejected(answer: AssociateReject): void;
  piece(piece: DataPiece): void;
  /** The peer wants to release: answer with `replyRelease` once nothing is under way. */
  releaseRequested(): void;
  ended(cause: EndCause, detail: string): void;
}

export interface UpperLayerOptions {
  socket: Socket;
  isRequestor: boolean;
  /** Largest P-DATA-TF variable field we take. */
  maxPduLength: number;
  patience: PeerPatience;
  /** Whether an operation is under way, and whether a message has begun and not ended. */
  activity: () => { isBusy: boolean; isMidMessage: boolean };
}
