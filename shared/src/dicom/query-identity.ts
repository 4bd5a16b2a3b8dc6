import type { QueryAttributes } from '../ports/ledger.js';
import type { Dataset } from './dataset.js';
import { type InstanceIdentity as InstanceNames, identifyInstance as readNames } from './instance-identity.js';
import { type DicomFile, readPart10, readPart10Header } from './part10.js';
import { DicomReadError } from './read-error.js';
import type { Keyword } from './tag.js';

/** What an instance says about itself, as far as routing, queries and the ledger need it. */
export interface InstanceIdentity extends InstanceNames {
  studyAttributes: QueryAttributes;
  seriesAttributes: QueryAttributes;
  instanceAttributes: QueryAttributes;
}

export type Identification =
  | { kind: 'identified'; identity: InstanceIdentity; dataset: Dataset }
  /** The first bytes do not hold the whole header. */
  | { kind: 'needs-more' }
  | { kind: 'unreadable'; message: string };

/** Kept for queries at each level. Source: PS3.18 tables 10.6.3-3 to 10.6.3-5. */
const STUDY_KEYWORDS = [
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'ReferringPhysicianName',
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyID',
  'StudyDescription',
] as const satisfies readonly Keyword[];
const SERIES_KEYWORDS = [
  'SeriesDescription',
  'SeriesNumber',
  'BodyPartExamined',
  'PerformedProcedureStepStartDate',
  'PerformedProcedureStepStartTime',
] as const satisfies readonly Keyword[];
const INSTANCE_KEYWORDS = [
  'InstanceNumber',
  'Rows',
  'Columns',
  'BitsAllocated',
  'NumberOfFrames',
  'ViewPosition',
  'ImagePositionPatient',
  'ImageOrientationPatient',
  'SliceThickness',
] as const satisfies readonly Keyword[];

/**
 * Reads who an instance is from its first bytes.
 *
 * @param isWhole whether `prefix` is the whole file: then nothing more will come
 */
export function identifyInstance(prefix: Uint8Array, isWhole: boolean): Identification {
  try {
    const file = isWhole ? readPart10(prefix) : readPart10Header(prefix);
    return file === 'needs-more' ? { kind: 'needs-more' } : identityOf(file);
  } catch (error) {
    if (error instanceof DicomReadError) return { kind: 'unreadable', message: error.message };
    throw error;
  }
}

function identityOf(file: DicomFile): Identification {
  const { dataset } = file;
  const identity: InstanceIdentity = {
    ...readNames(file),
    studyAttributes: collect(dataset, STUDY_KEYWORDS),
    seriesAttributes: collect(dataset, SERIES_KEYWORDS),
    instanceAttributes: collect(dataset, INSTANCE_KEYWORDS),
  };
  return { kind: 'identified', identity, dataset };
}

function collect(dataset: Dataset, keywords: readonly Keyword[]): QueryAttributes {
  const attributes: QueryAttributes = {};
  for (const keyword of keywords) {
    const values = dataset.strings(keyword);
    if (values.length > 0) attributes[keyword] = values.join('\\');
  }
  return attributes;
}
