import type { Keyword } from './tag.js';

/**
 * Read access to the attributes of one DICOM data set, by keyword.
 *
 * Text comes decoded by the data set's Specific Character Set, without padding. An absent attribute
 * and an empty one both read as `undefined` or an empty list; a malformed number reads as absent from
 * `number` and `numbers`.
 */
export interface Dataset {
  /** Whether the attribute is present, empty or not. */
  has(keyword: Keyword): boolean;
  /** First value as text, or undefined when absent or empty. */
  string(keyword: Keyword): string | undefined;
  /** All values as text; empty when absent. */
  strings(keyword: Keyword): string[];
  /** First value as a number (DS, IS, US, SS, UL, SL, FL, FD, AT excluded), or undefined. */
  number(keyword: Keyword): number | undefined;
  /** All values as numbers; empty when absent or when any value is malformed. */
  numbers(keyword: Keyword): number[];
  /** Items of a sequence; empty when absent. */
  items(keyword: Keyword): Dataset[];
  /** The undecoded value bytes, or undefined when absent. Never Pixel Data: see `pixel-data.ts`. */
  bytes(keyword: Keyword): Uint8Array | undefined;
}
