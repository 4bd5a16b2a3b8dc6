import { inflateRawSync } from 'node:zlib';
import dicomParser, { type ByteArrayParser, type ByteStream, type DataSet } from 'dicom-parser';
import type { Dataset } from './dataset.js';
import { ParsedDataset } from './parsed-dataset.js';
import { DicomReadError } from './read-error.js';
import { ATTRIBUTES } from './tag.js';
import {
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  type TransferSyntax,
  transferSyntaxOf,
} from './transfer-syntax.js';
import { parseUid, type SopClassUid, type TransferSyntaxUid } from './uid.js';

/** Where the pixel data lies in the file. */
export interface PixelDataElement {
  readonly keyword: 'PixelData' | 'FloatPixelData' | 'DoubleFloatPixelData';
  /** The bytes `offset` counts in: the file's own, or the inflated ones of a deflated file. */
  readonly bytes: Uint8Array;
  /** First byte of the value. */
  readonly offset: number;
  /** Length of the value; for encapsulated data the distance to the end of the file. */
  readonly byteLength: number;
  readonly encapsulated: boolean;
  /** 8-bit samples in OW words of a big endian file are stored in swapped pairs. */
  readonly inWords: boolean;
}

/** A DICOM Part 10 file, its pixels untouched. */
export interface DicomFile {
  readonly transferSyntaxUid: TransferSyntaxUid;
  readonly transferSyntax: TransferSyntax;
  readonly meta: Dataset;
  readonly dataset: Dataset;
  readonly pixelData: PixelDataElement | null;
  /** What was odd but could be read: "no preamble". */
  readonly remarks: readonly string[];
}

const PREAMBLE_BYTES = 128;
const PREFIX = 'DICM';
/** Largest deflated data set we inflate, bytes: an eighth of what a 32-bit length can say. [design] */
const MAX_INFLATED_BYTES = 512 * 1024 * 1024;
/** Deepest nesting of sequences we follow; reports nest about ten deep. [design] */
const MAX_NESTING = 64;
const DIRECTORY_SOP_CLASS = '1.2.840.10008.1.3.10' as SopClassUid;
const PIXEL_KEYWORDS = ['PixelData', 'FloatPixelData', 'DoubleFloatPixelData'] as const;

/**
 * Reads the header of a DICOM file without touching its pixels.
 *
 * Files without preamble or without meta information are read when what follows can only be DICOM.
 *
 * @throws DicomReadError for anything that is not a readable DICOM file, a DICOMDIR included
 * Source: PS3.10 section 7.1.
 */
export function readPart10(bytes: Uint8Array): DicomFile {
  if (bytes.length === 0) throw new DicomReadError('empty-file', 'a DICOM file', 'an empty file');
  const { meta, dataStart, remarks } = readMeta(bytes);
  const stated = meta.string('TransferSyntaxUID');
  const transferSyntaxUid =
    stated === undefined ? guessSyntax(bytes, dataStart) : parseUid<TransferSyntaxUid>(stated, 'TransferSyntaxUID');
  const transferSyntax = transferSyntaxOf(transferSyntaxUid);
  if (meta.string('MediaStorageSOPClassUID') === DIRECTORY_SOP_CLASS) {
    throw new DicomReadError('dicomdir', 'an image', 'a DICOMDIR, which lists files and holds no image');
  }
  const body = transferSyntax.deflated ? inflate(bytes.subarray(dataStart)) : bytes;
  const parsed = parseBody(body, transferSyntax.deflated ? 0 : dataStart, transferSyntax);
  const dataset = new ParsedDataset(parsed, transferSyntax.littleEndian);
  const allRemarks = dataset.characterSetRemark === null ? remarks : [...remarks, dataset.characterSetRemark];
  return {
    transferSyntaxUid,
    transferSyntax,
    meta,
    dataset,
    pixelData: findPixelData(parsed, transferSyntax),
    remarks: allRemarks,
  };
}

/**
 * Reads the header from a file's first bytes.
 *
 * @returns 'needs-more' when the header goes on beyond them
 * @throws DicomReadError as `readPart10`, for what more bytes cannot mend
 */
export function readPart10Header(prefix: Uint8Array): DicomFile | 'needs-more' {
  try {
    const file = readPart10(prefix);
    // Without pixel data the header may simply not be over yet.
    return file.pixelData === null || file.transferSyntax.deflated ? 'needs-more' : file;
  } catch (error) {
    if (error instanceof DicomReadError && (error.code === 'truncated' || error.code === 'malformed')) {
      return 'needs-more';
    }
    throw error;
  }
}

/** The constructor dicom-parser exports but does not declare. */
const { DataSet: DataSetConstructor } = dicomParser as unknown as {
  DataSet: new (parser: ByteArrayParser, bytes: Uint8Array, elements: DataSet['elements']) => DataSet;
};
const emptyDataSet = (parser: ByteArrayParser, bytes: Uint8Array, elements: DataSet['elements']): DataSet =>
  new DataSetConstructor(parser, bytes, elements);

function streamFrom(parser: ByteArrayParser, bytes: Uint8Array, start: number): ByteStream {
  if (start < bytes.length) return new dicomParser.ByteStream(parser, bytes, start);
  throw new DicomReadError('truncated', 'a complete data set', 'a file that ends before it');
}

interface Meta {
  readonly meta: Dataset;
  readonly dataStart: number;
  readonly remarks: string[];
}

function readMeta(bytes: Uint8Array): Meta {
  const hasPrefix = textAt(bytes, PREAMBLE_BYTES, PREFIX.length) === PREFIX;
  const start = hasPrefix ? PREAMBLE_BYTES + PREFIX.length : 0;
  const remarks = hasPrefix ? [] : ['no preamble: read as a bare data set'];
  if (!hasPrefix && !looksLikeDataset(bytes)) throw notDicom(bytes);
  const stream = streamFrom(dicomParser.littleEndianByteArrayParser, bytes, start);
  const elements: DataSet['elements'] = {};
  try {
    while (stream.position + 8 <= bytes.length && groupAt(bytes, stream.position) === 0x0002) {
      const element = dicomParser.readDicomElementExplicit(stream, []);
      elements[element.tag] = element;
    }
  } catch (cause) {
    throw brokenHeader(cause, 'File Meta Information');
  }
  if (hasPrefix && Object.keys(elements).length === 0) remarks.push('no File Meta Information');
  const parsed = emptyDataSet(dicomParser.littleEndianByteArrayParser, bytes, elements);
  return { meta: new ParsedDataset(parsed, true), dataStart: stream.position, remarks };
}

function notDicom(bytes: Uint8Array): DicomReadError {
  return bytes.length < PREAMBLE_BYTES + PREFIX.length
    ? new DicomReadError('not-dicom', 'a DICOM file', `${bytes.length} bytes that do not begin like one`)
    : new DicomReadError('not-dicom', `"${PREFIX}" after a preamble of ${PREAMBLE_BYTES} bytes`, 'other content');
}

const textAt = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));
const groupAt = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);

/** Without "DICM" only a data set that begins with group 0002 or 0008 and a plausible element is believed. */
function looksLikeDataset(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  const group = groupAt(bytes, 0);
  const element = groupAt(bytes, 2);
  if (group !== 0x0002 && group !== 0x0008) return false;
  if (element > 0x0018) return false;
  if (isVr(bytes, 4)) return true;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return length <= 128 && length + 8 <= bytes.length;
}

const isVr = (bytes: Uint8Array, at: number): boolean => /^[A-Z]{2}$/.test(textAt(bytes, at, 2));

/** Without a Transfer Syntax UID the bytes of the first element say whether the VR is explicit. */
function guessSyntax(bytes: Uint8Array, at: number): TransferSyntaxUid {
  return isVr(bytes, at + 4) ? EXPLICIT_VR_LITTLE_ENDIAN : IMPLICIT_VR_LITTLE_ENDIAN;
}

function inflate(deflated: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(deflated, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new DicomReadError('too-large', `at most ${MAX_INFLATED_BYTES} bytes inflated`, 'more', null, { cause });
    }
    throw new DicomReadError('malformed', 'a deflated data set', 'bytes that do not inflate', null, { cause });
  }
}

function parseBody(bytes: Uint8Array, start: number, syntax: TransferSyntax): DataSet {
  const parser = syntax.littleEndian ? dicomParser.littleEndianByteArrayParser : dicomParser.bigEndianByteArrayParser;
  const stream = streamFrom(parser, bytes, start);
  const parsed = emptyDataSet(parser, bytes, {});
  const parse = syntax.explicitVr ? dicomParser.parseDicomDataSetExplicit : dicomParser.parseDicomDataSetImplicit;
  try {
    parse(parsed, stream, bytes.length, { untilTag: ATTRIBUTES.PixelData[0] });
  } catch (cause) {
    throw brokenHeader(cause, 'data set');
  }
  if (nestingOf(parsed) > MAX_NESTING) {
    throw new DicomReadError('malformed', `sequences nested at most ${MAX_NESTING} deep`, 'deeper nesting');
  }
  return parsed;
}

/** dicom-parser throws strings and errors alike; running out of bytes is the commonest. */
function brokenHeader(cause: unknown, part: string): DicomReadError {
  const text = String(
    cause instanceof Error ? cause.message : ((cause as { exception?: unknown })?.exception ?? cause),
  );
  return /past end|overrun|eof|beyond|length too large|read past/i.test(text)
    ? new DicomReadError('truncated', `a complete ${part}`, 'a file that ends within it', null, { cause })
    : new DicomReadError('malformed', `a well-formed ${part}`, 'one that cannot be parsed', null, { cause });
}

function nestingOf(parsed: DataSet): number {
  let deepest = 0;
  const pending: [DataSet, number][] = [[parsed, 1]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [dataSet, depth] = next;
    deepest = Math.max(deepest, depth);
    if (deepest > MAX_NESTING) return deepest;
    for (const element of Object.values(dataSet.elements)) {
      for (const item of element.items ?? []) if (item.dataSet) pending.push([item.dataSet, depth + 1]);
    }
  }
  return deepest;
}

function findPixelData(parsed: DataSet, syntax: TransferSyntax): PixelDataElement | null {
  for (const keyword of PIXEL_KEYWORDS) {
    const element = parsed.elements[ATTRIBUTES[keyword][0]];
    if (element === undefined) continue;
    const bytes = parsed.byteArray;
    const undefinedLength = element.hadUndefinedLength === true || element.length === 0xffffffff;
    const rest = bytes.length - element.dataOffset;
    return {
      keyword,
      bytes,
      offset: element.dataOffset,
      byteLength: undefinedLength ? rest : element.length,
      encapsulated: syntax.encapsulated || undefinedLength,
      inWords: element.vr === 'OW',
    };
  }
  return null;
}
