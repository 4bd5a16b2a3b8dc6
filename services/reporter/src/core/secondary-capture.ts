import { createHash } from 'node:crypto';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { type ColourPicture, withBanner } from './banner.js';
import { type Attributes, writePart10 } from './dicom-writer.js';
import { referencedImage } from './encode-content.js';
import { equipmentModules, observerOf } from './equipment.js';
import { inheritedModules } from './inherited-modules.js';
import { type LocalDateTime, localDateTime } from './local-date-time.js';
import { ReportError } from './measurement-report.js';
import type { ReportContext, ReportSource } from './report-context.js';
import { outputUid } from './result-uid.js';
import { conforming, freeLine } from './sanitize-value.js';
import { describeSeries } from './series-description.js';

/** Source: PS3.4 table B.5-1, Secondary Capture Image Storage. */
const SOP_CLASS_UID = '1.2.840.10008.5.1.4.1.1.7';
const SERIES_NUMBER = '9903';
const WARNING = 'AI result, not verified. Research software, not for clinical use.';
/** Most rows and columns a DICOM image can have. Source: PS3.3 C.7.6.3.1, US. */
const LARGEST_SIDE_PX = 65535;

/** A picture for people with its mark drawn in, and what it shows. */
export interface KeyPicture extends ColourPicture {
  /** The finding it shows; null for an overview. */
  readonly findingId: number | null;
  readonly label: string;
}

export interface SecondaryCapture {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** The whole Part 10 file. */
  readonly bytes: Uint8Array;
}

/** The images a picture was made of: those of its finding, else the first of each part. */
function sourceImages(result: StudyResult, findingId: number | null): ImageReference[] {
  const findings = result.outcome.kind === 'analysed' ? result.outcome.findings : [];
  const finding = findings.find(({ id }) => id === findingId);
  if (finding) return finding.regions.map((region) => region.image);
  return result.parts.map((part) => part.images[Math.floor(part.images.length / 2)]!);
}

/** Two pictures never share a UID, though both be of one result: another version may draw otherwise. */
function pixelDigest({ columns, rows, rgb }: ColourPicture): string {
  return createHash('sha256').update(`${columns}x${rows}`).update(rgb).digest('hex');
}

/** What was lost to compression stays lost. Source: PS3.3 C.7.6.1.1.5. */
function lossiness(source: Dataset): Attributes {
  if (source.string('LossyImageCompression') !== '01') return {};
  const ratio = conforming('DS')(source.string('LossyImageCompressionRatio') ?? '').value;
  const method = conforming('CS')(source.string('LossyImageCompressionMethod') ?? '').value;
  return {
    LossyImageCompression: '01',
    LossyImageCompressionRatio: ratio ?? undefined,
    LossyImageCompressionMethod: method ?? undefined,
  };
}

/** Source: PS3.3 C.7.6.3 (Image Pixel). Values are padded to an even length. */
function pixelModule({ columns, rows, rgb }: ColourPicture): Attributes {
  const even = new Uint8Array(rgb.length + (rgb.length % 2));
  even.set(rgb);
  return {
    SamplesPerPixel: 3,
    PhotometricInterpretation: 'RGB',
    PlanarConfiguration: 0,
    Rows: rows,
    Columns: columns,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    PixelData: even,
  };
}

/** Source: PS3.3 C.7.3.1 (General Series), C.8.6.1 (SC Equipment), C.7.6.1 (General Image). */
function imageModules(
  picture: KeyPicture,
  images: readonly ImageReference[],
  when: LocalDateTime,
  number: number,
  context: ReportContext,
): Attributes {
  return {
    InstanceCreationDate: when.date,
    InstanceCreationTime: when.time,
    TimezoneOffsetFromUTC: when.offset,
    Modality: 'OT',
    ConversionType: 'WSD',
    SeriesNumber: SERIES_NUMBER,
    SeriesDate: when.date,
    SeriesTime: when.time,
    SeriesDescription: describeSeries(context.seriesDescription, 'secondary-capture'),
    BodyPartExamined: 'CHEST',
    InstanceNumber: String(number),
    PatientOrientation: '',
    ImageType: ['DERIVED', 'SECONDARY'],
    ContentDate: when.date,
    ContentTime: when.time,
    ContentQualification: 'RESEARCH',
    BurnedInAnnotation: 'YES',
    ImageComments: freeLine(64)(picture.label).value ?? undefined,
    DerivationDescription: 'Key picture with automatic marks burned in',
    SourceImageSequence: images.length > 0 ? images.map(referencedImage) : undefined,
  };
}

/**
 * Key pictures as images of their own, for systems that show nothing else: the warning is part of the pixels.
 *
 * @param pictures with their marks drawn in
 * @throws ReportError when a picture's size and bytes disagree or it is larger than DICOM allows
 * Source: PS3.3 A.8.1
 */
export function buildSecondaryCaptures(
  result: StudyResult,
  pictures: readonly KeyPicture[],
  source: ReportSource,
  context: ReportContext,
): SecondaryCapture[] {
  const observer = observerOf(context);
  const offset = source.dataset.string('TimezoneOffsetFromUTC');
  const when = localDateTime(context.analysedAt, offset, context.timezoneOffsetMinutes);
  const inherited = inheritedModules(source.dataset, result.studyInstanceUid).attributes;
  const seriesInstanceUid = outputUid(result, context, 'secondary-capture-series');
  return pictures.map((picture, index) => {
    const { columns, rows, rgb, label, findingId } = picture;
    if (rgb.length !== columns * rows * 3) {
      throw new ReportError('key picture', `${columns} x ${rows} x 3 bytes`, `${rgb.length}`);
    }
    const shown = withBanner(picture, [WARNING, label]);
    if (Math.max(shown.columns, shown.rows) > LARGEST_SIDE_PX) {
      throw new ReportError(
        'key picture',
        `at most ${LARGEST_SIDE_PX} pixels a side`,
        `${shown.columns} x ${shown.rows}`,
      );
    }
    const sopInstanceUid = outputUid(result, context, 'secondary-capture', [
      String(index),
      label,
      pixelDigest(picture),
    ]);
    const bytes = writePart10({
      ...inherited,
      SOPClassUID: SOP_CLASS_UID,
      SOPInstanceUID: sopInstanceUid,
      StudyInstanceUID: result.studyInstanceUid,
      SeriesInstanceUID: seriesInstanceUid,
      ...imageModules(picture, sourceImages(result, findingId), when, index + 1, context),
      ...lossiness(source.dataset),
      ...equipmentModules(result, observer),
      ...pixelModule(shown),
    });
    return { sopClassUid: SOP_CLASS_UID, sopInstanceUid, seriesInstanceUid, bytes };
  });
}
