import { isUid } from '@pce/shared/dicom/uid';
import { characterCount } from './clean-text.js';
import { DS_MAX_LENGTH } from './decimal-string.js';

/** A value checked against its VR: null when it conforms, else what was expected. */
type ValueRule = (value: unknown) => string | null;

/** Control characters, and surrogates that belong to no pair. */
const CONTROL = /[\p{Cc}\p{Cs}]/u;
/** Texts of several lines may hold tab, line feed, form feed and carriage return. Source: PS3.5 section 6.1.3. */
const CONTROL_BUT_LAYOUT = /(?![\t\n\f\r])[\p{Cc}\p{Cs}]/u;
const DECIMAL_FORM = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const TIME_FORM = /^([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?$/;
const DATE_TIME_FORM = /^\d{4}(\d{2}(\d{2}(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?)?)?([+-]\d{4})?$/;
const PERSON_NAME_GROUPS = 3;
const PERSON_NAME_COMPONENTS = 5;
const PERSON_NAME_GROUP_LENGTH = 64;

/** Whether YYYYMMDD is a day of the calendar. Source: PS3.5 section 6.2, VR DA. */
export function isDate(text: string): boolean {
  if (!/^\d{8}$/.test(text)) return false;
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)].map(Number) as [
    number,
    number,
    number,
  ];
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Whether a text is HHMMSS.FFFFFF or a leading part of it. Source: PS3.5 section 6.2, VR TM. */
export function isTime(text: string): boolean {
  return TIME_FORM.test(text);
}

/** Whether a text has at most three groups of at most five components. Source: PS3.5 section 6.2.1. */
export function isPersonName(text: string): boolean {
  const groups = text.split('=');
  return (
    groups.length <= PERSON_NAME_GROUPS &&
    groups.every((group) => characterCount(group) <= PERSON_NAME_GROUP_LENGTH) &&
    groups.every((group) => group.split('^').length <= PERSON_NAME_COMPONENTS) &&
    isLine(text)
  );
}

const isLine = (text: string): boolean => !CONTROL.test(text) && !text.includes('\\');

const text =
  (expected: string, holds: (value: string) => boolean): ValueRule =>
  (value) =>
    typeof value === 'string' && holds(value) ? null : expected;
const line = (length: number): ValueRule =>
  text(`at most ${length} characters of one line`, (value) => characterCount(value) <= length && isLine(value));
const lines = (length: number): ValueRule =>
  text(`at most ${length} characters`, (value) => characterCount(value) <= length && !CONTROL_BUT_LAYOUT.test(value));
const integer =
  (least: number, most: number): ValueRule =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? null
      : `an integer from ${least} to ${most}`;
const real: ValueRule = (value) => (Number.isFinite(value) ? null : 'a finite number');
const bytes: ValueRule = (value) =>
  value instanceof Uint8Array && value.length % 2 === 0 ? null : 'bytes of even length';

/** Longest unlimited text. Source: PS3.5 section 6.2, VR UT. */
const UNLIMITED = 2 ** 32 - 2;

/** The rule of every VR we write. Source: PS3.5 table 6.2-1. */
const VALUE_RULES: Readonly<Record<string, ValueRule>> = {
  AE: text('at most 16 characters of the default repertoire', (value) => /^[\x20-\x5b\x5d-\x7e]{1,16}$/.test(value)),
  AS: text('nnnD, nnnW, nnnM or nnnY', (value) => /^\d{3}[DWMY]$/.test(value)),
  AT: integer(0, 2 ** 32 - 1),
  CS: text('at most 16 of A-Z, 0-9, space and underscore', (value) => /^[A-Z0-9 _]{1,16}$/.test(value)),
  DA: text('YYYYMMDD', isDate),
  DS: text(
    `a decimal string of at most ${DS_MAX_LENGTH} characters`,
    (value) => value.length <= DS_MAX_LENGTH && DECIMAL_FORM.test(value),
  ),
  DT: text('YYYYMMDDHHMMSS.FFFFFF&ZZXX', (value) => value.length <= 26 && DATE_TIME_FORM.test(value)),
  FD: real,
  FL: (value) => (Number.isFinite(Math.fround(value as number)) ? null : 'a finite single-precision number'),
  IS: text(
    'an integer string of at most 12 characters',
    (value) => /^[+-]?\d{1,11}$/.test(value) && Math.abs(Number(value)) < 2 ** 31,
  ),
  LO: line(64),
  LT: lines(10240),
  OB: bytes,
  OW: bytes,
  PN: text('at most three groups of at most 64 characters in five components', isPersonName),
  SH: line(16),
  SL: integer(-(2 ** 31), 2 ** 31 - 1),
  SS: integer(-(2 ** 15), 2 ** 15 - 1),
  ST: lines(1024),
  TM: text('HHMMSS.FFFFFF', isTime),
  UC: text('one line', isLine),
  UI: text('a UID', isUid),
  UL: integer(0, 2 ** 32 - 1),
  US: integer(0, 2 ** 16 - 1),
  UT: lines(UNLIMITED),
};

/**
 * What is wrong with a value of a VR.
 *
 * @returns null when it conforms, else what was expected
 * Source: PS3.5 table 6.2-1
 */
export function expectedInstead(vr: string, value: unknown): string | null {
  const rule = VALUE_RULES[vr];
  return rule ? rule(value) : `a VR we write, not ${vr}`;
}
