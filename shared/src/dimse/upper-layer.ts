import type { Socket } from 'node:net';
import {
  type Abort,
  type AssociateAccept,
  type AssociateReject,
  type AssociateRequest,
  type ControlPdu,
  PDV_HEADER_BYTES,
} from './pdu.js';
import { dataTransferHeader, encodeControlPdu } from './pdu-encode.js';
import { type DataPiece, PduReader } from './pdu-reader.js';
import { MIN_PROGRESS_BYTES, type PeerPatience, PeerWatchdog } from './peer-watchdog.js';
import { ABORT_REASON, type AbortReason, type EndCause, InvalidPduError } from './protocol-errors.js';
import { type Action, actionFor, STATE, type State, stateAfter, type UpperLayerEvent } from './upper-layer-states.js';

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

/** Bytes taken and thrown away after our A-ABORT, so that the peer can read it before the connection goes. [design] */
const MAX_DISCARDED_BYTES = 4 * 1024 * 1024;
/** Largest fragment we send even where the peer sets no limit. [design] */
const MAX_SENT_PDU_BYTES = 256 * 1024;
/** How often the watchdog looks, in parts of the shorter limit. */
const WATCH_DIVISOR = 4;

/**
 * One end of an association at the level of PS3.8: PDUs over a socket, the state machine and its timers. It neither
 * holds nor understands messages.
 */
export class UpperLayer {
  readonly #socket: Socket;
  readonly #options: UpperLayerOptions;
  readonly #listener: UpperLayerListener;
  readonly #reader: PduReader;
  readonly #watchdog: PeerWatchdog;
  readonly #watch: NodeJS.Timeout;
  #state: State = STATE.idle;
  #artim: NodeJS.Timeout | undefined;
  #isPaused = false;
  #isDeaf = false;
  #discardedBytes = 0;
  #hasEnded = false;
  #abortReason: AbortReason = 'unexpected-pdu';
  #abortDetail: string | undefined;
  #peerMaxPduLength = 0;

  constructor(options: UpperLayerOptions, listener: UpperLayerListener) {
    this.#socket = options.socket;
    this.#options = options;
    this.#listener = listener;
    this.#watchdog = new PeerWatchdog(options.patience);
    this.#reader = new PduReader(
      {
        dataTransferStarted: () => this.#happen('data-received'),
        piece: (piece) => {
          if (!this.#isDeaf) listener.piece(piece);
        },
        control: (pdu) => this.#controlReceived(pdu),
      },
      options.maxPduLength,
    );
    const { stallMs, idleMs } = options.patience;
    this.#watch = setInterval(() => this.#lookAtPeer(), Math.max(10, Math.min(stallMs, idleMs) / WATCH_DIVISOR));
    this.#listen();
  }

  get state(): State {
    return this.#state;
  }

  get isEstablished(): boolean {
    return this.#state === STATE.established;
  }

  /** Acceptor: the connection is there; waits for the request. */
  accept(): void {
    this.#happen('transport-opened');
  }

  /** Requestor: the connection is there; sends the request. */
  request(request: AssociateRequest): void {
    this.#state = STATE.awaitingTransport;
    this.#happen('transport-confirmed', () => this.#write(encodeControlPdu(request)));
  }

  acceptAssociation(answer: AssociateAccept, peerMaxPduLength: number): void {
    this.#peerMaxPduLength = peerMaxPduLength;
    this.#happen('local-accept', () => this.#write(encodeControlPdu(answer)));
  }

  rejectAssociation(answer: AssociateReject): void {
    this.#happen('local-reject', () => this.#write(encodeControlPdu(answer)));
  }

  /** Requestor: what the peer said it takes. */
  setPeerMaxPduLength(bytes: number): void {
    this.#peerMaxPduLength = bytes;
  }

  releaseAssociation(): void {
    this.#happen('local-release', () => this.#write(encodeControlPdu({ kind: 'release-request' })));
  }

  replyRelease(): void {
    this.#happen('local-release-reply', () => this.#write(encodeControlPdu({ kind: 'release-reply' })));
  }

  /** Ends the association at once, as the service user. */
  abort(detail: string): void {
    this.#abortDetail = detail;
    this.#happen('local-abort');
  }

  /** Ends the association at once, as the service provider: the peer broke the protocol. */
  abortForProtocolError(reason: AbortReason, detail: string): void {
    this.#abortReason = reason;
    this.#abortDetail = detail;
    this.#happen('invalid-pdu');
  }

  /**
   * Sends one stretch of a command or data set, cut into P-DATA-TF PDUs the peer takes.
   *
   * @returns false when the transport is behind: await `drained` before sending more
   */
  sendData(contextId: number, isCommand: boolean, bytes: Uint8Array, isLast: boolean): boolean {
    const largest = this.#largestFragment();
    this.#socket.cork();
    let at = 0;
    do {
      const end = Math.min(at + largest, bytes.length);
      const fragment = bytes.subarray(at, end);
      this.#happen('local-data', () => {
        this.#socket.write(dataTransferHeader(contextId, fragment.length, isCommand, isLast && end === bytes.length));
        if (fragment.length > 0) this.#socket.write(fragment);
      });
      at = end;
    } while (at < bytes.length);
    this.#socket.uncork();
    return !this.#socket.writableNeedDrain;
  }

  /** Settles when the transport takes bytes again, or is gone. */
  async drained(): Promise<void> {
    if (!this.#socket.writableNeedDrain || this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.once('drain', done).once('close', done);
    });
  }

  /** Stops reading from the peer, so that what is not taken stays in the network. */
  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  #largestFragment(): number {
    const limit = this.#peerMaxPduLength === 0 ? MAX_SENT_PDU_BYTES : this.#peerMaxPduLength;
    const largest = Math.min(limit, MAX_SENT_PDU_BYTES) - PDV_HEADER_BYTES;
    // PS3.8 annex E.1: fragments of even length, so that no value is cut between its bytes.
    return Math.max(2, largest - (largest % 2));
  }

  #listen(): void {
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => this.#received(chunk));
    this.#socket.on('error', (error) => this.#closed(error.message));
    this.#socket.on('end', () => this.#closed('the peer closed the connection'));
    this.#socket.on('close', () => this.#closed('the connection closed'));
  }

  #received(chunk: Buffer): void {
    if (this.#isDeaf) {
      this.#discardedBytes += chunk.length;
      if (this.#discardedBytes > MAX_DISCARDED_BYTES) this.#socket.destroy();
      return;
    }
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof InvalidPduError)) throw error;
      this.abortForProtocolError(error.reason, error.message);
    }
  }

  #controlReceived(pdu: ControlPdu): void {
    if (this.#isDeaf) return;
    switch (pdu.kind) {
      case 'associate-request':
        this.#happen('request-received', () => this.#listener.associateRequested(pdu));
        break;
      case 'associate-accept':
        this.#happen('accept-received', () => this.#listener.associateAccepted(pdu));
        break;
      case 'associate-reject':
        this.#happen('reject-received', () => this.#listener.associateRejected(pdu));
        break;
      case 'release-request':
        this.#happen('release-received');
        break;
      case 'release-reply':
        this.#happen('release-reply-received');
        break;
      case 'abort':
        this.#happen('abort-received');
        this.#end('aborted-by-peer', describeAbort(pdu));
        break;
    }
  }

  /** Takes an event to the state machine; `perform` is what the action does on behalf of the caller. */
  #happen(event: UpperLayerEvent, perform: () => void = () => {}): void {
    const action = actionFor(this.#state, event);
    if (action === undefined) return;
    this.#state = stateAfter(action, this.#options.isRequestor);
    this.#act(action, perform);
  }

  #act(action: Action, perform: () => void): void {
    switch (action) {
      case 'AE-5':
        this.#startArtim();
        break;
      case 'AE-2':
      case 'AR-1':
        this.#startArtim();
        perform();
        break;
      case 'AE-3':
      case 'AE-6':
        this.#stopArtim();
        perform();
        break;
      case 'AE-4':
        perform();
        this.#closeTransport();
        break;
      case 'AE-8':
      case 'AR-4':
        perform();
        this.#startArtim();
        this.#end(action === 'AR-4' ? 'released' : 'aborted-by-us', action === 'AR-4' ? 'by the peer' : 'rejected');
        break;
      case 'AR-2':
        this.#listener.releaseRequested();
        break;
      case 'AR-3':
        this.#closeTransport();
        this.#end('released', 'by us');
        break;
      case 'AR-8':
        if (this.#options.isRequestor) this.replyRelease();
        break;
      case 'AR-10':
        this.replyRelease();
        break;
      case 'AA-1':
      case 'AA-8':
        this.#abortPeer(action === 'AA-8');
        break;
      case 'AA-2':
      case 'AA-3':
        this.#closeTransport();
        break;
      case 'DT-1':
      case 'AE-7':
      case 'AR-7':
      case 'AR-9':
        perform();
        break;
      default:
        // DT-2, AR-6: pieces follow. AA-4, AA-5, AR-5: `#closed` does the rest. AA-6, AA-7: the abort is on its way.
        break;
    }
  }

  #abortPeer(isProvider: boolean): void {
    const detail = this.#abortDetail ?? 'the peer sent a PDU that is not expected now';
    const reason = isProvider ? ABORT_REASON[this.#abortReason] : 0;
    this.#isDeaf = true;
    this.#write(encodeControlPdu({ kind: 'abort', source: isProvider ? 2 : 0, reason }));
    this.#startArtim();
    this.#socket.end();
    // A paused socket would never notice that the peer has gone.
    this.#socket.resume();
    this.#end('aborted-by-us', detail);
  }

  #lookAtPeer(): void {
    const { isBusy, isMidMessage } = this.#options.activity();
    if (this.#state === STATE.awaitingRequest || this.#isDeaf) return;
    const verdict = this.#watchdog.observe({
      nowMs: performance.now(),
      bytesRead: this.#socket.bytesRead,
      bytesWritten: this.#socket.bytesWritten - this.#socket.writableLength,
      isWriteBlocked: this.#socket.writableLength > 0,
      isMidMessage: isMidMessage || this.#reader.isMidPdu,
      isBusy,
      isPaused: this.#isPaused,
    });
    if (verdict === 'fine') return;
    const details = {
      stalled: `the peer sent less than ${MIN_PROGRESS_BYTES} bytes of a message in ${this.#options.patience.stallMs} ms`,
      'not-reading': `the peer took none of our bytes in ${this.#options.patience.stallMs} ms`,
      idle: `nothing happened in ${this.#options.patience.idleMs} ms`,
    };
    this.abort(details[verdict]);
  }

  #startArtim(): void {
    this.#stopArtim();
    this.#artim = setTimeout(() => {
      if (actionFor(this.#state, 'artim-expired')) this.#happen('artim-expired');
      else this.abort(`the peer did not answer in ${this.#options.patience.artimMs} ms`);
      if (this.#state === STATE.idle) this.#socket.destroy();
    }, this.#options.patience.artimMs);
  }

  #stopArtim(): void {
    clearTimeout(this.#artim);
  }

  #write(bytes: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  #closeTransport(): void {
    this.#isDeaf = true;
    this.#socket.end();
    this.#socket.resume();
    this.#startArtim();
  }

  #closed(detail: string): void {
    this.#happen('transport-closed');
    this.#state = STATE.idle;
    this.#end('connection-lost', detail);
    this.#stopArtim();
    clearInterval(this.#watch);
    this.#socket.destroy();
  }

  #end(cause: EndCause, detail: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearInterval(this.#watch);
    this.#listener.ended(cause, detail);
  }
}

function describeAbort(pdu: Abort): string {
  return pdu.source === 2 ? `by its upper layer, reason ${pdu.reason}` : 'by its application';
}
