import type { Socket } from 'node:net';
import { FragmentSender } from './fragment-sender.js';
import type { Abort, AssociateAccept, AssociateReject, AssociateRequest, ControlPdu } from './pdu.js';
import { encodeControlPdu } from './pdu-encode.js';
import { PduReader } from './pdu-reader.js';
import { PeerWatchdog } from './peer-watchdog.js';
import { ABORT_REASON, type AbortReason, type EndCause, InvalidPduError } from './protocol-errors.js';
import type { UpperLayerListener, UpperLayerOptions } from './upper-layer-options.js';
import { type Action, actionFor, STATE, type State, stateAfter, type UpperLayerEvent } from './upper-layer-states.js';

/** Bytes taken and thrown away after our A-ABORT, so that the peer can read it before the connection goes. [design] */
const MAX_DISCARDED_BYTES = 4 * 1024 * 1024;
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
  readonly #sender: FragmentSender;
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

  constructor(options: UpperLayerOptions, listener: UpperLayerListener) {
    this.#socket = options.socket;
    this.#options = options;
    this.#listener = listener;
    this.#sender = new FragmentSender(options.socket);
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
    this.#sender.peerMaxPduLength = peerMaxPduLength;
    this.#happen('local-accept', () => this.#write(encodeControlPdu(answer)));
  }

  rejectAssociation(answer: AssociateReject): void {
    this.#happen('local-reject', () => this.#write(encodeControlPdu(answer)));
  }

  /** Requestor: what the peer said it takes. */
  setPeerMaxPduLength(bytes: number): void {
    this.#sender.peerMaxPduLength = bytes;
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
   * Sends one stretch of a command or data set.
   *
   * @returns false when the transport is behind: await `drained` before sending more
   */
  sendData(contextId: number, isCommand: boolean, bytes: Uint8Array, isLast: boolean): boolean {
    this.#happen('local-data', () => this.#sender.send(contextId, isCommand, bytes, isLast));
    return !this.#socket.writableNeedDrain;
  }

  /** Settles when the transport takes bytes again, or is gone. */
  drained(): Promise<void> {
    return this.#sender.drained();
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
        clearTimeout(this.#artim);
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
    this.abort(this.#watchdog.explain(verdict));
  }

  #startArtim(): void {
    clearTimeout(this.#artim);
    this.#artim = setTimeout(() => {
      if (actionFor(this.#state, 'artim-expired')) this.#happen('artim-expired');
      else this.abort(`the peer did not answer in ${this.#options.patience.artimMs} ms`);
      if (this.#state === STATE.idle) this.#socket.destroy();
    }, this.#options.patience.artimMs);
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
    clearTimeout(this.#artim);
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
