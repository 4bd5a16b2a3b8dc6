import { basename, extname } from 'node:path';
import { type DicomFile, readPart10, readPart10Header } from '@pce/shared/dicom/part10';
import { DicomReadError } from '@pce/shared/dicom/read-error';
import { isUid } from '@pce/shared/dicom/uid';
import type { IndexedInstance } from './indexed-instance.js';
import type { ScannedInput } from './input-location.js';
import { fileProblem, type Problem } from './problem.js';
import { type SniffedContent, sniffContent } from './sniff-content.js';

/** When the header does not fit into what was read, this many times more is read. */
const GROWTH = 8;
/** Offset of "DICM" behind the preamble. Source: PS3.10 section 7.1. */
const PREFIX_OFFSET = 128;
const DICOM_EXTENSIONS = new Set(['.dcm', '.dicom', '.dic', '.ima', '.dc3']);
/** Images exported from a PACS are often called IM000001 or by their UID: no extension, or a number as one. */
const BARE_NAME = /^(\.\d+)?$/;

/** Compressed files that by their name hold something else than DICOM. */
const OTHER_ARCHIVE = /\.(nii|nrrd|mha|csv|tsv|txt|json|xml|log|sql|svg)\.\w+$/i;

/** What the scan makes of one input; null is something to pass over in silence. */
export type Identified =
  | { readonly kind: 'instance'; readonly instance: IndexedInstance }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | null;

/** Reads an input's header and tells which instance it is, or why it is none. */
export async function identifyInput(input: ScannedInput): Promise<Identified> {
  const isDicom = hasDicomPrefix(input.prefix);
  const content = isDicom ? null : sniffContent(input.prefix);
  if (content && content.kind !== 'unknown') return notDicom(input, content);
  try {
    return fromHeader(input, await readHeader(input));
  } catch (error) {
    if (error instanceof DicomReadError && error.code === 'dicomdir') return null;
    if (content) return notDicom(input, content);
    return { kind: 'problem', problem: brokenDicom(input.path, error) };
  }
}

async function readHeader(input: ScannedInput): Promise<DicomFile> {
  let prefix = input.prefix;
  for (;;) {
    const header = readPart10Header(prefix);
    if (header !== 'needs-more') return header;
    // At its end a file can no longer ask for more: the full reader then says what is missing.
    if (prefix.length >= input.byteLength) return readPart10(prefix);
    const longer = await input.readPrefix(prefix.length * GROWTH);
    if (longer.length <= prefix.length) return readPart10(longer);
    prefix = longer;
  }
}

function fromHeader(input: ScannedInput, file: DicomFile): Identified {
  const uids = {
    StudyInstanceUID: file.dataset.string('StudyInstanceUID') ?? '',
    SeriesInstanceUID: file.dataset.string('SeriesInstanceUID') ?? '',
    SOPInstanceUID: file.dataset.string('SOPInstanceUID') ?? '',
    SOPClassUID: file.dataset.string('SOPClassUID') ?? '',
  };
  for (const [keyword, uid] of Object.entries(uids)) {
    if (!isUid(uid)) return { kind: 'problem', problem: invalidUid(input.path, keyword, uid) };
  }
  const instance = {
    studyInstanceUid: uids.StudyInstanceUID,
    seriesInstanceUid: uids.SeriesInstanceUID,
    sopInstanceUid: uids.SOPInstanceUID,
    sopClassUid: uids.SOPClassUID,
    transferSyntaxUid: file.transferSyntaxUid,
    modality: file.dataset.string('Modality') ?? '',
    path: input.path,
    location: input.location,
    byteLength: input.byteLength,
  };
  return { kind: 'instance', instance };
}

/** A problem row for what the DICOM reader threw. */
export function brokenDicom(path: string, error: unknown): Problem {
  if (!(error instanceof DicomReadError)) {
    const received = error instanceof Error ? error.message : String(error);
    return fileProblem(path, 'broken', 'unreadable', {
      what: 'The DICOM file could not be read',
      expected: 'a DICOM file as PS3.10 describes it',
      received,
    });
  }
  const where = error.tag ? ` (at ${error.tag})` : '';
  return fileProblem(path, 'broken', error.code, {
    what: `The DICOM file is damaged or incomplete${where}`,
    expected: error.expected,
    received: error.received,
  });
}

/** Whether the bytes carry DICOM's mark behind the preamble. */
export function hasDicomPrefix(prefix: Uint8Array): boolean {
  return [0x44, 0x49, 0x43, 0x4d].every((byte, index) => prefix[PREFIX_OFFSET + index] === byte);
}

function notDicom(input: ScannedInput, content: SniffedContent): Identified {
  const name = basename(input.path);
  const extension = extname(name).toLowerCase();
  const claimsDicom =
    DICOM_EXTENSIONS.has(extension) || (content.kind !== 'other' && BARE_NAME.test(extension) && !name.startsWith('.'));
  if (content.kind === 'archive' && !OTHER_ARCHIVE.test(name)) {
    return problem(input, 'broken', 'archive-not-opened', 'An archive that may hold images was not opened', content, {
      expected: 'a folder or a zip archive: unpack it first',
    });
  }
  if (claimsDicom) {
    const what = content.kind === 'empty' ? 'The file is empty' : 'Looks like an image by its name, not by its content';
    return problem(input, 'broken', 'not-dicom', what, content, { expected: '"DICM" after 128 bytes' });
  }
  if (name.startsWith('.')) return null;
  return problem(input, 'ignored', 'not-dicom', 'Not a DICOM file: passed over', content, {
    expected: 'a DICOM file',
  });
}

function problem(
  input: ScannedInput,
  severity: Problem['severity'],
  code: string,
  what: string,
  content: SniffedContent,
  { expected }: { expected: string },
): Identified {
  const text = { what, expected, received: content.description };
  return { kind: 'problem', problem: fileProblem(input.path, severity, code, text) };
}

function invalidUid(path: string, keyword: string, received: string): Problem {
  return fileProblem(path, 'broken', 'invalid-uid', {
    what: `${keyword} is ${received === '' ? 'missing' : 'not a UID'}`,
    expected: 'digits and dots, at most 64 characters, no part with a leading zero',
    // Not the text itself: what stands in the wrong place may be a name.
    received: received === '' ? 'nothing' : `${received.length} characters that are none`,
  });
}
