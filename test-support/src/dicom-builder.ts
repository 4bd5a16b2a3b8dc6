import { deflateRawSync } from 'node:zlib';
import { data as dcmjs } from 'dcmjs';
import { encodeValue, LONG_LENGTH_VRS } from './dicom-values.js';
import { uidFromSeed } from './uid-from-seed.js';

export const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1.99';
export const EXPLICIT_VR_BIG_ENDIAN = '1.2.840.10008.1.2.2';

const IMPLEMENTATION_CLASS_UID = uidFromSeed('pce test-support dicom-builder');
const IMPLEMENTATION_VERSION_NAME = 'PCE_TEST_SUPPORT';
/** Element and item length "runs to a delimiter". Source: PS3.5 section 7.5. */
const UNDEFINED_LENGTH = 0xffffffff;
const PIXEL_DATA_TAG = 0x7fe00010;

/** Attributes by keyword: a value, an array of values, bytes, or for a sequence an array of the same. */
export type DicomAttributes = { readonly [keyword: string]: unknown };

export interface BuildDicomOptions {
  /** @default Explicit VR Little Endian */
  readonly transferSyntaxUid?: string;
  /**
   * The data set. A key may also be a tag, `x00291010`, with `{ vr, value }`, for private or odd elements. Text is
   * Latin-1, or UTF-8 when SpecificCharacterSet is ISO_IR 192; give bytes for anything else.
   */
  readonly attributes: DicomAttributes;
  /** Native: the bytes as they go into the file. Array: the fragments of encapsulated pixel data, in order. */
  readonly pixelData?: Uint8Array | readonly Uint8Array[];
}

interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  readonly utf8: boolean;
  readonly signedPixels: boolean;
}

interface Element {
  readonly tag: number;
  readonly vr: string;
  readonly value: unknown;
}

/** VR of the attributes whose VR depends on the data set. Source: PS3.5 section 8.2, PS3.3 C.7.6.3.1.1. */
function resolveVr(dictionaryVr: string, value: unknown, encoding: Encoding): string {
  if (dictionaryVr === 'xs') return encoding.signedPixels ? 'SS' : 'US';
  if (dictionaryVr === 'ox') return 'OW';
  if (dictionaryVr === 'lt') return value instanceof Uint8Array ? 'OW' : 'US';
  if (dictionaryVr === 'up') return 'UL';
  return dictionaryVr;
}

function toElement(key: string, value: unknown, encoding: Encoding): Element {
  const raw = /^x([0-9a-f]{8})$/i.exec(key);
  if (raw) {
    const given = value as { vr: string; value: unknown };
    return { tag: Number.parseInt(raw[1]!, 16), vr: given.vr, value: given.value };
  }
  const entry = dcmjs.DicomMetaDictionary.nameMap[key];
  if (!entry) throw new RangeError(`buildDicom: expected a keyword of the data dictionary; received ${key}`);
  const tag = Number.parseInt(entry.tag.replace(/[^0-9A-F]/gi, ''), 16);
  return { tag, vr: resolveVr(entry.vr, value, encoding), value };
}

function elementHeader(tag: number, vr: string | null, length: number, encoding: Encoding): Uint8Array {
  const { explicit, littleEndian } = encoding;
  const long = vr !== null && explicit && LONG_LENGTH_VRS.has(vr);
  const bytes = new Uint8Array(long ? 12 : 8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, tag >>> 16, littleEndian);
  view.setUint16(2, tag & 0xffff, littleEndian);
  if (vr === null || !explicit) {
    view.setUint32(4, length, littleEndian);
    return bytes;
  }
  bytes[4] = vr.charCodeAt(0);
  bytes[5] = vr.charCodeAt(1);
  if (long) view.setUint32(8, length, littleEndian);
  else if (length > 0xffff) throw new RangeError(`buildDicom: ${vr} value of ${length} bytes; expected at most 65535`);
  else view.setUint16(6, length, littleEndian);
  return bytes;
}

/** Sequence of defined lengths. Source: PS3.5 section 7.5.1. */
function encodeSequence(items: unknown, encoding: Encoding): Uint8Array {
  if (!Array.isArray(items)) throw new TypeError('buildDicom: expected an array of items for a sequence');
  const parts = items.flatMap((item: DicomAttributes) => {
    const body = encodeDataset(item, encoding);
    return [elementHeader(0xfffee000, null, body.length, encoding), body];
  });
  return Buffer.concat(parts);
}

function encodeElement(element: Element, encoding: Encoding): Uint8Array {
  const { tag, vr, value } = element;
  const body =
    vr === 'SQ' ? encodeSequence(value, encoding) : encodeValue(vr, value, encoding.littleEndian, encoding.utf8);
  return Buffer.concat([elementHeader(tag, vr, body.length, encoding), body]);
}

function encodeDataset(attributes: DicomAttributes, encoding: Encoding): Uint8Array {
  const elements = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => toElement(key, value, encoding))
    .sort((a, b) => a.tag - b.tag);
  return Buffer.concat(elements.map((element) => encodeElement(element, encoding)));
}

/** Encapsulated with an empty basic offset table, or native. Source: PS3.5 section A.4, 8.2. */
function encodePixelData(
  pixelData: Uint8Array | readonly Uint8Array[],
  bitsAllocated: unknown,
  encoding: Encoding,
): Uint8Array {
  if (pixelData instanceof Uint8Array) {
    const vr = Number(bitsAllocated) > 8 || !encoding.explicit ? 'OW' : 'OB';
    return encodeElement({ tag: PIXEL_DATA_TAG, vr, value: pixelData }, encoding);
  }
  const fragments = pixelData.flatMap((fragment) => {
    const even = encodeValue('OB', fragment, true, false);
    return [elementHeader(0xfffee000, null, even.length, encoding), even];
  });
  return Buffer.concat([
    elementHeader(PIXEL_DATA_TAG, 'OB', UNDEFINED_LENGTH, encoding),
    elementHeader(0xfffee000, null, 0, encoding),
    ...fragments,
    elementHeader(0xfffee0dd, null, 0, encoding),
  ]);
}

function encodeFileMeta(attributes: DicomAttributes, transferSyntaxUid: string): Uint8Array {
  const encoding: Encoding = { explicit: true, littleEndian: true, utf8: false, signedPixels: false };
  const group = encodeDataset(
    {
      FileMetaInformationVersion: Uint8Array.of(0, 1),
      MediaStorageSOPClassUID: attributes.SOPClassUID,
      MediaStorageSOPInstanceUID: attributes.SOPInstanceUID,
      TransferSyntaxUID: transferSyntaxUid,
      ImplementationClassUID: IMPLEMENTATION_CLASS_UID,
      ImplementationVersionName: IMPLEMENTATION_VERSION_NAME,
    },
    encoding,
  );
  const length = encodeElement({ tag: 0x00020000, vr: 'UL', value: group.length }, encoding);
  return Buffer.concat([new Uint8Array(128), Buffer.from('DICM'), length, group]);
}

/**
 * A whole DICOM Part 10 file from keywords: the same bytes for the same arguments.
 *
 * @throws RangeError on an unknown keyword or a value too long for its VR
 * @throws TypeError on a value of the wrong type
 * Source: PS3.10 section 7.1, PS3.5 section 7
 */
export function buildDicom(options: BuildDicomOptions): Uint8Array {
  const { attributes, pixelData, transferSyntaxUid = EXPLICIT_VR_LITTLE_ENDIAN } = options;
  const encoding: Encoding = {
    explicit: transferSyntaxUid !== IMPLICIT_VR_LITTLE_ENDIAN,
    littleEndian: transferSyntaxUid !== EXPLICIT_VR_BIG_ENDIAN,
    utf8: [attributes.SpecificCharacterSet].flat().includes('ISO_IR 192'),
    signedPixels: attributes.PixelRepresentation === 1,
  };
  const parts = [encodeDataset(attributes, encoding)];
  if (pixelData) parts.push(encodePixelData(pixelData, attributes.BitsAllocated, encoding));
  const dataset = Buffer.concat(parts);
  const meta = encodeFileMeta(attributes, transferSyntaxUid);
  const body = transferSyntaxUid === DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN ? deflateEven(dataset) : dataset;
  return new Uint8Array(Buffer.concat([meta, body]));
}

/** Deflated data sets end at an even offset. Source: PS3.5 section A.5. */
function deflateEven(dataset: Uint8Array): Uint8Array {
  return encodeValue('OB', deflateRawSync(dataset), true, false);
}
