import type { Dataset } from '@pce/shared/dicom/dataset';
import { ATTRIBUTES, type Keyword } from '@pce/shared/dicom/tag';

/** One attribute in the DICOM JSON model. Source: PS3.18 annex F. */
export interface JsonAttribute {
  vr: string;
  Value?: unknown[];
  InlineBinary?: string;
  BulkDataURI?: string;
}

/** A data set in the DICOM JSON model, by tag in eight upper-case hexadecimal digits. */
export type JsonDataset = Record<string, JsonAttribute>;

const BINARY_NUMBER_VRS = new Set(['US', 'SS', 'UL', 'SL', 'FL', 'FD']);
const TEXT_NUMBER_VRS = new Set(['DS', 'IS']);
const BINARY_VRS = new Set(['OB', 'OW', 'OF', 'OD', 'OL', 'OV', 'UN']);
/** Values up to this many bytes are given inline. [design] */
const MAX_INLINE_BYTES = 4096;
const PIXEL_KEYWORDS: readonly Keyword[] = ['PixelData', 'FloatPixelData', 'DoubleFloatPixelData'];

/** The tag of a keyword as DICOM JSON names it. */
export function jsonTag(keyword: Keyword): string {
  return ATTRIBUTES[keyword][0].slice(1).toUpperCase();
}

/** The keyword of a tag ("00100020") or of itself; undefined when unknown here. */
export function keywordOf(tagOrKeyword: string): Keyword | undefined {
  if (tagOrKeyword in ATTRIBUTES) return tagOrKeyword as Keyword;
  return KEYWORD_BY_TAG.get(tagOrKeyword.toUpperCase());
}

const KEYWORD_BY_TAG = new Map(
  (Object.keys(ATTRIBUTES) as Keyword[]).map((keyword) => [jsonTag(keyword), keyword] as const),
);

/** Text as one attribute: several values are separated by a backslash. */
export function jsonAttribute(keyword: Keyword, text: string): JsonAttribute {
  const vr = ATTRIBUTES[keyword][1];
  if (text === '') return { vr };
  return { vr, Value: text.split('\\').map((value) => jsonValue(vr, value)) };
}

function jsonValue(vr: string, value: string): unknown {
  if (vr === 'PN') return personName(value);
  const isNumber = TEXT_NUMBER_VRS.has(vr) || BINARY_NUMBER_VRS.has(vr);
  return isNumber && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}

/** Source: PS3.18 section F.2.2. */
function personName(value: string): Record<string, string> {
  const [Alphabetic = '', Ideographic = '', Phonetic = ''] = value.split('=');
  return {
    ...(Alphabetic ? { Alphabetic } : {}),
    ...(Ideographic ? { Ideographic } : {}),
    ...(Phonetic ? { Phonetic } : {}),
  };
}

/**
 * The attributes of a data set that this software knows, in the DICOM JSON model; pixel data as a link.
 *
 * @param bulkDataUri where the pixel data can be had
 */
export function jsonDataset(dataset: Dataset, bulkDataUri: string): JsonDataset {
  const json: JsonDataset = {};
  for (const keyword of Object.keys(ATTRIBUTES) as Keyword[]) {
    if (ATTRIBUTES[keyword][0] <= 'x0002ffff' || !dataset.has(keyword)) continue;
    if (PIXEL_KEYWORDS.includes(keyword)) json[jsonTag(keyword)] = { vr: 'OW', BulkDataURI: bulkDataUri };
    else json[jsonTag(keyword)] = attributeOf(dataset, keyword, bulkDataUri);
  }
  // PS3.18 section F.2: the text is UTF-8 whatever it was stored in.
  if (dataset.has('SpecificCharacterSet'))
    json[jsonTag('SpecificCharacterSet')] = jsonAttribute('SpecificCharacterSet', 'ISO_IR 192');
  return json;
}

function attributeOf(dataset: Dataset, keyword: Keyword, bulkDataUri: string): JsonAttribute {
  const vr: string = ATTRIBUTES[keyword][1];
  if (vr === 'SQ') {
    const items = dataset.items(keyword).map((item) => jsonDataset(item, bulkDataUri));
    return items.length > 0 ? { vr, Value: items } : { vr };
  }
  if (BINARY_VRS.has(vr)) return binary(vr, dataset.bytes(keyword));
  if (BINARY_NUMBER_VRS.has(vr)) {
    const Value = dataset.numbers(keyword);
    return Value.length > 0 ? { vr, Value } : { vr };
  }
  if (vr === 'AT') return { vr };
  const values = dataset.strings(keyword);
  return values.length > 0
    ? { vr, Value: values.map((value) => (value === '' ? null : jsonValue(vr, value))) }
    : { vr };
}

function binary(vr: string, bytes: Uint8Array | undefined): JsonAttribute {
  if (!bytes || bytes.length === 0 || bytes.length > MAX_INLINE_BYTES) return { vr };
  return { vr, InlineBinary: Buffer.from(bytes).toString('base64') };
}
