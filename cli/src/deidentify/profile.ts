import { hexTag, lookUpTag } from '@pce/reporter/core/data-dictionary';
import {
  BASIC_PROFILE,
  type BasicAction,
  DESCRIPTORS,
  DEVICE_IDENTITY,
  PATIENT_CHARACTERISTICS,
} from './profile-table.js';

/** Options of PS3.15 section E.3 a user chooses. Structured content and graphics are always cleaned. */
export interface ProfileOptions {
  readonly retainUids: boolean;
  /** Dates move by the same days within a patient; times stay. */
  readonly shiftDates: boolean;
  readonly retainPatientCharacteristics: boolean;
  readonly retainDeviceIdentity: boolean;
  readonly cleanDescriptors: boolean;
}

/** What becomes of an element. */
export type Action =
  | 'remove'
  | 'empty'
  | 'dummy'
  | 'keep'
  | 'map-uid'
  | 'shift'
  | 'clean-words'
  | 'cap-age'
  | 'pseudonym'
  /** A sequence: its items' elements by their own rules. */
  | 'items'
  /** The same, and what would be kept becomes a dummy. */
  | 'dummy-items';

const ACTIONS: ReadonlyMap<string, BasicAction> = new Map(
  (Object.entries(BASIC_PROFILE) as [BasicAction, string][]).flatMap(([action, tags]) =>
    tagsIn(tags).map((tag) => [tag, action] as const),
  ),
);
const DEVICE = new Set(tagsIn(DEVICE_IDENTITY));
const CHARACTERISTICS = new Set(tagsIn(PATIENT_CHARACTERISTICS));
const DESCRIPTIVE = new Set(tagsIn(DESCRIPTORS));
const PSEUDONYMOUS = new Set(['00100010', '00100020', '00080050']);
/** Dates that the modified dates option does not keep: of birth, and of where somebody was. */
const NEVER_SHIFTED = new Set(['00100030', '00100032', '00160077', '00080106', '00080107']);
/** Written anew by us. Source: PS3.15 section E.1.1, steps 6 and 7. */
const OURS = new Set(['00120062', '00120063', '00120064', '00280303']);
/** Sequences whose items are cleaned in place: Clean Structured Content, Clean Graphics, references between images. */
const CLEANED_SEQUENCES = new Set(['0040a730', '00700001', '00081111', '00081140', '00082112']);
/** Of type 3 where images have it: an empty sequence would be worse than none. */
const REMOVED_SEQUENCES = new Set(['00081110']);
const TEXT_VALUE = '0040a160';
const PATIENT_AGE = '00101010';
/** Without a rule of their own these may hold anything. */
const FREE_VRS = new Set(['PN', 'AE', 'ST', 'LT', 'UT', 'UC', 'UR', 'UN', 'DA', 'DT', 'TM']);
/** What an implementation or a terminology is called is no identity of anybody. Source: PS3.15 section E.3.9. */
const CLASS_UID = /(ClassUID|TransferSyntaxUID|CodingSchemeUID|ContextUID|MappingResourceUID|ExtensionCreatorUID)$/;
const PIXEL_GROUP = 0x7fe0;

/**
 * The rule for an element. What the dictionary does not know is removed, and so are private attributes, curves,
 * overlays, group lengths and what stands after the pixels.
 *
 * Source: PS3.15 section E.2 and table E.1-1
 */
export function actionFor(tag: number, vr: string, options: ProfileOptions): Action {
  const name = hexTag(tag);
  const entry = lookUpTag(tag);
  if (entry === null || isRemovedGroup(tag) || OURS.has(name)) return 'remove';
  if (vr === 'UN' && entry.vr === 'SQ') return 'remove';
  if (PSEUDONYMOUS.has(name)) return 'pseudonym';
  if (options.retainPatientCharacteristics && CHARACTERISTICS.has(name))
    return name === PATIENT_AGE ? 'cap-age' : 'keep';
  if (options.retainDeviceIdentity && DEVICE.has(name) && vr !== 'SQ') return 'keep';
  if (options.shiftDates && ['DA', 'DT', 'TM'].includes(entry.vr) && !NEVER_SHIFTED.has(name)) return 'shift';
  if (options.cleanDescriptors && DESCRIPTIVE.has(name) && vr !== 'SQ') return 'clean-words';
  const basic = ACTIONS.get(name);
  if (vr === 'UI' || entry.vr === 'UI') {
    return CLASS_UID.test(entry.keyword) && basic !== 'U' ? 'keep' : basic === 'X' ? 'remove' : 'map-uid';
  }
  return vr === 'SQ' ? sequenceAction(name, basic) : valueAction(name, basic, vr === 'UN' ? entry.vr : vr);
}

/** For attributes that may be of any type a dummy conforms always, nothing at all only sometimes. */
function valueAction(name: string, basic: BasicAction | undefined, vr: string): Action {
  if (basic === 'X') return 'remove';
  if (basic === 'Z' || basic === 'X/Z') return 'empty';
  if (basic !== undefined) return 'dummy';
  if (name === TEXT_VALUE) return 'clean-words';
  return FREE_VRS.has(vr) ? 'remove' : 'keep';
}

function sequenceAction(name: string, basic: BasicAction | undefined): Action {
  if (CLEANED_SEQUENCES.has(name)) return 'items';
  if (basic === 'X' || REMOVED_SEQUENCES.has(name)) return 'remove';
  if (basic === 'Z' || basic === 'X/Z') return 'empty';
  return basic === undefined ? 'items' : 'dummy-items';
}

function isRemovedGroup(tag: number): boolean {
  const [group, element] = [Math.floor(tag / 0x10000), tag % 0x10000];
  const isPrivate = group % 2 === 1;
  const isCurveOrOverlay = (group & 0xff00) === 0x5000 || (group & 0xff00) === 0x6000;
  return isPrivate || isCurveOrOverlay || group < 0x0008 || element === 0 || group > PIXEL_GROUP;
}

function tagsIn(text: string): string[] {
  return text.trim().split(/\s+/);
}
