import { type ControlPdu, MAX_CONTROL_PDU_BYTES, PDU_HEADER_BYTES, PDU_TYPE, PDV_HEADER_BYTES } from './pdu.js';
import { decodeControlPdu } from './pdu-decode.js';
import { InvalidPduError } from './protocol-errors.js';

/** A stretch of one fragment, as it came from the transport. The bytes are a view: valid for as long as they are held. */
export interface DataPiece {
  contextId: number;
  isCommand: boolean;
  /** Whether this piece ends the last fragment of the command or data set. */
  isEnd: boolean;
  bytes: Buffer;
}

/** Takes what the reader finds, in order and synchronously. */
export interface PduListener {
  /** A P-DATA-TF header was read; throwing stops the reader before any of its content is taken. */
  dataTransferStarted(): void;
  piece(piece: DataPiece): void;
  control(pdu: ControlPdu): void;
}

type Stage = 'header' | 'control' | 'pdv-header' | 'fragment';

/**
 * Cuts a byte stream into PDUs. Control PDUs are collected (up to MAX_CONTROL_PDU_BYTES); fragments of P-DATA-TF are
 * handed on as they come, without copying or collecting, so that memory does not depend on what a peer announces.
 */
export class PduReader {
  readonly #listener: PduListener;
  readonly #maxDataBytes: number;
  readonly #header = Buffer.alloc(PDU_HEADER_BYTES);
  #stage: Stage = 'header';
  #filled = 0;
  #type = 0;
  #control: Buffer = Buffer.alloc(0);
  /** Bytes of the current P-DATA-TF PDU still to come, PDV headers included. */
  #pduLeft = 0;
  #fragmentLeft = 0;
  #contextId = 0;
  #isCommand = false;
  #isLast = false;

  /** @param maxDataBytes largest variable field of a P-DATA-TF PDU, as announced to the peer */
  constructor(listener: PduListener, maxDataBytes: number) {
    this.#listener = listener;
    this.#maxDataBytes = maxDataBytes;
  }

  /** Whether the stream stopped in the middle of a PDU. */
  get isMidPdu(): boolean {
    return this.#stage !== 'header' || this.#filled > 0;
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @throws InvalidPduError when the stream breaks PS3.8; the reader must not be used afterwards
   */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#stage === 'fragment') at = this.#readFragment(chunk, at);
      else if (this.#stage === 'control') at = this.#readControl(chunk, at);
      else at = this.#readHeader(chunk, at);
    }
  }

  #readHeader(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#header, this.#filled, at, at + PDU_HEADER_BYTES - this.#filled);
    this.#filled += copied;
    if (this.#filled === PDU_HEADER_BYTES) {
      this.#filled = 0;
      if (this.#stage === 'header') this.#startPdu();
      else this.#startFragment();
    }
    return at + copied;
  }

  #startPdu(): void {
    this.#type = this.#header[0] as number;
    const length = this.#header.readUInt32BE(2);
    if (this.#type === PDU_TYPE.dataTransfer) {
      if (length > this.#maxDataBytes) throw tooLong('P-DATA-TF', this.#maxDataBytes, length);
      if (length < PDV_HEADER_BYTES) throw wrongLength('P-DATA-TF', `at least ${PDV_HEADER_BYTES} bytes`, length);
      this.#listener.dataTransferStarted();
      this.#pduLeft = length;
      this.#stage = 'pdv-header';
      return;
    }
    if (this.#type < PDU_TYPE.associateRequest || this.#type > PDU_TYPE.abort) {
      throw new InvalidPduError('unrecognized-pdu', 'PDU type', '1 to 7', String(this.#type));
    }
    if (length > MAX_CONTROL_PDU_BYTES) throw tooLong(`PDU type ${this.#type}`, MAX_CONTROL_PDU_BYTES, length);
    if (length === 0) throw wrongLength(`PDU type ${this.#type}`, 'content', length);
    this.#control = Buffer.allocUnsafe(length);
    this.#stage = 'control';
  }

  #readControl(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#control, this.#filled, at);
    this.#filled += copied;
    if (this.#filled === this.#control.length) {
      const body = this.#control;
      this.#control = Buffer.alloc(0);
      this.#filled = 0;
      this.#stage = 'header';
      this.#listener.control(decodeControlPdu(this.#type, body));
    }
    return at + copied;
  }

  #startFragment(): void {
    // PS3.8 table 9-23: the item length counts the context id and the control header, not itself.
    const itemLength = this.#header.readUInt32BE(0);
    const room = this.#pduLeft - 4;
    if (itemLength < 2 || itemLength > room) throw wrongLength('PDV', `2 to ${room} bytes`, itemLength);
    this.#contextId = this.#header[4] as number;
    const control = this.#header[5] as number;
    this.#isCommand = (control & 1) === 1;
    this.#isLast = (control & 2) === 2;
    this.#pduLeft -= PDV_HEADER_BYTES;
    this.#fragmentLeft = itemLength - 2;
    this.#stage = 'fragment';
    if (this.#fragmentLeft === 0) this.#endFragment(Buffer.alloc(0));
  }

  #readFragment(chunk: Buffer, at: number): number {
    const length = Math.min(this.#fragmentLeft, chunk.length - at);
    const bytes = chunk.subarray(at, at + length);
    this.#fragmentLeft -= length;
    this.#pduLeft -= length;
    if (this.#fragmentLeft === 0) this.#endFragment(bytes);
    else this.#emit(bytes, false);
    return at + length;
  }

  #endFragment(bytes: Buffer): void {
    if (this.#pduLeft > 0 && this.#pduLeft < PDV_HEADER_BYTES) {
      throw wrongLength('PDV', `at least ${PDV_HEADER_BYTES} bytes left in the PDU`, this.#pduLeft);
    }
    this.#stage = this.#pduLeft === 0 ? 'header' : 'pdv-header';
    this.#emit(bytes, this.#isLast);
  }

  #emit(bytes: Buffer, isEnd: boolean): void {
    if (bytes.length === 0 && !isEnd) return;
    this.#listener.piece({ contextId: this.#contextId, isCommand: this.#isCommand, isEnd, bytes });
  }
}

function tooLong(what: string, limit: number, received: number): InvalidPduError {
  return new InvalidPduError('invalid-parameter-value', `${what} length`, `at most ${limit} bytes`, String(received));
}

function wrongLength(what: string, expected: string, received: number): InvalidPduError {
  return new InvalidPduError('invalid-parameter-value', `${what} length`, expected, `${received} bytes`);
}
