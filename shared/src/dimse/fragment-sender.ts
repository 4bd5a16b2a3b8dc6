import type { Socket } from 'node:net';
import { PDV_HEADER_BYTES } from './pdu.js';
import { dataTransferHeader } from './pdu-encode.js';

/** Largest PDU we send even where the peer sets no limit. [design] */
const MAX_SENT_PDU_BYTES = 256 * 1024;

/** Cuts what is sent into P-DATA-TF PDUs the peer takes; each goes out in one write. */
export class FragmentSender {
  readonly #socket: Socket;
  /** As the peer announced it; 0 means no limit. */
  peerMaxPduLength = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(contextId: number, isCommand: boolean, bytes: Uint8Array, isLast: boolean): void {
    const largest = this.#largestFragment();
    let at = 0;
    do {
      const end = Math.min(at + largest, bytes.length);
      this.#socket.cork();
      this.#socket.write(dataTransferHeader(contextId, end - at, isCommand, isLast && end === bytes.length));
      if (end > at) this.#socket.write(bytes.subarray(at, end));
      this.#socket.uncork();
      at = end;
    } while (at < bytes.length);
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

  #largestFragment(): number {
    const limit = this.peerMaxPduLength === 0 ? MAX_SENT_PDU_BYTES : this.peerMaxPduLength;
    const largest = Math.min(limit, MAX_SENT_PDU_BYTES) - PDV_HEADER_BYTES;
    // PS3.8 annex E.1: fragments of even length, so that no value is cut between its bytes.
    return Math.max(2, largest - (largest % 2));
  }
}
