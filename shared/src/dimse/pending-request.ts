import type { Command } from './command.js';
import { PeerTimeoutError } from './protocol-errors.js';
import type { ReadGate } from './read-gate.js';

/** One response, with its data set when it has one. */
export interface DimseResponse {
  command: Command;
  dataset: Buffer | null;
}

/** Responses that may wait to be taken before the peer is made to wait. [design] */
const HIGH_WATER_RESPONSES = 64;

/** The responses to one request of ours, in the order they come. */
export class PendingRequest {
  readonly #gate: ReadGate;
  readonly #timeoutMs: number;
  readonly #onTimeout: (error: PeerTimeoutError) => void;
  readonly #waiting: DimseResponse[] = [];
  #isHolding = false;
  #failure: { error: unknown } | null = null;
  #take: { resolve: (response: DimseResponse) => void; reject: (error: unknown) => void } | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(gate: ReadGate, timeoutMs: number, onTimeout: (error: PeerTimeoutError) => void) {
    this.#gate = gate;
    this.#timeoutMs = timeoutMs;
    this.#onTimeout = onTimeout;
  }

  /** Starts, or starts again, the time the peer has for its next response. */
  startTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#onTimeout(new PeerTimeoutError('a response', this.#timeoutMs)),
      this.#timeoutMs,
    );
  }

  push(response: DimseResponse): void {
    clearTimeout(this.#timer);
    if (this.#take) {
      this.#take.resolve(response);
      this.#take = null;
      return;
    }
    this.#waiting.push(response);
    if (this.#waiting.length >= HIGH_WATER_RESPONSES && !this.#isHolding) {
      this.#isHolding = true;
      this.#gate.hold();
    }
  }

  fail(error: unknown): void {
    clearTimeout(this.#timer);
    this.#failure ??= { error };
    this.#take?.reject(error);
    this.#take = null;
  }

  /** The next response; rejects when the association ends before it comes. */
  async next(): Promise<DimseResponse> {
    const waiting = this.#waiting.shift();
    if (this.#isHolding && this.#waiting.length === 0) this.#letGo();
    if (waiting) return waiting;
    if (this.#failure) throw this.#failure.error;
    return new Promise((resolve, reject) => {
      this.#take = { resolve, reject };
    });
  }

  /** Nobody waits for the rest. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#isHolding) this.#letGo();
  }

  #letGo(): void {
    this.#isHolding = false;
    this.#gate.release();
  }
}
