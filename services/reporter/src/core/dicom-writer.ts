import { parseUid, type TransferSyntaxUid } from '@pce/shared/dicom/uid';
import { type DicomJsonDataset, type DicomJsonElement, data as dcmjs } from 'dcmjs';
import { characterCount } from './clean-text.js';
import { uidFromParts } from './result-uid.js';
import { expectedInstead } from './value-rules.js';

/** One value, several, the items of a sequence, or empty for an attribute of type 2. */
export type AttributeValue = string | number | Uint8Array | readonly (string | number)[] | readonly Attributes[] | null;
/** Attributes by keyword. An absent attribute is undefined; an empty one is null, '' or []. */
export interface Attributes {
  readonly [keyword: string]: AttributeValue | undefined;
}

/** A value that DICOM does not allow for its attribute. Tells its form and length, never the value. */
export class DicomWriteError extends Error {
  override readonly name = 'DicomWriteError';
  constructor(
    readonly keyword: string,
    readonly expected: string,
    readonly received: string,
  ) {
    super(`${keyword}: expected ${expected}; received ${received}`);
  }
}

const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const IMPLEMENTATION_CLASS_UID = uidFromParts(['implementation', 'pce-reporter']);
const IMPLEMENTATION_VERSION_NAME = 'PCE_REPORTER';
const UTF_8 = 'ISO_IR 192';

/** The VR of an attribute the dictionary leaves open: numbers are unsigned unless one is not, tables are words. */
function settleVr(vr: string, values: readonly unknown[]): string {
  if (vr === 'xs') return values.some((value) => (value as number) < 0) ? 'SS' : 'US';
  return vr === 'ox' || vr === 'lt' ? 'OW' : vr;
}

const describe = (value: unknown): string =>
  typeof value === 'string' ? `${characterCount(value)} characters` : `a ${typeof value}`;

function lookUp(keyword: string): { tag: string; vr: string; vm: string } {
  const entry = dcmjs.DicomMetaDictionary.nameMap[keyword];
  if (!entry) throw new DicomWriteError(keyword, 'a keyword of the data dictionary', 'another word');
  return { tag: entry.tag.replace(/[(),]/g, ''), vr: entry.vr, vm: entry.vm };
}

function toValues(value: AttributeValue): readonly unknown[] {
  if (value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}

function encodeElement(keyword: string, value: AttributeValue): [string, DicomJsonElement] {
  const { tag, vr: dictionaryVr, vm } = lookUp(keyword);
  const values = toValues(value);
  const vr = settleVr(dictionaryVr, values);
  if (vr === 'SQ') return [tag, { vr, Value: values.map((item) => encodeAttributes(item as Attributes)) }];
  if (/^\d+$/.test(vm) && values.length > 0 && values.length !== Number(vm)) {
    throw new DicomWriteError(keyword, `${vm} value${vm === '1' ? '' : 's'}`, `${values.length}`);
  }
  for (const single of values) {
    const expected = expectedInstead(vr, single);
    if (expected !== null) throw new DicomWriteError(keyword, `${vr}, ${expected}`, describe(single));
  }
  return [tag, { vr, Value: values.map((single) => (single instanceof Uint8Array ? toArrayBuffer(single) : single)) }];
}

/** dcmjs writes binary values from array buffers only. */
function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

/** dcmjs puts the elements into the order of their tags. */
function encodeAttributes(attributes: Attributes): DicomJsonDataset {
  const present = Object.entries(attributes).filter(
    (entry): entry is [string, AttributeValue] => entry[1] !== undefined,
  );
  return Object.fromEntries(present.map(([keyword, value]) => encodeElement(keyword, value)));
}

function fileMeta(attributes: Attributes, transferSyntaxUid: TransferSyntaxUid): DicomJsonDataset {
  return {
    '00020001': { vr: 'OB', Value: [Uint8Array.of(0, 1).buffer] },
    ...encodeAttributes({
      MediaStorageSOPClassUID: attributes.SOPClassUID ?? null,
      MediaStorageSOPInstanceUID: attributes.SOPInstanceUID ?? null,
      TransferSyntaxUID: transferSyntaxUid,
      ImplementationClassUID: IMPLEMENTATION_CLASS_UID,
      ImplementationVersionName: IMPLEMENTATION_VERSION_NAME,
    }),
  };
}

/**
 * Writes a whole Part 10 file, Explicit VR Little Endian, text in UTF-8. dcmjs encodes; every value is checked
 * before, because dcmjs cuts, drops or lets pass what does not conform.
 *
 * @param attributes the data set by keyword; Specific Character Set is set here
 * @throws DicomWriteError on an unknown keyword, a value that breaks its VR, or too many values
 * Source: PS3.10 section 7.1, PS3.5
 */
export function writePart10(attributes: Attributes): Uint8Array {
  const file = new dcmjs.DicomDict(fileMeta(attributes, parseUid(EXPLICIT_VR_LITTLE_ENDIAN, 'TransferSyntaxUID')));
  file.dict = encodeAttributes({ ...attributes, SpecificCharacterSet: UTF_8 });
  return new Uint8Array(file.write());
}
