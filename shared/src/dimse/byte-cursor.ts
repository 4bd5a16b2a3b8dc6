import { InvalidPduError } from './protocol-errors.js';

/**
 * Reads big-endian fields from a bounded piece of a PDU. Every read is checked against the end, so that a length
 * which lies cannot reach beyond the bytes received.
 */
export class ByteCursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws InvalidPduError when fewer than `length` bytes are left */
  take(length: number, what: string): Buffer {
    if (length > this.remaining) {
      throw new InvalidPduError('invalid-parameter-value', what, `${length} bytes`, `${this.remaining} bytes left`);
    }
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  uint8(what: string): number {
    return this.take(1, what)[0] as number;
  }

  uint16(what: string): number {
    return this.take(2, what).readUInt16BE(0);
  }

  uint32(what: string): number {
    return this.take(4, what).readUInt32BE(0);
  }

  skip(length: number, what: string): void {
    this.take(length, what);
  }

  /** Text without the spaces and NULs that pad it. */
  text(length: number, what: string): string {
    return trimPadding(this.take(length, what).toString('latin1'));
  }

  rest(): Buffer {
    return this.take(this.remaining, 'rest');
  }
}

/** Removes leading and trailing spaces and trailing NULs: AE titles are space padded, some peers pad UIDs with NUL. */
export function trimPadding(text: string): string {
  let end = text.length;
  while (end > 0 && (text.charCodeAt(end - 1) === 0 || text.charCodeAt(end - 1) === 0x20)) end -= 1;
  let start = 0;
  while (start < end && text.charCodeAt(start) === 0x20) start += 1;
  return text.slice(start, end);
}
