import type { ReadGate } from './read-gate.js';
import type { StoreSink } from './services.js';

/** Bytes that may wait for a sink before the peer is made to wait. [design] About two socket reads. */
const HIGH_WATER_BYTES = 128 * 1024;

type Writer = Pick<StoreSink, 'write'>;

/**
 * The data set of one message on its way from the socket to a writer. Pieces that come before the writer is known, or
 * while it is busy, wait here; the read gate keeps them few.
 */
export class InboundDataset {
  readonly #gate: ReadGate;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isHolding = false;
  #isBusy = false;
  #hasEnded = false;
  #writer: Writer | null = null;
  #failure: { error: unknown } | null = null;
  #settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;

  constructor(gate: ReadGate) {
    this.#gate = gate;
  }

  /** Takes the next bytes from the peer. */
  push(bytes: Buffer): void {
    if (this.#failure || bytes.length === 0) return;
    if (this.#writer && !this.#isBusy && this.#waiting.length === 0) {
      this.#write(bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > HIGH_WATER_BYTES) this.#hold();
  }

  /** The peer has sent everything. */
  end(): void {
    this.#hasEnded = true;
    this.#finishWhenDone();
  }

  /** The association ended in the middle. */
  fail(error: unknown): void {
    if (this.#failure || this.#hasEnded) return;
    this.#failure = { error };
    this.#letGo();
    this.#settle?.reject(error);
  }

  /**
   * Sends everything to `writer`.
   *
   * @returns settles when the last byte is written; rejects when the association ends first, or with what `write`
   * failed with: the rest of the data set is then taken from the peer and dropped
   */
  async pipeTo(writer: Writer): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    const done = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#writer = writer;
    this.#drain();
    await done;
  }

  #drain(): void {
    while (!this.#isBusy && this.#waiting.length > 0 && !this.#failure) {
      const bytes = this.#waiting.shift() as Buffer;
      this.#waitingBytes -= bytes.length;
      this.#write(bytes);
    }
    if (!this.#isBusy && this.#waiting.length === 0) this.#release();
    this.#finishWhenDone();
  }

  #write(bytes: Buffer): void {
    try {
      const written = this.#writer?.write(bytes);
      if (!written) return;
      this.#isBusy = true;
      this.#hold();
      written.then(
        () => {
          this.#isBusy = false;
          this.#drain();
        },
        (error) => this.#writeFailed(error),
      );
    } catch (error) {
      this.#writeFailed(error);
    }
  }

  #writeFailed(error: unknown): void {
    this.#isBusy = false;
    this.#failure ??= { error };
    this.#letGo();
    this.#settle?.reject(error);
  }

  #letGo(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#release();
  }

  #finishWhenDone(): void {
    if (this.#hasEnded && !this.#isBusy && this.#waiting.length === 0 && !this.#failure) this.#settle?.resolve();
  }

  #hold(): void {
    if (this.#isHolding) return;
    this.#isHolding = true;
    this.#gate.hold();
  }

  #release(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#gate.release();
  }
}

/** Everything a peer sends is dropped: the answer is a refusal. */
export const NOWHERE: Writer = { write: () => undefined };
