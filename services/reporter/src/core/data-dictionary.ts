import { data as dcmjs } from 'dcmjs';

/** What PS3.6 says of an attribute. */
export interface DictionaryEntry {
  readonly keyword: string;
  /** As in the data dictionary of dcmjs: "xs", "ox" and "lt" where PS3.6 allows several. */
  readonly vr: string;
}

const known = new Map<number, DictionaryEntry | null>();

/** The entry of a standard attribute, or null for one we do not know. Source: PS3.6 section 6, as dcmjs has it. */
export function lookUpTag(tag: number): DictionaryEntry | null {
  const cached = known.get(tag);
  if (cached !== undefined) return cached;
  const digits = hexTag(tag).toUpperCase();
  const entry = dcmjs.DicomMetaDictionary.dictionary[`(${digits.slice(0, 4)},${digits.slice(4)})`];
  const found = entry === undefined ? null : { keyword: entry.name, vr: entry.vr };
  known.set(tag, found);
  return found;
}

/** A tag as eight hexadecimal digits. */
export function hexTag(tag: number): string {
  return tag.toString(16).padStart(8, '0');
}
