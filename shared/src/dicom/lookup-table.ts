import type { Dataset } from './dataset.js';

/** A table of values for consecutive inputs; inputs beyond its ends take its first or last value. */
export interface LookupTable {
  readonly firstInput: number;
  readonly values: Float64Array;
  /** Bits of each value: the largest output is 2 ** bits - 1. */
  readonly bits: number;
}

/** Entries when the descriptor says 0. Source: PS3.3 C.11.1.1.1. */
const FULL_TABLE = 65_536;

/**
 * Reads LUT Descriptor and LUT Data of one item of a Modality or VOI LUT Sequence.
 *
 * @returns null when the item holds no usable table
 * Source: PS3.3 C.11.1.1.1
 */
export function readLookupTable(item: Dataset): LookupTable | null {
  const [length = 0, firstInput = 0, bits = 16] = item.numbers('LUTDescriptor');
  const entries = length === 0 ? FULL_TABLE : length;
  const words = item.numbers('LUTData');
  const values =
    words.length < entries ? unpackBytes(words, entries, bits) : Float64Array.from(words.slice(0, entries));
  if (values.length < entries || bits < 1 || bits > 16) return null;
  return { firstInput, values, bits };
}

/** Eight-bit entries may be packed two to a word, the first in the low byte. */
function unpackBytes(words: readonly number[], entries: number, bits: number): Float64Array {
  if (bits > 8 || words.length * 2 < entries) return new Float64Array(0);
  return Float64Array.from({ length: entries }, (_, at) => (words[at >> 1]! >> (8 * (at & 1))) & 0xff);
}

/** The output for one input. */
export function lookUp(table: LookupTable, input: number): number {
  const at = Math.min(Math.max(Math.round(input - table.firstInput), 0), table.values.length - 1);
  return table.values[at]!;
}
