import dicomParser, { type DataSet } from 'dicom-parser';
import { boundedStream } from './bounded-stream.js';
import type { Dataset } from './dataset.js';
import { foreignFormat } from './foreign-format.js';
import { brokenHeader } from './header-error.js';
import { ParsedDataset } from './parsed-dataset.js';
import { DicomReadError } from './read-error.js';
import { ATTRIBUTES } from './tag.js';

/** What stands before the data set. */
export interface FileMeta {
  readonly meta: Dataset;
  /** Offset of the data set's first byte. */
  readonly dataStart: number;
  readonly remarks: string[];
}

const PREAMBLE_BYTES = 128;
const PREFIX = 'DICM';
/** The element that states the length of the rest of the group. */
const GROUP_LENGTH_BYTES = 12;
const META_GROUP = 0x0002;

/** The constructor dicom-parser exports but does not declare. */
const { DataSet: DataSetConstructor } = dicomParser as unknown as {
  DataSet: new (parser: dicomParser.ByteArrayParser, bytes: Uint8Array, elements: DataSet['elements']) => DataSet;
};

/** A data set of dicom-parser to read elements into. */
export function emptyDataSet(parser: dicomParser.ByteArrayParser, bytes: Uint8Array): DataSet {
  return Object.assign(new DataSetConstructor(parser, bytes, {}), { warnings: [] });
}

/**
 * Reads preamble, prefix and File Meta Information, each of which may be missing.
 *
 * @throws DicomReadError when what follows cannot be DICOM
 * Source: PS3.10 section 7.1.
 */
export function readFileMeta(bytes: Uint8Array): FileMeta {
  const hasPrefix = textAt(bytes, PREAMBLE_BYTES, PREFIX.length) === PREFIX;
  const start = hasPrefix ? PREAMBLE_BYTES + PREFIX.length : 0;
  const remarks = hasPrefix ? [] : ['no preamble: read as a bare data set'];
  if (!hasPrefix && !looksLikeDataset(bytes)) throw notDicom(bytes);
  if (start >= bytes.length) throw new DicomReadError('truncated', 'a data set', `a file of ${bytes.length} bytes`);
  const parser = dicomParser.littleEndianByteArrayParser;
  const parsed = emptyDataSet(parser, bytes);
  const stream = boundedStream(parser, bytes, start);
  try {
    while (stream.position + 8 <= bytes.length && groupAt(bytes, stream.position) === META_GROUP) {
      // The group is to be explicit; some writers make it implicit like the rest of their file.
      const element = isVr(bytes, stream.position + 4)
        ? dicomParser.readDicomElementExplicit(stream, [])
        : dicomParser.readDicomElementImplicit(stream);
      parsed.elements[element.tag] = element;
    }
  } catch (cause) {
    throw brokenHeader(cause, 'File Meta Information', bytes.length);
  }
  const meta = new ParsedDataset(parsed, true);
  const statedEnd = start + GROUP_LENGTH_BYTES + (meta.number('FileMetaInformationGroupLength') ?? 0);
  if (stream.position > bytes.length || statedEnd > bytes.length) {
    throw brokenHeader('buffer overrun', 'File Meta Information', bytes.length);
  }
  if (parsed.elements[ATTRIBUTES.TransferSyntaxUID[0]] === undefined) {
    remarks.push('no Transfer Syntax UID in File Meta Information: guessed from the first element');
  }
  return { meta, dataStart: stream.position, remarks };
}

/** Whether two capital letters, as every VR is, stand at `at`. */
export function isVr(bytes: Uint8Array, at: number): boolean {
  const isCapital = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x41 && byte <= 0x5a;
  return isCapital(bytes[at]) && isCapital(bytes[at + 1]);
}

function notDicom(bytes: Uint8Array): DicomReadError {
  const expected = `a DICOM file ("${PREFIX}" after a preamble of ${PREAMBLE_BYTES} bytes)`;
  return new DicomReadError('not-dicom', expected, foreignFormat(bytes) ?? `${bytes.length} bytes of something else`);
}

const textAt = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));
const groupAt = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);

/** Without "DICM" only a data set that begins with group 0002 or 0008 and a plausible element is believed. */
function looksLikeDataset(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  const group = groupAt(bytes, 0);
  const element = groupAt(bytes, 2);
  if (group !== META_GROUP && group !== 0x0008) return false;
  if (element > 0x0018) return false;
  if (isVr(bytes, 4)) return true;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return length <= 128 && length + 8 <= bytes.length;
}
