import { inflateRawSync } from 'node:zlib';
import dicomParser, { type DataSet } from 'dicom-parser';
import { boundedStream } from './bounded-stream.js';
import type { Dataset } from './dataset.js';
import { emptyDataSet, isVr, readFileMeta } from './file-meta.js';
import { brokenHeader } from './header-error.js';
import { ParsedDataset } from './parsed-dataset.js';
import { DicomReadError } from './read-error.js';
import { ATTRIBUTES, describeAttribute } from './tag.js';
import {
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  type TransferSyntax,
  transferSyntaxOf,
} from './transfer-syntax.js';
import { isUid, type SopClassUid, type TransferSyntaxUid } from './uid.js';

/** Where the pixel data lies in the file. */
export interface PixelDataElement {
  readonly keyword: 'PixelData' | 'FloatPixelData' | 'DoubleFloatPixelData';
  /** The bytes `offset` counts in: the file's own, or the inflated ones of a deflated file. */
  readonly bytes: Uint8Array;
  /** First byte of the value. */
  readonly offset: number;
  /** Length of the value; for encapsulated data the distance to the end of the file. */
  readonly byteLength: number;
  /** The value is a sequence of fragments, as its undefined length says. */
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

/** Largest deflated data set we inflate, bytes: an eighth of what a 32-bit length can say. [design] */
const MAX_INFLATED_BYTES = 512 * 1024 * 1024;
/** Deepest nesting of sequences we follow; reports nest about ten deep. [design] */
const MAX_NESTING = 64;
/** dicom-parser's warning of a sequence without end; it also warns where it looks ahead ("peeking") at the last bytes. */
const UNCLOSED = /^eof(?!.*peeking)/;
const UNDEFINED_LENGTH = 0xffffffff;
const DIRECTORY_SOP_CLASS = '1.2.840.10008.1.3.10' as SopClassUid;
const PIXEL_KEYWORDS = ['PixelData', 'FloatPixelData', 'DoubleFloatPixelData'] as const;

/**
 * Reads the header of a DICOM file without touching its pixels.
 *
 * Files without preamble or without meta information are read when what follows can only be DICOM, and so are files
 * whose data set has the other VR form than their Transfer Syntax says; `remarks` tells.
 *
 * @throws DicomReadError for anything that is not a readable DICOM file, a DICOMDIR included
 * Source: PS3.10 section 7.1.
 */
export function readPart10(bytes: Uint8Array): DicomFile {
  if (bytes.length === 0) throw new DicomReadError('empty-file', 'a DICOM file', 'an empty file');
  const { meta, dataStart, remarks } = readFileMeta(bytes);
  const transferSyntaxUid = statedSyntax(meta) ?? guessSyntax(bytes, dataStart);
  const transferSyntax = transferSyntaxOf(transferSyntaxUid);
  if (meta.string('MediaStorageSOPClassUID') === DIRECTORY_SOP_CLASS) {
    throw new DicomReadError('dicomdir', 'an image', 'a DICOMDIR, which lists files and holds no image');
  }
  const body = transferSyntax.deflated ? inflate(bytes.subarray(dataStart)) : bytes;
  const start = transferSyntax.deflated ? 0 : dataStart;
  if (start >= body.length) throw brokenHeader('past end', 'data set', bytes.length);
  const isExplicit = isVr(body, start + 4);
  if (isExplicit !== transferSyntax.explicitVr) {
    remarks.push(`the data set has ${isExplicit ? 'explicit' : 'implicit'} VR, which ${transferSyntax.name} has not`);
  }
  const parsed = parseBody(body, start, isExplicit, transferSyntax.littleEndian);
  const dataset = new ParsedDataset(parsed, transferSyntax.littleEndian);
  if (dataset.characterSetRemark !== null) remarks.push(dataset.characterSetRemark);
  return { transferSyntaxUid, transferSyntax, meta, dataset, pixelData: findPixelData(parsed), remarks };
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

function statedSyntax(meta: Dataset): TransferSyntaxUid | null {
  const stated = meta.string('TransferSyntaxUID');
  if (stated === undefined) return null;
  if (isUid(stated)) return stated as TransferSyntaxUid;
  throw new DicomReadError('invalid-attribute', 'a UID', 'another text', describeAttribute('TransferSyntaxUID'));
}

/** Without a Transfer Syntax UID the bytes of the first element say whether the VR is explicit. */
function guessSyntax(bytes: Uint8Array, at: number): TransferSyntaxUid {
  return isVr(bytes, at + 4) ? EXPLICIT_VR_LITTLE_ENDIAN : IMPLICIT_VR_LITTLE_ENDIAN;
}

function inflate(deflated: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(deflated, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new DicomReadError('too-large', `at most ${MAX_INFLATED_BYTES} bytes inflated`, 'more', null, { cause });
    }
    if (code === 'Z_BUF_ERROR') throw brokenHeader('past end', 'deflated data set', deflated.length);
    throw new DicomReadError('malformed', 'a deflated data set', 'bytes that do not inflate', null, { cause });
  }
}

function parseBody(bytes: Uint8Array, start: number, isExplicit: boolean, isLittleEndian: boolean): DataSet {
  const parser = isLittleEndian ? dicomParser.littleEndianByteArrayParser : dicomParser.bigEndianByteArrayParser;
  const stream = boundedStream(parser, bytes, start);
  const parsed = emptyDataSet(parser, bytes);
  const parse = isExplicit ? dicomParser.parseDicomDataSetExplicit : dicomParser.parseDicomDataSetImplicit;
  try {
    parse(parsed, stream, bytes.length, { untilTag: ATTRIBUTES.PixelData[0] });
  } catch (cause) {
    throw brokenHeader(cause, 'data set', bytes.length);
  }
  // Where bytes run out within an implicit element or an open sequence, dicom-parser only warns.
  const isOpen = [...parsed.warnings, ...stream.warnings].some((text) => UNCLOSED.test(text));
  if (isOpen || stream.position > bytes.length) throw brokenHeader('buffer overrun', 'data set', bytes.length);
  if (nestingOf(parsed) > MAX_NESTING) {
    throw new DicomReadError('malformed', `sequences nested at most ${MAX_NESTING} deep`, 'deeper nesting');
  }
  return parsed;
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

function findPixelData(parsed: DataSet): PixelDataElement | null {
  for (const keyword of PIXEL_KEYWORDS) {
    const element = parsed.elements[ATTRIBUTES[keyword][0]];
    if (element === undefined) continue;
    const bytes = parsed.byteArray;
    const encapsulated = element.hadUndefinedLength === true || element.length === UNDEFINED_LENGTH;
    return {
      keyword,
      bytes,
      offset: element.dataOffset,
      byteLength: encapsulated ? bytes.length - element.dataOffset : element.length,
      encapsulated,
      inWords: element.vr === 'OW',
    };
  }
  return null;
}
