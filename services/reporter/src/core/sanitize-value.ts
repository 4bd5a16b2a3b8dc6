import { characterCount, cleanLine, cleanText, cutText } from './clean-text.js';
import { expectedInstead, isDate, isTime } from './value-rules.js';

/** A source value made fit: what to write (null: leave empty), and what was wrong with it, or null. */
export interface Sanitized {
  readonly value: string | null;
  readonly remark: { readonly expected: string; readonly action: string } | null;
}

/** How a source value of one kind is made fit. Never called with an empty value. */
export type Sanitizer = (value: string) => Sanitized;

const asIs = (value: string): Sanitized => ({ value, remark: null });
const changed = (value: string, expected: string, action: string): Sanitized => ({
  value,
  remark: { expected, action },
});
const dropped = (expected: string): Sanitized => ({ value: null, remark: { expected, action: 'left empty' } });

/**
 * An identifier is copied whole or not at all: a shortened or altered one could name somebody else.
 *
 * @param vr SH or LO
 */
export const identifier =
  (vr: 'SH' | 'LO'): Sanitizer =>
  (value) => {
    const trimmed = value.trim();
    const expected = expectedInstead(vr, trimmed);
    return expected === null ? asIs(trimmed) : dropped(expected);
  };

/** Free text of one line: forbidden characters become spaces, and it is cut to its longest length. */
export const freeLine =
  (length: number): Sanitizer =>
  (value) => {
    const cleaned = cutText(cleanLine(value), length);
    return cleaned === value.trim()
      ? asIs(cleaned)
      : changed(cleaned, `at most ${length} characters of one line`, 'cleaned');
  };

/** Free text of several lines. */
export const freeText =
  (length: number): Sanitizer =>
  (value) => {
    const cleaned = cutText(cleanText(value), length);
    return cleaned === value.trim() ? asIs(cleaned) : changed(cleaned, `at most ${length} characters`, 'cleaned');
  };

/** A name keeps its first three groups, five components each, 64 characters each. Source: PS3.5 section 6.2.1. */
export const personName: Sanitizer = (value) => {
  const groups = cleanLine(value).split('=').slice(0, 3);
  const cleaned = groups.map((group) => cutText(group.split('^').slice(0, 5).join('^'), 64)).join('=');
  return cleaned === value.trim()
    ? asIs(cleaned)
    : changed(cleaned, 'three groups of five components, 64 characters each', 'cleaned');
};

/** A calendar day; the old form with dots is rewritten. Source: PS3.5 section 6.2, VR DA. */
export const date: Sanitizer = (value) => {
  const trimmed = value.trim();
  if (isDate(trimmed)) return asIs(trimmed);
  const digits = /^(\d{4})[.-](\d{2})[.-](\d{2})$/.exec(trimmed)?.slice(1).join('') ?? '';
  return isDate(digits) ? changed(digits, 'YYYYMMDD', 'rewritten') : dropped('YYYYMMDD');
};

/** A time of day; the old form with colons is rewritten. Source: PS3.5 section 6.2, VR TM. */
export const time: Sanitizer = (value) => {
  const trimmed = value.trim();
  if (isTime(trimmed)) return asIs(trimmed);
  const digits = trimmed.replaceAll(':', '');
  return isTime(digits) ? changed(digits, 'HHMMSS.FFFFFF', 'rewritten') : dropped('HHMMSS.FFFFFF');
};

/** One of a few words; lower case is rewritten. */
export const oneOf =
  (words: readonly string[]): Sanitizer =>
  (value) => {
    const trimmed = value.trim();
    if (words.includes(trimmed)) return asIs(trimmed);
    const upper = trimmed.toUpperCase();
    return words.includes(upper)
      ? changed(upper, `one of ${words.join(', ')}`, 'rewritten')
      : dropped(`one of ${words.join(', ')}`);
  };

/** A value that is copied when it conforms to its VR and else left out, such as a number or a UID. */
export const conforming =
  (vr: string): Sanitizer =>
  (value) => {
    const trimmed = value.trim();
    const expected = expectedInstead(vr, trimmed);
    return expected === null ? asIs(trimmed) : dropped(expected);
  };

/** What a remark tells about a value: its length, never its content. */
export function describeReceived(value: string): string {
  return `${characterCount(value)} characters`;
}
