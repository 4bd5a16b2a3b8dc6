import { lookUpTag } from '@pce/reporter/core/data-dictionary';
import { cleanWords } from './clean-words.js';
import type { DicomElement, DicomElements } from './element-tree.js';
import type { IdentifyingValues } from './identifying-values.js';
import { type Action, actionFor, type ProfileOptions } from './profile.js';
import type { Pseudonyms } from './pseudonyms.js';
import { shiftDate } from './shift-date.js';

/** What cleaning a data set depends on. */
export interface Cleaning {
  readonly options: ProfileOptions;
  readonly pseudonyms: Pseudonyms;
  /** Of the patient the file is about. */
  readonly patientPseudonym: string;
  readonly dayShift: number;
  readonly identity: IdentifyingValues;
  /** Told of each UID replaced. */
  readonly mapped: (original: string, replacement: string) => void;
}

/** Stands for a text that must be there. */
const DUMMY_TEXT = 'REMOVED';
/** Dummy values by VR; all others get the text. Source: PS3.5 section 6.2 for their form. */
const DUMMIES: Readonly<Record<string, string>> = {
  DA: '19000101',
  DT: '19000101000000',
  TM: '000000',
  IS: '0',
  DS: '0',
  AS: '000Y',
};
const TEXT_VRS = new Set(['AE', 'CS', 'LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
/** UIDs of the standard itself name nobody. */
const STANDARD_ROOT = '1.2.840.10008.';
/** Ages above are told as this one. Source: 45 CFR 164.514(b)(2)(i)(C). */
const MOST_YEARS = 90;
const [PATIENT_NAME, PATIENT_ID] = [0x00100010, 0x00100020];

/** Where a data set stands. */
interface Place {
  /** The sequence it is an item of, 0 for the file's own. */
  readonly parentTag: number;
  /** What would be kept becomes a dummy. */
  readonly mustBeDummy: boolean;
}

const TOP: Place = { parentTag: 0, mustBeDummy: false };
/** Referenced Request Sequence of a report, in which an order's attributes have to be, empty or not (type 2). */
const REFERENCED_REQUEST = 0x0040a370;
/** Source: PS3.3 C.17.2, referenced studies, procedure and order numbers. */
const TYPE_2_OF_REQUEST = new Set([0x00081110, 0x00321060, 0x00401001, 0x00402016, 0x00402017]);

/** The elements that may be shown to others: see `profile.ts` for the rules. */
export function cleanElements(elements: DicomElements, cleaning: Cleaning, place = TOP): DicomElement[] {
  return elements.flatMap((element) => {
    const action = settle(actionFor(element.tag, element.vr, cleaning.options), element, place);
    const cleaned = apply(action, element, cleaning);
    if (cleaned === null) return [];
    // A name repeated where no rule looks for it, whatever the attribute.
    if (!cleaning.identity.isIn(cleaned)) return [cleaned];
    return TEXT_VRS.has(cleaned.vr) ? [withText(cleaned, DUMMY_TEXT)] : [];
  });
}

function settle(action: Action, { tag, value }: DicomElement, { parentTag, mustBeDummy }: Place): Action {
  if (action === 'remove' && parentTag === REFERENCED_REQUEST && TYPE_2_OF_REQUEST.has(tag)) return 'empty';
  const isSequence = !(value instanceof Uint8Array);
  if (isSequence && !['items', 'dummy-items', 'remove', 'empty'].includes(action)) return 'dummy-items';
  if (!isSequence && (action === 'items' || action === 'dummy-items')) return 'remove';
  if (!mustBeDummy) return action;
  return action === 'items' ? 'dummy-items' : ['keep', 'clean-words'].includes(action) ? 'dummy' : action;
}

function apply(action: Action, element: DicomElement, cleaning: Cleaning): DicomElement | null {
  const { value } = element;
  if (action === 'remove') return null;
  if (!(value instanceof Uint8Array)) {
    const place = { parentTag: element.tag, mustBeDummy: action === 'dummy-items' };
    const items = action === 'empty' ? [] : value.map((item) => cleanElements(item, cleaning, place));
    return { ...element, value: items };
  }
  const text = textOf(value);
  switch (action) {
    case 'keep':
      return element;
    case 'empty':
      return { ...settledVr(element), value: new Uint8Array(0) };
    case 'map-uid':
      return cleaning.options.retainUids ? element : withText(element, mapUids(text, cleaning));
    case 'shift':
      return shifted(element, text, cleaning);
    case 'clean-words':
      return withText(element, cleanWords(text).slice(0, longest(element)) || DUMMY_TEXT);
    case 'cap-age':
      return withText(element, cappedAge(text));
    case 'pseudonym':
      return withText(element, pseudonym(element.tag, text, cleaning));
    default:
      return dummy(element);
  }
}

function mapUids(text: string, { pseudonyms, mapped }: Cleaning): string {
  const replaced = text.split('\\').map((uid) => {
    if (uid === '' || uid.startsWith(STANDARD_ROOT)) return uid;
    const replacement = pseudonyms.uid(uid);
    mapped(uid, replacement);
    return replacement;
  });
  return replaced.join('\\');
}

function shifted(element: DicomElement, text: string, { dayShift }: Cleaning): DicomElement | null {
  const isTime = element.vr === 'TM' || lookUpTag(element.tag)?.vr === 'TM';
  const values = text.split('\\').map((one) => {
    const plain = one.trim();
    if (plain === '') return '';
    if (isTime) return /^\d{2,6}(\.\d{1,6})?$/.test(plain) ? plain : null;
    return shiftDate(plain, dayShift);
  });
  return values.includes(null) ? dummy(element) : withText(element, values.join('\\'));
}

function cappedAge(text: string): string {
  const years = /^(\d{3})Y$/.exec(text);
  if (years) return Number(years[1]) >= MOST_YEARS ? `0${MOST_YEARS}Y` : text;
  return /^\d{3}[DWM]$/.test(text) ? text : '';
}

function pseudonym(tag: number, text: string, { pseudonyms, patientPseudonym }: Cleaning): string {
  if (tag === PATIENT_NAME) return `${patientPseudonym}^`;
  if (tag === PATIENT_ID) return patientPseudonym;
  return text === '' ? '' : pseudonyms.name('accession', text);
}

function dummy(element: DicomElement): DicomElement | null {
  const { vr, value } = settledVr(element);
  const known = DUMMIES[vr];
  if (known !== undefined) return withText(element, known);
  // A name without "^" is of a retired form.
  if (TEXT_VRS.has(vr)) return withText(element, vr === 'PN' ? `${DUMMY_TEXT}^` : DUMMY_TEXT);
  // Numbers in binary become zero; what has no form of its own goes.
  const isNumber = ['US', 'SS', 'UL', 'SL', 'FL', 'FD', 'UV', 'SV'].includes(vr);
  return isNumber ? { ...element, value: new Uint8Array(value.length) } : null;
}

/** An element of unknown VR gets the dictionary's, now that its value is ours. */
function settledVr(element: DicomElement): DicomElement {
  return element.vr === 'UN' ? { ...element, vr: lookUpTag(element.tag)?.vr ?? 'UN' } : element;
}

function withText(element: DicomElement, text: string): DicomElement {
  const settled = settledVr(element);
  const padding = settled.vr === 'UI' ? '\0' : ' ';
  return { ...settled, value: Buffer.from(text.length % 2 === 0 ? text : text + padding, 'latin1') };
}

/** Most characters of a text by VR. Source: PS3.5 section 6.2. */
function longest({ vr }: DicomElement): number {
  return { SH: 16, CS: 16, LO: 64, PN: 64 }[vr] ?? 1024;
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value)
    .toString('latin1')
    .replace(/[\0 ]+$/, '');
}
