import { DicomReadError } from './read-error.js';

/** VRs whose explicit length has 32 bits. Source: PS3.5 section 7.1.2. */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const UNDEFINED_LENGTH = 0xffffffff;
/** Group of items and delimiters, which have no VR. Source: PS3.5 section 7.5. */
const ITEM_GROUP = 0xfffe;
const SEQUENCE_DELIMITER = 0xe0dd;

/**
 * The same data set in Implicit VR Little Endian, which every DICOM receiver takes. Only the form of the elements
 * changes; sequences come out with undefined lengths.
 *
 * @param dataset in Explicit VR Little Endian, without encapsulated pixel data
 * @throws DicomReadError when it is cut short
 * Source: PS3.5 section 7.1.3
 */
export function explicitToImplicit(dataset: Uint8Array): Buffer {
  const source = Buffer.from(dataset.buffer, dataset.byteOffset, dataset.byteLength);
  const parts: Buffer[] = [];
  convertElements(source, 0, source.length, parts);
  return Buffer.concat(parts);
}

/** Converts elements up to `end`, or up to the delimiter of an item of undefined length; gives where it stopped. */
function convertElements(source: Buffer, start: number, end: number, parts: Buffer[]): number {
  let at = start;
  while (at < end) {
    if (at + 8 > end) throw cutShort();
    const group = source.readUInt16LE(at);
    if (group === ITEM_GROUP) return at + 8;
    const tag = source.subarray(at, at + 4);
    const vr = source.toString('latin1', at + 4, at + 6);
    const isLong = LONG_VRS.has(vr);
    if (isLong && at + 12 > end) throw cutShort();
    const length = isLong ? source.readUInt32LE(at + 8) : source.readUInt16LE(at + 6);
    const value = at + (isLong ? 12 : 8);
    if (vr === 'SQ' || (vr === 'UN' && length === UNDEFINED_LENGTH)) {
      parts.push(tag, lengthBytes(UNDEFINED_LENGTH));
      at = convertItems(source, value, length === UNDEFINED_LENGTH ? end : value + length, length, parts);
    } else {
      if (length === UNDEFINED_LENGTH || value + length > end) throw cutShort();
      parts.push(tag, lengthBytes(length), source.subarray(value, value + length));
      at = value + length;
    }
  }
  return at;
}

/** Converts the items of a sequence; gives where the sequence ends. */
function convertItems(source: Buffer, start: number, end: number, length: number, parts: Buffer[]): number {
  let at = start;
  while (at < end) {
    if (at + 8 > end) throw cutShort();
    const element = source.readUInt16LE(at + 2);
    const itemLength = source.readUInt32LE(at + 4);
    at += 8;
    if (element === SEQUENCE_DELIMITER) break;
    parts.push(delimiter(0xe000, UNDEFINED_LENGTH));
    const itemEnd = itemLength === UNDEFINED_LENGTH ? end : at + itemLength;
    if (itemEnd > end) throw cutShort();
    at = convertElements(source, at, itemEnd, parts);
    parts.push(delimiter(0xe00d, 0));
  }
  if (length === UNDEFINED_LENGTH && at > end) throw cutShort();
  parts.push(delimiter(SEQUENCE_DELIMITER, 0));
  return at;
}

function delimiter(element: number, length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(ITEM_GROUP, 0);
  bytes.writeUInt16LE(element, 2);
  bytes.writeUInt32LE(length, 4);
  return bytes;
}

function lengthBytes(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes;
}

const cutShort = () => new DicomReadError('truncated', 'a whole data set', 'one that ends within an element');
