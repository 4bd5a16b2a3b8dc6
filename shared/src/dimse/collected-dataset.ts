import { InvalidMessageError } from './protocol-errors.js';

/** Largest data set that is held in memory: identifiers and storage commitment lists. [design] 100,000 instances fit. */
export const MAX_COLLECTED_BYTES = 16 * 1024 * 1024;

/** Holds a small data set as a whole. */
export class CollectedDataset {
  #parts: Uint8Array[] = [];
  #length = 0;

  /** @throws InvalidMessageError when it grows beyond MAX_COLLECTED_BYTES */
  write(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length > MAX_COLLECTED_BYTES) {
      throw new InvalidMessageError('Data set', `at most ${MAX_COLLECTED_BYTES} bytes`, 'more');
    }
    // A view would keep the whole socket read alive for a few bytes.
    this.#parts.push(Uint8Array.from(bytes));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
