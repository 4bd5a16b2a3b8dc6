import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { KEY_OBJECT_CODE } from './codes.js';
import { container, imageItem, referencedImages, textItem } from './content-item.js';
import { writePart10 } from './dicom-writer.js';
import { hierarchicalReference } from './document-references.js';
import { encodeContent } from './encode-content.js';
import { objectFrame } from './object-frame.js';
import type { ReportContext, ReportSource } from './report-context.js';
import { examComments } from './report-text.js';
import { outputUid } from './result-uid.js';
import { describeSeries } from './series-description.js';
import { deviceObserver, languageOfContent } from './templates.js';

/** Source: PS3.4 table B.5-1, Key Object Selection Document Storage. */
const SOP_CLASS_UID = '1.2.840.10008.5.1.4.1.1.88.59';
const SERIES_NUMBER = '9904';

export interface KeyObjectSelection {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** The whole Part 10 file. */
  readonly bytes: Uint8Array;
}

/** The image each suspected embolus shows best on, once each. */
function keyImages({ outcome }: StudyResult): ImageReference[] {
  if (outcome.kind !== 'analysed' || outcome.presence !== 'present') return [];
  const images = outcome.findings
    .filter(({ kind, assessment }) => kind === 'pulmonary-cement-embolism' && assessment === 'suspected')
    .map(({ regions }) => regions[0]!.image);
  return [...new Map(images.map((image) => [`${image.sopInstanceUid} ${image.frameNumber ?? ''}`, image])).values()];
}

/**
 * The images with suspected emboli as a key object selection, which a PACS shows as key images. Positive exams only.
 *
 * @returns none, or the one selection
 * Source: PS3.3 A.35.4, PS3.16 TID 2010
 */
export function buildKeyObjectSelection(
  result: StudyResult,
  source: ReportSource,
  context: ReportContext,
): KeyObjectSelection[] {
  const images = keyImages(result);
  if (images.length === 0) return [];
  const { attributes, requests, observer } = objectFrame(result, source, context);
  const root = container(
    null,
    KEY_OBJECT_CODE.title,
    [
      languageOfContent(),
      ...deviceObserver(observer),
      textItem('CONTAINS', KEY_OBJECT_CODE.description, examComments(result).join(' ')),
      ...images.map((image) => imageItem('CONTAINS', null, image)),
    ],
    '2010',
  );
  const sopInstanceUid = outputUid(result, context, 'key-object');
  const seriesInstanceUid = outputUid(result, context, 'key-object-series');
  const bytes = writePart10({
    ...attributes,
    ReferencedRequestSequence: requests.length > 0 ? requests : undefined,
    SOPClassUID: SOP_CLASS_UID,
    SOPInstanceUID: sopInstanceUid,
    SeriesInstanceUID: seriesInstanceUid,
    Modality: 'KO',
    SeriesNumber: SERIES_NUMBER,
    SeriesDescription: describeSeries(context.seriesDescription, 'key-object'),
    ReferencedPerformedProcedureStepSequence: [],
    InstanceNumber: '1',
    CurrentRequestedProcedureEvidenceSequence: hierarchicalReference(result.studyInstanceUid, referencedImages(root)),
    ...encodeContent(root),
  });
  return [{ sopClassUid: SOP_CLASS_UID, sopInstanceUid, seriesInstanceUid, bytes }];
}
