import { convertBytes } from 'dicom-character-set';

/** VRs whose text is affected by Specific Character Set. Source: PS3.5 section 6.1.2.2. */
const CHARACTER_SET_VRS = new Set(['SH', 'LO', 'UC', 'ST', 'LT', 'UT', 'PN']);

/** Terms as writers misspell them, and as PS3.3 C.12.1.1.2 spells them. */
const MISSPELLINGS: readonly [pattern: RegExp, term: string][] = [
  [/^ISO[ _-]?IR[ _-]?(\d+)$/i, 'ISO_IR $1'],
  [/^ISO[ _-]?2022[ _-]?IR[ _-]?(\d+)$/i, 'ISO 2022 IR $1'],
  [/^UTF[ _-]?8$/i, 'ISO_IR 192'],
  [/^GB[ _-]?18030$/i, 'GB18030'],
];
/** These stand alone. Source: PS3.3 C.12.1.1.2. */
const ALONE = new Set(['ISO_IR 192', 'GB18030', 'GBK']);

/** How the text of a data set is encoded. */
export interface TextDecoding {
  /** Values of Specific Character Set (0008,0005) as the file has them; empty for the default repertoire. */
  readonly terms: readonly string[];
  /** Set when the terms are not what DICOM defines, and something else is read instead. */
  readonly remark: string | null;
}

export const DEFAULT_REPERTOIRE: TextDecoding = { terms: [], remark: null };

/**
 * Prepares decoding by the values of Specific Character Set, single, multi-valued (ISO 2022) or absent.
 * Never throws: misspelt terms are mended, unknown ones taken for none, and the remark says so.
 *
 * Source: PS3.3 C.12.1.1.2.
 */
export function textDecodingFor(stated: readonly string[]): TextDecoding {
  if (stated.every((term) => term === '')) return DEFAULT_REPERTOIRE;
  const terms = mend(stated);
  const isAsStated = terms.join('\\') === stated.join('\\');
  try {
    convertBytes(terms.join('\\'), new Uint8Array(0), { vr: 'LO' });
    return { terms, remark: isAsStated ? null : `Specific Character Set is misspelt: read as ${terms.join('\\')}` };
  } catch {
    const remark =
      'Specific Character Set is not one DICOM defines: text was read as UTF-8 where it is that, else as Latin-1';
    return { terms: [], remark };
  }
}

function mend(stated: readonly string[]): string[] {
  const spelt = stated.map((term) => {
    const known = MISSPELLINGS.find(([pattern]) => pattern.test(term));
    return known === undefined ? term : term.replace(...known);
  });
  if (ALONE.has(spelt[0]!)) return [spelt[0]!];
  while (spelt.at(-1) === '') spelt.pop();
  return spelt;
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
