import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import { type DicomFile, readPart10, readPart10Header } from '@pce/shared/dicom/part10';
import { DicomReadError } from '@pce/shared/dicom/read-error';
import type { Keyword } from '@pce/shared/dicom/tag';
import type { ResultPicture } from '@pce/shared/ports/result-ledger';
import { UsageError } from '../exit-codes.js';
import { RecordStore } from '../output/record-store.js';
import type { StudyRecord } from '../screen/study-record.js';

/** A study of the results folder under the name readers see. */
export interface ReviewCase {
  readonly record: StudyRecord;
  readonly name: string;
}

/** Headers end within this nearly always, bytes. [design] */
const HEADER_BYTES = 256 * 1024;
const INSTANCE_KEYWORDS = [
  'InstanceNumber',
  'NumberOfFrames',
  'ImagePositionPatient',
  'ImageOrientationPatient',
  'ViewPosition',
] as const;

/**
 * The studies with a result in a folder of `pce screen`, by Study Instance UID. They are numbered: readers need no
 * names of patients.
 *
 * @throws UsageError when there is none
 */
export async function readCases(folder: string): Promise<Map<string, ReviewCase>> {
  const records = join(folder, '.pce', 'studies');
  const names = await fs.readdir(records).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      'DIR',
      'a folder of pce screen with its .pce folder',
      `${folder} (${error.code ?? 'unknown'})`,
    );
  });
  const store = new RecordStore(records);
  const cases = new Map<string, ReviewCase>();
  const uids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
  for (const uid of uids.sort()) {
    const record = await store.load(uid);
    if (record.result !== null) cases.set(uid, { record, name: `Case ${String(cases.size + 1).padStart(4, '0')}` });
  }
  if (cases.size === 0) throw new UsageError('DIR', 'at least one study with a result', 'none');
  return cases;
}

/** Puts an image of one of the cases into the ledger, where it is. @returns its study, or null for any other file */
export async function addImage(
  ledger: SqlLedger,
  cases: ReadonlyMap<string, ReviewCase>,
  path: string,
  now: Date,
): Promise<string | null> {
  const file = await readHeader(path);
  if (file === null) return null;
  const { dataset, transferSyntaxUid } = file;
  const study = cases.get(dataset.string('StudyInstanceUID') ?? '');
  const sopInstanceUid = dataset.string('SOPInstanceUID');
  if (study === undefined || sopInstanceUid === undefined) return null;
  const text = (keyword: Keyword): string => dataset.strings(keyword).join('\\');
  await ledger.recordInstance({
    studyInstanceUid: study.record.studyInstanceUid,
    seriesInstanceUid: text('SeriesInstanceUID'),
    sopInstanceUid,
    sopClassUid: text('SOPClassUID'),
    transferSyntaxUid,
    modality: text('Modality'),
    location: path,
    byteLength: (await fs.stat(path)).size,
    // Names the image in addresses. Of its UID, because digesting an archive to look at it takes minutes.
    sha256: createHash('sha256').update(sopInstanceUid).digest('hex'),
    source: { door: 'folder', sender: 'review' },
    receivedAt: now,
    isOwnResult: false,
    studyAttributes: { PatientName: study.name },
    seriesAttributes: {},
    instanceAttributes: Object.fromEntries(
      INSTANCE_KEYWORDS.map((keyword) => [keyword, text(keyword)]).filter(([, value]) => value !== ''),
    ),
  });
  return study.record.studyInstanceUid;
}

/** Puts the result of a case and its pictures into the ledger. @returns the result's name */
export async function addResult(ledger: SqlLedger, folder: string, { record }: ReviewCase, now: Date): Promise<string> {
  const { result, pictures, seconds } = record;
  if (result === null) throw new RangeError('addResult: expected a study with a result; received one without');
  const store = new RecordStore(join(folder, '.pce', 'studies'));
  const shown: ResultPicture[] = [];
  for (const picture of pictures) {
    const png = await store.readPicture(picture);
    shown.push({ findingId: picture.findingId, label: picture.label, png });
  }
  const { resultId } = await ledger.results.recordResult({
    result,
    requestedDigest: result.instanceSetDigest,
    pictures: shown,
    analysedAt: now,
    durationMs: seconds * 1000,
  });
  return resultId;
}

async function readHeader(path: string): Promise<DicomFile | null> {
  try {
    const file = await fs.open(path);
    const { buffer, bytesRead } = await file
      .read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
      .finally(() => file.close());
    const header = readPart10Header(buffer.subarray(0, bytesRead));
    return header === 'needs-more' ? readPart10(await fs.readFile(path)) : header;
  } catch (error) {
    if (error instanceof DicomReadError) return null;
    throw error;
  }
}
