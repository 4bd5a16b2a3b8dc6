import type { Dataset } from './dataset.js';
import type { DicomFile } from './part10.js';
import { DicomReadError } from './read-error.js';
import { describeAttribute } from './tag.js';
import type { SeriesInstanceUid, SopClassUid, SopInstanceUid, StudyInstanceUid } from './uid.js';

/** Who an instance is. */
export interface InstanceIdentity {
  readonly studyInstanceUid: StudyInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly sopInstanceUid: SopInstanceUid;
  readonly sopClassUid: SopClassUid;
  /** Empty when it does not say, which some senders' documents do not. */
  readonly modality: string;
}

/** PS3.5 section 9.1, but for leading zeros in a component: some devices write them, and what they send must be kept. */
const UID_AS_SENT = /^(?=.{1,64}$)\d+(\.\d+)+$/;

/**
 * Reads who an instance is, as leniently as can be without mistaking it for another one.
 *
 * @throws DicomReadError with the attribute that is missing or is not what it must be
 * Source: PS3.3 C.7.2.1, C.7.3.1, C.12.1.
 */
export function identifyInstance({ dataset }: Pick<DicomFile, 'dataset'>): InstanceIdentity {
  return {
    studyInstanceUid: uidOf<StudyInstanceUid>(dataset, 'StudyInstanceUID'),
    seriesInstanceUid: uidOf<SeriesInstanceUid>(dataset, 'SeriesInstanceUID'),
    sopInstanceUid: uidOf<SopInstanceUid>(dataset, 'SOPInstanceUID'),
    sopClassUid: uidOf<SopClassUid>(dataset, 'SOPClassUID'),
    modality: dataset.string('Modality') ?? '',
  };
}

type IdentifyingKeyword = 'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPInstanceUID' | 'SOPClassUID';

function uidOf<U extends string>(dataset: Dataset, keyword: IdentifyingKeyword): U {
  const value = requiredText(dataset, keyword);
  if (UID_AS_SENT.test(value)) return value as U;
  throw new DicomReadError(
    'invalid-attribute',
    'one UID of digits and dots, at most 64 characters',
    `${value.length} characters that are none`,
    describeAttribute(keyword),
  );
}

function requiredText(dataset: Dataset, keyword: IdentifyingKeyword): string {
  const value = dataset.string(keyword);
  if (value !== undefined) return value;
  const received = dataset.has(keyword) ? 'an empty one' : 'none';
  throw new DicomReadError('missing-attribute', 'a value', received, describeAttribute(keyword));
}
