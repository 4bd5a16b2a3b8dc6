import type { DicomElement, DicomElements } from './element-tree.js';

/** Attributes whose values tell who somebody is, besides all of VR PN: kept text must not repeat them. */
const IDENTITY_TAGS = new Set([
  0x00080050, 0x00080080, 0x00080081, 0x00080092, 0x00080094, 0x00100020, 0x00100021, 0x00101000, 0x00101001,
  0x00101005, 0x00101040, 0x00101060, 0x00101090, 0x00102154, 0x00102155, 0x00102299, 0x00380010, 0x00380060,
  0x00402016, 0x00402017, 0x00400280, 0x0040a123, 0x00120040,
]);
/** Dates of the patient and the exam, and UIDs that lead to it: they may stand in a text, too. */
const LINKING_TAGS = new Set([
  0x00080018, 0x0020000d, 0x0020000e, 0x00200052, 0x00080020, 0x00080021, 0x00080022, 0x00080023, 0x00100030,
]);
/** Shorter ones are found in anything. [design] */
const LEAST_NAME_CHARACTERS = 3;
const LEAST_ID_CHARACTERS = 4;
/** Up to this length a value must stand alone to be seen: "Lin" is no part of "linear". [design] */
const STANDS_ALONE_CHARACTERS = 5;
/** Pixels hold every short sequence of bytes by chance. [design] */
const LEAST_PIXEL_CHARACTERS = 6;
/** VRs of numbers, dates and UIDs, in which an identifier of digits shows by chance. */
const NUMERIC_VRS = new Set(['DS', 'IS', 'UI', 'AT', 'FL', 'FD', 'SL', 'SS', 'UL', 'US', 'SV', 'UV', 'DA', 'DT', 'TM']);
/** VRs of binary tables: looked through like pixels. */
const BINARY_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW']);

/** Words of the standard that a name may share: as code strings they say nothing of a patient. Source: PS3.3. */
const DEFINED_TERMS = new Set(
  `original derived primary secondary axial localizer volume perfusion head neck chest hand foot arm leg knee hip breast
  heart left right both none mixed color monochrome identity inverse yes no reformatted average max min`.split(/\s+/),
);

/** The names and identifiers in a data set, to be looked for in what is kept of it. */
export class IdentifyingValues {
  readonly #values = new Set<string>();

  constructor(elements: DicomElements) {
    this.#collect(elements);
  }

  #collect(elements: DicomElements): void {
    for (const { tag, vr, value } of elements) {
      if (!(value instanceof Uint8Array)) for (const item of value) this.#collect(item);
      else if (vr === 'PN') this.#add(latin(value).split(/[\\^=\s,.]+/), LEAST_NAME_CHARACTERS);
      else if (IDENTITY_TAGS.has(tag) || LINKING_TAGS.has(tag))
        this.#add(latin(value).split('\\'), LEAST_ID_CHARACTERS);
    }
  }

  #add(texts: readonly string[], least: number): void {
    for (const text of texts) {
      const plain = text.replaceAll('\0', '').trim();
      if (plain.length >= least) this.#values.add(plain);
    }
  }

  /** Whether the value of a kept element repeats one, in any case, also with a zero between its characters. */
  isIn({ vr, value }: DicomElement): boolean {
    if (!(value instanceof Uint8Array)) return false;
    if (BINARY_VRS.has(vr)) return this.isInPixels(value);
    const stated = latin(value).toLowerCase();
    const text = vr === 'CS' ? withoutDefinedTerms(stated) : stated;
    const forms = text.includes('\0') ? [text, text.replaceAll('\0', '')] : [text];
    return [...this.#values].some((one) => {
      if (NUMERIC_VRS.has(vr) && !/[a-z\x80-\xff]/i.test(one)) return false;
      return forms.some((form) => contains(form, one.toLowerCase()));
    });
  }

  /** Whether pixel data spells one out, as comments of compressed images do. */
  isInPixels(pixels: Uint8Array): boolean {
    const bytes = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    const long = [...this.#values].filter((one) => one.length >= LEAST_PIXEL_CHARACTERS);
    const forms = long.flatMap((one) => [one, one.toUpperCase(), one.toLowerCase()]);
    return [...new Set(forms)].some(
      (form) => bytes.includes(Buffer.from(form, 'latin1')) || bytes.includes(Buffer.from(form, 'utf16le')),
    );
  }
}

function withoutDefinedTerms(text: string): string {
  return text
    .split('\\')
    .filter((term) => !DEFINED_TERMS.has(term.trim()))
    .join('\\');
}

function contains(text: string, wanted: string): boolean {
  const mustStandAlone = wanted.length <= STANDS_ALONE_CHARACTERS;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const isPart = /[a-z0-9]/.test(text[at - 1] ?? '') || /[a-z0-9]/.test(text[at + wanted.length] ?? '');
    if (!mustStandAlone || !isPart) return true;
  }
  return false;
}

const latin = (value: Uint8Array): string =>
  Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
