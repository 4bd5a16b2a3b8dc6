import { convertBytes } from 'dicom-character-set';

/** VRs whose text is affected by Specific Character Set. Source: PS3.5 section 6.1.2.2. */
const CHARACTER_SET_VRS = new Set(['SH', 'LO', 'UC', 'ST', 'LT', 'UT', 'PN']);

/** Used where a file names no character set, or one we do not know: a superset of the default repertoire. */
const FALLBACK = 'ISO_IR 100';

/** How the text of a data set is encoded. */
export interface TextDecoding {
  /** Values of Specific Character Set (0008,0005) as the file has them; empty for the default repertoire. */
  readonly terms: readonly string[];
  /** Set when a term is unknown and Latin-1 is used instead. */
  readonly remark: string | null;
}

export const DEFAULT_REPERTOIRE: TextDecoding = { terms: [], remark: null };

/**
 * Prepares decoding by the values of Specific Character Set, single, multi-valued (ISO 2022) or absent.
 * Never throws: an unknown term is remarked on and read as Latin-1.
 *
 * Source: PS3.3 C.12.1.1.2.
 */
export function textDecodingFor(terms: readonly string[]): TextDecoding {
  if (terms.every((term) => term === '')) return DEFAULT_REPERTOIRE;
  try {
    convertBytes(terms.join('\\'), new Uint8Array(0), { vr: 'LO' });
    return { terms, remark: null };
  } catch {
    return { terms: [FALLBACK], remark: 'Specific Character Set is not one DICOM defines: text was read as Latin-1' };
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80 && byte !== 0x1b);

/**
 * Decodes the bytes of one element, all its values with their separators.
 *
 * @param vr decides whether the character set applies and what resets an ISO 2022 escape
 */
export function decodeText(bytes: Uint8Array, vr: string, decoding: TextDecoding): string {
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (!CHARACTER_SET_VRS.has(vr)) return Buffer.from(bytes).toString('latin1');
  if (decoding.terms.length === 0) return decodeUndeclared(bytes);
  try {
    return convertBytes(decoding.terms.join('\\'), bytes, { vr });
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/** Text beyond the default repertoire without a character set: UTF-8 if it is that, else Latin-1. */
function decodeUndeclared(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}
