import dicomParser, { type DataSet, type Element } from 'dicom-parser';
import { boundedStream } from './bounded-stream.js';
import { DEFAULT_REPERTOIRE, decodeText, type TextDecoding, textDecodingFor } from './character-set.js';
import type { Dataset } from './dataset.js';
import { ATTRIBUTES, type Keyword } from './tag.js';

/** Text VRs that hold one value, in which a backslash is a character. Source: PS3.5 section 6.2. */
const SINGLE_TEXT_VRS = new Set(['ST', 'LT', 'UT', 'UR']);
/** Text VRs whose leading spaces belong to the value. Source: PS3.5 section 6.2. */
const LEADING_SPACE_VRS = new Set(['ST', 'LT', 'UT']);
/** VRs that say nothing of how to read the value: the dictionary's is taken instead. */
const VAGUE_VRS: ReadonlySet<string | undefined> = new Set([undefined, 'UN', 'OB', 'OW']);

/** Bytes of one binary number by VR, and how it is read. */
const BINARY_NUMBERS: Readonly<
  Record<string, { bytes: number; read: (view: DataView, at: number, little: boolean) => number }>
> = {
  US: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  OW: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  SS: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  UL: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  SL: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  FL: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  FD: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
};
const NUMBER_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** What an item takes over from the data set it is in, unless it says otherwise. */
interface Inherited {
  readonly decoding: TextDecoding;
  /** Pixel Representation: decides the sign of attributes that are "US or SS". */
  readonly signed: boolean;
}

/** `Dataset` over what dicom-parser has found in the bytes. Nothing is decoded before it is asked for. */
export class ParsedDataset implements Dataset {
  readonly #parsed: DataSet;
  readonly #little: boolean;
  readonly #context: Inherited;
  readonly #items = new Map<Keyword, Dataset[]>();

  /** @param inherited of the data set this one is an item of */
  constructor(
    parsed: DataSet,
    little: boolean,
    inherited: Inherited = { decoding: DEFAULT_REPERTOIRE, signed: false },
  ) {
    this.#parsed = parsed;
    this.#little = little;
    this.#context = inherited;
    const decoding = this.has('SpecificCharacterSet')
      ? textDecodingFor(this.strings('SpecificCharacterSet'))
      : inherited.decoding;
    const representation = this.has('PixelRepresentation') ? this.number('PixelRepresentation') : undefined;
    this.#context = { decoding, signed: representation === undefined ? inherited.signed : representation === 1 };
  }

  /** Why text may not read as meant, or null. */
  get characterSetRemark(): string | null {
    return this.#context.decoding.remark;
  }

  has(keyword: Keyword): boolean {
    return this.#element(keyword) !== undefined;
  }

  string(keyword: Keyword): string | undefined {
    return this.strings(keyword).find((value) => value !== '');
  }

  strings(keyword: Keyword): string[] {
    const element = this.#element(keyword);
    if (element === undefined || element.length === 0 || element.items !== undefined) return [];
    const vr = this.#vr(element, keyword);
    if (vr in BINARY_NUMBERS) return this.numbers(keyword).map(String);
    const text = decodeText(this.#value(element), vr, this.#context.decoding);
    const values = SINGLE_TEXT_VRS.has(vr) ? [text] : text.split('\\');
    const trimmed = values.map((value) => trimPadding(value, LEADING_SPACE_VRS.has(vr)));
    return trimmed.every((value) => value === '') ? [] : trimmed;
  }

  number(keyword: Keyword): number | undefined {
    return this.numbers(keyword)[0];
  }

  numbers(keyword: Keyword): number[] {
    const element = this.#element(keyword);
    if (element === undefined || element.length === 0) return [];
    const binary = BINARY_NUMBERS[this.#vr(element, keyword)];
    if (binary === undefined) return parseNumbers(this.strings(keyword));
    const bytes = this.#value(element);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values: number[] = [];
    for (let at = 0; at + binary.bytes <= bytes.byteLength; at += binary.bytes) {
      values.push(binary.read(view, at, this.#little));
    }
    return values.every(Number.isFinite) ? values : [];
  }

  items(keyword: Keyword): Dataset[] {
    const known = this.#items.get(keyword);
    if (known !== undefined) return known;
    const element = this.#element(keyword);
    const isUnknown = element !== undefined && element.items === undefined && this.#vr(element, keyword) === 'SQ';
    const found = isUnknown ? readUnknownItems(this.#parsed, element) : (element?.items ?? []);
    const little = isUnknown ? true : this.#little;
    const items = found.flatMap((item) =>
      item.dataSet ? [new ParsedDataset(item.dataSet, little, this.#context)] : [],
    );
    this.#items.set(keyword, items);
    return items;
  }

  bytes(keyword: Keyword): Uint8Array | undefined {
    const element = this.#element(keyword);
    return element === undefined || element.items !== undefined ? undefined : this.#value(element);
  }

  #element(keyword: Keyword): Element | undefined {
    return this.#parsed.elements[ATTRIBUTES[keyword][0]];
  }

  /** The VR the file states, or the dictionary's with its alternatives decided. */
  #vr(element: Element, keyword: Keyword): string {
    if (!VAGUE_VRS.has(element.vr)) return element.vr!;
    const vr: string = ATTRIBUTES[keyword][1];
    if (vr === 'xs') return this.#context.signed ? 'SS' : 'US';
    return vr === 'lt' ? 'US' : vr;
  }

  #value(element: Element): Uint8Array {
    const { byteArray } = this.#parsed;
    return byteArray.subarray(element.dataOffset, Math.min(element.dataOffset + element.length, byteArray.length));
  }
}

/**
 * Items of a sequence that a forwarder without its own dictionary wrote as UN: implicit little endian, whatever is
 * around it; none where they cannot be read. Source: PS3.5 section 6.2.2.
 */
function readUnknownItems(parsed: DataSet, element: Element): Element[] {
  const end = Math.min(element.dataOffset + element.length, parsed.byteArray.length);
  if (end - element.dataOffset < 8) return [];
  const bytes = parsed.byteArray.subarray(0, end);
  const sequence: Element = { tag: element.tag, length: end - element.dataOffset, dataOffset: element.dataOffset };
  try {
    const stream = boundedStream(dicomParser.littleEndianByteArrayParser, bytes, element.dataOffset);
    dicomParser.readSequenceItemsImplicit(stream, sequence);
    return sequence.items ?? [];
  } catch {
    return [];
  }
}

/** Trailing spaces and NULs are padding in every text VR; leading spaces too unless they can be meant. */
function trimPadding(text: string, keepLeading: boolean): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\0')) end -= 1;
  let start = 0;
  while (!keepLeading && start < end && text[start] === ' ') start += 1;
  return text.slice(start, end);
}

function parseNumbers(texts: readonly string[]): number[] {
  const values = texts.map((text) => (NUMBER_TEXT.test(text) ? Number(text) : Number.NaN));
  return values.every(Number.isFinite) ? values : [];
}
