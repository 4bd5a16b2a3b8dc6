import { createHash } from 'node:crypto';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { CONCEPT } from './codes.js';
import { writePart10 } from './dicom-writer.js';
import { codedItem } from './encode-content.js';
import { objectFrame } from './object-frame.js';
import { type PagePicture, writeOnePager } from './one-pager.js';
import { type PriorComparison, priorParts } from './prior-exam.js';
import { compareWithPriors } from './priors.js';
import type { ReportContext, ReportSource } from './report-context.js';
import { outputUid } from './result-uid.js';
import { describeSeries } from './series-description.js';

/** Source: PS3.4 table B.5-1, Encapsulated PDF Storage. */
const SOP_CLASS_UID = '1.2.840.10008.5.1.4.1.1.104.1';
const SERIES_NUMBER = '9905';
/** Raise it whenever a page of the same content would look different: one UID must never name two pages. */
const PAGE_FORMAT = 'page-2';

export interface EncapsulatedPdf {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** The whole Part 10 file. */
  readonly bytes: Uint8Array;
}

/** What the page was made of: the first image of each part. */
const sourceImages = ({ parts }: StudyResult): ImageReference[] => parts.map(({ images }) => images[0]!);

/**
 * A page for people as a DICOM object, for systems that show PDF and no reports.
 *
 * @param pictures with their marks drawn in
 * Source: PS3.3 A.45.1
 */
export async function buildEncapsulatedPdf(
  result: StudyResult,
  pictures: readonly PagePicture[],
  source: ReportSource,
  context: ReportContext,
  prior?: PriorComparison,
): Promise<EncapsulatedPdf> {
  const compared = compareWithPriors(result, prior);
  const { dataset } = source;
  const pdf = await writeOnePager({ result, source: dataset, pictures, compared, analysedAt: context.analysedAt });
  const document = new Uint8Array(pdf.length + (pdf.length % 2));
  document.set(pdf);
  const { attributes } = objectFrame(result, source, context);
  const pictureDigest = pictures.reduce((hash, { png }) => hash.update(png), createHash('sha256')).digest('hex');
  const contents = [PAGE_FORMAT, pictureDigest, ...priorParts(prior ?? {})];
  const sopInstanceUid = outputUid(result, context, 'encapsulated-pdf', contents);
  const seriesInstanceUid = outputUid(result, context, 'encapsulated-pdf-series');
  const images = sourceImages(result);
  const bytes = writePart10({
    ...attributes,
    SOPClassUID: SOP_CLASS_UID,
    SOPInstanceUID: sopInstanceUid,
    SeriesInstanceUID: seriesInstanceUid,
    Modality: 'DOC',
    ConversionType: 'WSD',
    SeriesNumber: SERIES_NUMBER,
    SeriesDescription: describeSeries(context.seriesDescription, 'encapsulated-pdf'),
    InstanceNumber: '1',
    AcquisitionDateTime: '',
    BurnedInAnnotation: 'YES',
    DocumentTitle: 'Automatic search for pulmonary cement embolism (research)',
    ConceptNameCodeSequence: [codedItem(CONCEPT.imagingMeasurementReport)],
    SourceInstanceSequence:
      images.length > 0
        ? images.map(({ sopClassUid, sopInstanceUid: uid }) => ({
            ReferencedSOPClassUID: sopClassUid,
            ReferencedSOPInstanceUID: uid,
          }))
        : undefined,
    MIMETypeOfEncapsulatedDocument: 'application/pdf',
    EncapsulatedDocumentLength: pdf.length,
    EncapsulatedDocument: document,
  });
  return { sopClassUid: SOP_CLASS_UID, sopInstanceUid, seriesInstanceUid, bytes };
}
