import { PixelDecodeError } from '../pixel-error.js';

/** Longest Huffman code, bits. Source: ITU-T T.81 annex C. */
const LONGEST_CODE = 16;

/** The one size of differences that has no further bits. Source: ITU-T T.81 table H.2. */
const WHOLE_RANGE = 16;

/** For each 16 bits a code can begin: the code's length in the high byte, its symbol in the low; 0 for no code. */
export type HuffmanTable = Uint16Array;

/**
 * @param counts codes of each length, 1 to 16 bits
 * @param symbols in order of their codes
 * Source: ITU-T T.81 C.2.
 */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(1 << LONGEST_CODE);
  let from = 0;
  let next = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    const width = 1 << (LONGEST_CODE - length);
    for (let n = counts[length - 1]!; n > 0 && from + width <= table.length; n--, next++, from += width) {
      table.fill((length << 8) | symbols[next]!, from, from + width);
    }
  }
  return table;
}

/** Reads the entropy-coded data of one scan bit by bit. */
export class EntropyReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;
  /** Zero bytes given where the data had ended. */
  #missing = 0;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** Decodes one symbol. @throws PixelDecodeError on a code no table holds, or where the data has ended */
  symbol(table: HuffmanTable): number {
    if (this.#count < LONGEST_CODE) this.#fill();
    const entry = table[(this.#bits >>> (this.#count - LONGEST_CODE)) & 0xffff]!;
    this.#count -= entry >> 8;
    // What is looked at ahead may be missing, not what is used.
    if (entry === 0 || this.#missing * 8 > this.#count) throw endedEarly();
    return entry & 0xff;
  }

  /** Reads a value of `size` bits, at most 15, and extends its sign. Source: ITU-T T.81 F.2.2.1, EXTEND. */
  signedValue(size: number): number {
    if (size === 0) return 0;
    if (this.#count < size) this.#fill();
    this.#count -= size;
    if (this.#missing * 8 > this.#count) throw endedEarly();
    const value = (this.#bits >>> this.#count) & ((1 << size) - 1);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  /** Decodes a difference of the lossless process. Source: ITU-T T.81 H.1.2.2. */
  difference(table: HuffmanTable): number {
    const size = this.symbol(table);
    return size === WHOLE_RANGE ? 2 ** 15 : this.signedValue(size);
  }

  /** Goes on after the next restart marker. @throws PixelDecodeError when there is none */
  restart(): void {
    this.#bits = 0;
    this.#count = 0;
    const marker = this.#bytes[this.#at + 1] ?? 0;
    if (this.#bytes[this.#at] !== 0xff || marker < 0xd0 || marker > 0xd7) throw endedEarly();
    this.#at += 2;
    this.#missing = 0;
  }

  /** Makes at least 17 bits available. Stops before a marker; the zero after a 0xff is stuffing. */
  #fill(): void {
    while (this.#count <= LONGEST_CODE) {
      const byte = this.#bytes[this.#at];
      const isEnd = byte === undefined || (byte === 0xff && this.#bytes[this.#at + 1] !== 0);
      this.#bits = (this.#bits << 8) | (isEnd ? 0 : byte);
      this.#count += 8;
      if (isEnd) this.#missing += 1;
      else this.#at += byte === 0xff ? 2 : 1;
    }
  }
}

function endedEarly(): PixelDecodeError {
  return new PixelDecodeError('JPEG frame', 'data of the whole image', 'data that ends before or is damaged');
}
