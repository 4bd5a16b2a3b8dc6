import type { DataSet, Element } from 'dicom-parser';
import { DEFAULT_REPERTOIRE, decodeText, type TextDecoding, textDecodingFor } from './character-set.js';
import type { Dataset } from './dataset.js';
import { ATTRIBUTES, type Keyword } from './tag.js';

/** Text VRs that hold one value, in which a backslash is a character. Source: PS3.5 section 6.2. */
const SINGLE_TEXT_VRS = new Set(['ST', 'LT', 'UT', 'UR']);
/** Text VRs whose leading spaces belong to the value. Source: PS3.5 section 6.2. */
const LEADING_SPACE_VRS = new Set(['ST', 'LT', 'UT']);

/** Bytes of one binary number by VR, and how it is read. */
const BINARY_NUMBERS: Readonly<
  Record<string, { bytes: number; read: (view: DataView, at: number, little: boolean) => number }>
> = {
  US: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  SS: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  UL: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  SL: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  FL: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  FD: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
};
const NUMBER_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** `Dataset` over what dicom-parser has found in the bytes. Nothing is decoded before it is asked for. */
export class ParsedDataset implements Dataset {
  readonly #parsed: DataSet;
  readonly #little: boolean;
  readonly #decoding: TextDecoding;

  /** @param inherited the decoding of the data set this one is an item of */
  constructor(parsed: DataSet, little: boolean, inherited: TextDecoding = DEFAULT_REPERTOIRE) {
    this.#parsed = parsed;
    this.#little = little;
    this.#decoding = inherited;
    if (parsed.elements[ATTRIBUTES.SpecificCharacterSet[0]]) {
      this.#decoding = textDecodingFor(this.strings('SpecificCharacterSet'));
    }
  }

  /** Why text may not read as meant, or null. */
  get characterSetRemark(): string | null {
    return this.#decoding.remark;
  }

  has(keyword: Keyword): boolean {
    return this.#element(keyword) !== undefined;
  }

  string(keyword: Keyword): string | undefined {
    return this.strings(keyword).find((value) => value !== '');
  }

  strings(keyword: Keyword): string[] {
    const element = this.#element(keyword);
    if (element === undefined || element.length === 0) return [];
    const vr = this.#vr(element, keyword);
    if (vr in BINARY_NUMBERS) return this.numbers(keyword).map(String);
    const text = decodeText(this.#value(element), vr, this.#decoding);
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
    const items = this.#element(keyword)?.items ?? [];
    return items.flatMap((item) =>
      item.dataSet ? [new ParsedDataset(item.dataSet, this.#little, this.#decoding)] : [],
    );
  }

  bytes(keyword: Keyword): Uint8Array | undefined {
    const element = this.#element(keyword);
    return element === undefined || element.items !== undefined ? undefined : this.#value(element);
  }

  #element(keyword: Keyword): Element | undefined {
    return this.#parsed.elements[ATTRIBUTES[keyword][0]];
  }

  /** The VR the file states; implicit VR, UN and OB/OW for a number fall back to the dictionary's. */
  #vr(element: Element, keyword: Keyword): string {
    const stated = element.vr;
    return stated === undefined || stated === 'UN' || stated === 'OB' || stated === 'OW'
      ? ATTRIBUTES[keyword][1]
      : stated;
  }

  #value(element: Element): Uint8Array {
    const { byteArray } = this.#parsed;
    return byteArray.subarray(element.dataOffset, Math.min(element.dataOffset + element.length, byteArray.length));
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
