import { lookUpTag } from '@pce/reporter/core/data-dictionary';
import { DicomReadError } from '@pce/shared/dicom/read-error';

/** One element: its value's bytes as they are in the file, or the items of a sequence. */
export interface DicomElement {
  readonly tag: number;
  readonly vr: string;
  readonly value: Uint8Array | readonly DicomElements[];
  /** Encapsulated pixel data: the value is the fragments with their items, and its length is written as undefined. */
  readonly isEncapsulated?: true;
}
export type DicomElements = readonly DicomElement[];

/** How the elements of a data set are encoded. */
export interface ElementEncoding {
  readonly explicitVr: boolean;
  readonly littleEndian: boolean;
}

/** VRs whose explicit length has 32 bits. Source: PS3.5 section 7.1.2. */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const UNDEFINED_LENGTH = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_DELIMITER = 0xfffee00d;
const SEQUENCE_DELIMITER = 0xfffee0dd;
const PIXEL_DATA = 0x7fe00010;
/** Deepest nesting of sequences we follow. [design] */
const MAX_NESTING = 64;
/** An item of unknown form is read as this. Source: PS3.5 section 6.2.2, note on UN of undefined length. */
const IMPLICIT: ElementEncoding = { explicitVr: false, littleEndian: true };

/**
 * Reads all elements of a data set without decoding any value.
 *
 * @throws DicomReadError when an element runs beyond the end, or sequences nest too deep
 * Source: PS3.5 section 7
 */
export function readElements(bytes: Uint8Array, start: number, encoding: ElementEncoding): DicomElements {
  return new Reader(bytes).elements(start, bytes.length, encoding, 0).elements;
}

class Reader {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Elements up to `end`, or up to the delimiter of an item; `next` is the first byte after it. */
  elements(start: number, end: number, encoding: ElementEncoding, depth: number) {
    if (depth > MAX_NESTING) throw new DicomReadError('malformed', `at most ${MAX_NESTING} levels`, 'more');
    const elements: DicomElement[] = [];
    let at = start;
    while (at < end) {
      const tag = this.#tag(at, end, encoding);
      if (tag === ITEM_DELIMITER) return { elements, next: at + 8 };
      const { vr, length, value } = this.#header(tag, at, end, encoding);
      const isSequence = vr === 'SQ' || (length === UNDEFINED_LENGTH && tag !== PIXEL_DATA);
      if (isSequence) {
        const inner = vr === 'UN' && encoding.explicitVr ? IMPLICIT : encoding;
        const read = this.#items(value, length === UNDEFINED_LENGTH ? end : value + length, inner, depth, length);
        elements.push({ tag, vr, value: read.items });
        at = read.next;
      } else if (length === UNDEFINED_LENGTH) {
        at = this.#fragmentsEnd(value, end, encoding);
        elements.push({ tag, vr, value: this.#bytes.subarray(value, at), isEncapsulated: true });
      } else {
        if (value + length > end) throw cutShort();
        elements.push({ tag, vr, value: this.#bytes.subarray(value, value + length) });
        at = value + length;
      }
    }
    return { elements, next: at };
  }

  #header(tag: number, at: number, end: number, { explicitVr, littleEndian }: ElementEncoding) {
    if (!explicitVr) return { vr: implicitVr(tag), length: this.#u32(at + 4, end, littleEndian), value: at + 8 };
    const vr = this.#bytes.toString('latin1', at + 4, at + 6);
    if (LONG_VRS.has(vr)) return { vr, length: this.#u32(at + 8, end, littleEndian), value: at + 12 };
    const length = littleEndian ? this.#bytes.readUInt16LE(at + 6) : this.#bytes.readUInt16BE(at + 6);
    return { vr, length, value: at + 8 };
  }

  #items(start: number, end: number, encoding: ElementEncoding, depth: number, length: number) {
    if (end > this.#bytes.length) throw cutShort();
    const items: DicomElements[] = [];
    let at = start;
    while (at < end) {
      const tag = this.#tag(at, end, encoding);
      const itemLength = this.#u32(at + 4, end, encoding.littleEndian);
      at += 8;
      if (tag === SEQUENCE_DELIMITER) return { items, next: at };
      if (tag !== ITEM) throw new DicomReadError('malformed', 'an item of a sequence', 'another element');
      const itemEnd = itemLength === UNDEFINED_LENGTH ? end : at + itemLength;
      if (itemEnd > end) throw cutShort();
      const read = this.elements(at, itemEnd, encoding, depth + 1);
      items.push(read.elements);
      at = read.next;
    }
    if (length === UNDEFINED_LENGTH) throw cutShort();
    return { items, next: at };
  }

  /** First byte after the fragments of encapsulated pixel data and their delimiter. Source: PS3.5 section A.4. */
  #fragmentsEnd(start: number, end: number, encoding: ElementEncoding): number {
    let at = start;
    while (at < end) {
      const tag = this.#tag(at, end, encoding);
      const length = this.#u32(at + 4, end, encoding.littleEndian);
      at += 8;
      if (tag === SEQUENCE_DELIMITER) return at;
      if (tag !== ITEM || at + length > end) throw cutShort();
      at += length;
    }
    throw cutShort();
  }

  #tag(at: number, end: number, { littleEndian }: ElementEncoding): number {
    if (at + 8 > end) throw cutShort();
    const [group, element] = littleEndian
      ? [this.#bytes.readUInt16LE(at), this.#bytes.readUInt16LE(at + 2)]
      : [this.#bytes.readUInt16BE(at), this.#bytes.readUInt16BE(at + 2)];
    return group * 0x10000 + element;
  }

  #u32(at: number, end: number, littleEndian: boolean): number {
    if (at + 4 > end) throw cutShort();
    return littleEndian ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at);
  }
}

/** The dictionary's VR; where it leaves several, words. */
function implicitVr(tag: number): string {
  const vr = lookUpTag(tag)?.vr ?? 'UN';
  return vr === 'xs' ? 'US' : vr === 'ox' || vr === 'lt' ? 'OW' : vr;
}

/** Writes elements in the encoding they were read from, in order of tag; lengths of sequences and items are defined. */
export function writeElements(elements: DicomElements, encoding: ElementEncoding): Buffer {
  const ordered = [...elements].sort((a, b) => a.tag - b.tag);
  return Buffer.concat(
    ordered.flatMap((element) => {
      const { value, isEncapsulated } = element;
      const body = value instanceof Uint8Array ? value : Buffer.concat(value.map((item) => writeItem(item, encoding)));
      return [header(element, isEncapsulated ? UNDEFINED_LENGTH : body.length, encoding), body];
    }),
  );
}

function writeItem(item: DicomElements, encoding: ElementEncoding): Buffer {
  const body = writeElements(item, encoding);
  const start = Buffer.alloc(8);
  writeTag(start, ITEM, encoding.littleEndian);
  if (encoding.littleEndian) start.writeUInt32LE(body.length, 4);
  else start.writeUInt32BE(body.length, 4);
  return Buffer.concat([start, body]);
}

function header({ tag, vr }: DicomElement, length: number, { explicitVr, littleEndian }: ElementEncoding): Buffer {
  const isLong = !explicitVr || LONG_VRS.has(vr);
  const bytes = Buffer.alloc(explicitVr && isLong ? 12 : 8);
  writeTag(bytes, tag, littleEndian);
  if (explicitVr) bytes.write(vr, 4, 'latin1');
  const at = bytes.length - (isLong ? 4 : 2);
  if (isLong) littleEndian ? bytes.writeUInt32LE(length, at) : bytes.writeUInt32BE(length, at);
  else littleEndian ? bytes.writeUInt16LE(length, at) : bytes.writeUInt16BE(length, at);
  return bytes;
}

function writeTag(bytes: Buffer, tag: number, littleEndian: boolean): void {
  const [group, element] = [Math.floor(tag / 0x10000), tag % 0x10000];
  if (littleEndian) {
    bytes.writeUInt16LE(group, 0);
    bytes.writeUInt16LE(element, 2);
  } else {
    bytes.writeUInt16BE(group, 0);
    bytes.writeUInt16BE(element, 2);
  }
}

const cutShort = () => new DicomReadError('truncated', 'a whole data set', 'one that ends within an element');
