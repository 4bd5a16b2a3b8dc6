import type { FileIdentity } from '@pce/shared/dicom/part10-header';

/** What the File Meta Information at the head of a file says, and where the data set begins. */
export interface FileHead extends Omit<FileIdentity, 'implementationClassUid'> {
  datasetAt: number;
}

export type HeadOutcome =
  | { kind: 'head'; head: FileHead }
  | { kind: 'needs-more' }
  | { kind: 'not-dicom'; message: string };

const PREAMBLE_BYTES = 128;
/** Preamble, "DICM", and the group length element of 12 bytes. */
const FIXED_BYTES = PREAMBLE_BYTES + 4 + 12;
/** [design] Real ones have a few hundred bytes; private information may be large. */
const MAX_META_BYTES = 1024 * 1024;
const LONG_VRS = new Set(['OB', 'OW', 'UN', 'SQ', 'UT']);

/** Reads the head of a DICOM file from its first bytes, so that the rest can be passed on as it comes. Source: PS3.10 section 7.1. */
export function readFileHead(bytes: Buffer): HeadOutcome {
  if (bytes.length < FIXED_BYTES) return { kind: 'needs-more' };
  if (bytes.toString('latin1', PREAMBLE_BYTES, PREAMBLE_BYTES + 4) !== 'DICM') {
    return { kind: 'not-dicom', message: 'expected "DICM" after 128 bytes; received other content' };
  }
  const groupLength = bytes.readUInt32LE(FIXED_BYTES - 4);
  if (bytes.readUInt32LE(PREAMBLE_BYTES + 4) !== 0x00000002 || groupLength > MAX_META_BYTES) {
    return {
      kind: 'not-dicom',
      message: 'expected File Meta Information with its group length; received other content',
    };
  }
  const datasetAt = FIXED_BYTES + groupLength;
  if (bytes.length < datasetAt) return { kind: 'needs-more' };
  const values = readUids(bytes.subarray(FIXED_BYTES, datasetAt));
  const [sopClassUid, sopInstanceUid, transferSyntaxUid] = [values.get(0x0002), values.get(0x0003), values.get(0x0010)];
  if (!sopClassUid || !sopInstanceUid || !transferSyntaxUid) {
    return {
      kind: 'not-dicom',
      message: 'expected SOP class, SOP instance and transfer syntax in the File Meta Information; received less',
    };
  }
  return { kind: 'head', head: { sopClassUid, sopInstanceUid, transferSyntaxUid, datasetAt } };
}

/** Text of the elements of group 0002, by element number; stops where a length leads outside. */
function readUids(meta: Buffer): Map<number, string> {
  const values = new Map<number, string>();
  for (let at = 0; at + 8 <= meta.length; ) {
    const element = meta.readUInt16LE(at + 2);
    const isLong = LONG_VRS.has(meta.toString('latin1', at + 4, at + 6));
    if (isLong && at + 12 > meta.length) break;
    const length = isLong ? meta.readUInt32LE(at + 8) : meta.readUInt16LE(at + 6);
    const valueAt = at + (isLong ? 12 : 8);
    if (valueAt + length > meta.length) break;
    values.set(element, meta.toString('latin1', valueAt, valueAt + length).replace(/[\0 ]+$/, ''));
    at = valueAt + length;
  }
  return values;
}
