import type { Finding } from '@pce/shared/contracts/finding';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { ExamPart, StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { cutText } from './clean-text.js';
import { SEGMENTATION_CODE } from './codes.js';
import { formatDecimalString } from './decimal-string.js';
import { type Attributes, writePart10 } from './dicom-writer.js';
import { codedItem, referencedImage } from './encode-content.js';
import { structureCode, trackingIdentifier } from './finding-group.js';
import { objectFrame } from './object-frame.js';
import type { PriorComparison } from './prior-exam.js';
import { compareWithPriors } from './priors.js';
import type { ReportContext, ReportSource } from './report-context.js';
import type { ReportObject } from './report-object.js';
import { outputUid } from './result-uid.js';
import { type SegmentedSlice, type SegmentVoxels, segmentVoxels } from './segment-voxels.js';
import { describeSeries } from './series-description.js';
import { sliceGrid } from './slice-grid.js';

/** Source: PS3.4 table B.5-1, Segmentation Storage. */
const SOP_CLASS_UID = '1.2.840.10008.5.1.4.1.1.66.4';
const SERIES_NUMBER = '9906';
/** Red, as the marks are. CIELab in 16 bits. Source: PS3.3 C.10.7.1.1. */
const SEGMENT_COLOUR = [38010, 48830, 44461];
/** Tags the dimensions point to. Source: PS3.3 C.7.6.17. */
const REFERENCED_SEGMENT_NUMBER = 0x0062000b;
const SEGMENT_IDENTIFICATION_SEQUENCE = 0x0062000a;
const IMAGE_POSITION_PATIENT = 0x00200032;
const PLANE_POSITION_SEQUENCE = 0x00209113;

/** A segmentation, whole. */
export type Segmentation = Pick<ReportObject, 'sopClassUid' | 'sopInstanceUid' | 'seriesInstanceUid' | 'bytes'>;

/** One embolus as a segment. */
interface Segment {
  readonly finding: Finding;
  readonly trackingUid: string;
  readonly voxels: SegmentVoxels;
}

/** One frame: a segment on a slice. */
interface Frame {
  readonly segmentNumber: number;
  /** From 1, in slice order, over all frames. */
  readonly positionNumber: number;
  readonly slice: SegmentedSlice;
  readonly pixels: readonly number[];
}

/** Emboli a reader is shown that lie on a CT series. */
function shownEmboli({ outcome }: StudyResult, { seriesInstanceUid }: ExamPart): Finding[] {
  const findings = outcome.kind === 'analysed' ? outcome.findings : [];
  return findings.filter(
    ({ kind, assessment, regions }) =>
      kind === 'pulmonary-cement-embolism' &&
      assessment !== 'candidate' &&
      regions[0]!.image.seriesInstanceUid === seriesInstanceUid,
  );
}

const segmentedParts = (result: StudyResult): ExamPart[] =>
  result.parts.filter((part) => part.modality === 'CT' && shownEmboli(result, part).length > 0);

/** The images whose headers a segmentation needs: those with masks, else all of the series. */
export function segmentedImages(result: StudyResult): ImageReference[] {
  return segmentedParts(result).flatMap((part) => {
    const emboli = shownEmboli(result, part);
    const isMasked = emboli.every(({ mask }) => mask !== undefined && mask.length > 0);
    return isMasked ? emboli.flatMap(({ mask }) => mask!.map(({ image }) => image)) : part.images;
  });
}

/** Slices of equal size, spacing and orientation to the first one; a segmentation has one grid. */
function slicesOf(part: ExamPart, headerOf: (image: ImageReference) => Dataset | null): SegmentedSlice[] {
  const slices = part.images.flatMap((image): SegmentedSlice[] => {
    const header = headerOf(image);
    const grid = header && sliceGrid(header, image.frameNumber ?? 1);
    return grid ? [{ image, grid }] : [];
  });
  const shape = ({ grid }: SegmentedSlice) =>
    [grid.columns, grid.rows, grid.columnSpacingMm, grid.rowSpacingMm, ...grid.orientation].join();
  return slices.filter((slice) => shape(slice) === shape(slices[0]!));
}

function framesOf(segments: readonly Segment[], slices: readonly SegmentedSlice[]): Frame[] {
  const used = slices.filter((slice) => segments.some(({ voxels }) => voxels.slices.has(slice)));
  return segments.flatMap(({ voxels }, index) =>
    [...voxels.slices].map(([slice, pixels]) => ({
      segmentNumber: index + 1,
      positionNumber: used.indexOf(slice) + 1,
      slice,
      pixels,
    })),
  );
}

/** One bit per pixel, frames without gap, least significant bit first, padded to even length. Source: PS3.5 section 8.1.1, 8.2. */
function packBits(frames: readonly Frame[], pixelsPerFrame: number): Uint8Array {
  const byteLength = Math.ceil((frames.length * pixelsPerFrame) / 8);
  const packed = new Uint8Array(byteLength + (byteLength % 2));
  frames.forEach(({ pixels }, frame) => {
    for (const pixel of pixels) {
      const bit = frame * pixelsPerFrame + pixel;
      packed[bit >> 3]! |= 1 << (bit & 7);
    }
  });
  return packed;
}

/** Source: PS3.3 C.8.20.4 (Segment Description). */
function segmentItem(
  { finding, trackingUid, voxels }: Segment,
  number: number,
  { algorithm }: StudyResult,
): Attributes {
  const label = trackingIdentifier(finding);
  const name = cutText(algorithm.name, 64) || 'unknown';
  return {
    SegmentNumber: number,
    SegmentLabel: label,
    SegmentDescription: voxels.isMeasured ? 'Voxels as measured' : 'Approximation: tube along the centreline',
    SegmentAlgorithmType: 'AUTOMATIC',
    SegmentAlgorithmName: name,
    SegmentationAlgorithmIdentificationSequence: [
      {
        AlgorithmFamilyCodeSequence: [codedItem(SEGMENTATION_CODE.algorithmFamily)],
        AlgorithmName: name,
        AlgorithmVersion: cutText(algorithm.version, 64) || 'unknown',
      },
    ],
    AnatomicRegionSequence: [codedItem(structureCode(finding))],
    SegmentedPropertyCategoryCodeSequence: [codedItem(SEGMENTATION_CODE.category)],
    SegmentedPropertyTypeCodeSequence: [codedItem(SEGMENTATION_CODE.embolus)],
    RecommendedDisplayCIELabValue: SEGMENT_COLOUR,
    TrackingID: label,
    TrackingUID: trackingUid,
  };
}

/** Source: PS3.3 C.7.6.16 (Multi-frame Functional Groups), C.7.6.16.2.6 (Derivation Image). */
function frameItem({ segmentNumber, positionNumber, slice }: Frame): Attributes {
  return {
    FrameContentSequence: [{ DimensionIndexValues: [segmentNumber, positionNumber] }],
    PlanePositionSequence: [{ ImagePositionPatient: slice.grid.positionLpsMm.map(formatDecimalString) }],
    SegmentIdentificationSequence: [{ ReferencedSegmentNumber: segmentNumber }],
    DerivationImageSequence: [
      {
        DerivationCodeSequence: [codedItem(SEGMENTATION_CODE.derivation)],
        SourceImageSequence: [
          {
            ...referencedImage(slice.image),
            SpatialLocationsPreserved: 'YES',
            PurposeOfReferenceCodeSequence: [codedItem(SEGMENTATION_CODE.sourceImage)],
          },
        ],
      },
    ],
  };
}

/** Source: PS3.3 C.7.6.17 (Multi-frame Dimension). */
function dimensionModule(organizationUid: string): Attributes {
  const index = (pointer: number, group: number, label: string): Attributes => ({
    DimensionOrganizationUID: organizationUid,
    DimensionIndexPointer: pointer,
    FunctionalGroupPointer: group,
    DimensionDescriptionLabel: label,
  });
  return {
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: organizationUid }],
    DimensionIndexSequence: [
      index(REFERENCED_SEGMENT_NUMBER, SEGMENT_IDENTIFICATION_SEQUENCE, 'Segment'),
      index(IMAGE_POSITION_PATIENT, PLANE_POSITION_SEQUENCE, 'Slice'),
    ],
  };
}

/** Source: PS3.3 C.8.20.2 (Segmentation Image), C.7.6.3 (Image Pixel), C.12.2 (Common Instance Reference). */
function imageModules(part: ExamPart, frames: readonly Frame[]): Attributes {
  const { grid } = frames[0]!.slice;
  const images = new Map(frames.map(({ slice: { image } }) => [image.sopInstanceUid, image]));
  const spacing = [grid.rowSpacingMm, grid.columnSpacingMm].map(formatDecimalString);
  const sliceSpacing = part.sliceSpacingMm === null ? undefined : formatDecimalString(part.sliceSpacingMm);
  const thickness = part.sliceThicknessMm ?? part.sliceSpacingMm;
  return {
    ImageType: ['DERIVED', 'PRIMARY'],
    SegmentationType: 'BINARY',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: grid.rows,
    Columns: grid.columns,
    BitsAllocated: 1,
    BitsStored: 1,
    HighBit: 0,
    PixelRepresentation: 0,
    LossyImageCompression: '00',
    BurnedInAnnotation: 'NO',
    NumberOfFrames: String(frames.length),
    SharedFunctionalGroupsSequence: [
      {
        PlaneOrientationSequence: [{ ImageOrientationPatient: grid.orientation.map(formatDecimalString) }],
        PixelMeasuresSequence: [
          {
            PixelSpacing: spacing,
            SliceThickness: thickness === null ? undefined : formatDecimalString(thickness),
            SpacingBetweenSlices: sliceSpacing,
          },
        ],
      },
    ],
    PerFrameFunctionalGroupsSequence: frames.map(frameItem),
    ReferencedSeriesSequence: [
      {
        SeriesInstanceUID: part.seriesInstanceUid,
        ReferencedInstanceSequence: [...images.values()].map(({ sopClassUid, sopInstanceUid }) => ({
          ReferencedSOPClassUID: sopClassUid,
          ReferencedSOPInstanceUID: sopInstanceUid,
        })),
      },
    ],
    PixelData: packBits(frames, grid.rows * grid.columns),
  };
}

/** The emboli of a part that have voxels on slices at hand. */
function segmentsOf(
  result: StudyResult,
  part: ExamPart,
  slices: readonly SegmentedSlice[],
  trackingUids: ReadonlyMap<Finding, string>,
): Segment[] {
  return shownEmboli(result, part)
    .map((finding) => ({
      finding,
      trackingUid: trackingUids.get(finding)!,
      voxels: segmentVoxels(finding, slices, part.sliceSpacingMm ?? 0),
    }))
    .filter(({ voxels }) => voxels.slices.size > 0);
}

/** Source: PS3.3 C.8.20.1 (Segmentation Series), C.7.4.1 (Frame of Reference), C.8.20.2. */
function seriesModules(part: ExamPart, instanceNumber: number, context: ReportContext): Attributes {
  return {
    Modality: 'SEG',
    SeriesNumber: SERIES_NUMBER,
    SeriesDescription: describeSeries(context.seriesDescription, 'segmentation'),
    BodyPartExamined: 'CHEST',
    InstanceNumber: String(instanceNumber),
    ContentLabel: 'PCE_EMBOLI',
    ContentDescription: 'Automatic segments, not verified, research only',
    ContentCreatorName: '',
    ContentQualification: 'RESEARCH',
    FrameOfReferenceUID: part.frameOfReferenceUid,
    PositionReferenceIndicator: '',
  };
}

/**
 * The emboli of each CT series as binary segments on its own slices, one segment each. Slices whose header is not at
 * hand, and emboli that then have no voxel, are left out.
 *
 * @param headerOf the header of an image of `segmentedImages`, or null when it is gone
 * @returns one segmentation per CT series that has any
 * Source: PS3.3 A.51
 */
export function buildSegmentations(
  result: StudyResult,
  headerOf: (image: ImageReference) => Dataset | null,
  source: ReportSource,
  context: ReportContext,
  prior?: PriorComparison,
): Segmentation[] {
  const { attributes } = objectFrame(result, source, context);
  const { trackingUids } = compareWithPriors(result, prior);
  const seriesInstanceUid = outputUid(result, context, 'segmentation-series');
  return segmentedParts(result).flatMap((part, partIndex): Segmentation[] => {
    const slices = slicesOf(part, headerOf);
    const segments = segmentsOf(result, part, slices, trackingUids);
    if (segments.length === 0 || part.frameOfReferenceUid === null) return [];
    const frames = framesOf(segments, slices);
    const contents = frames.map(({ slice: { image } }) => `${image.sopInstanceUid} ${image.frameNumber ?? ''}`);
    const names = segments.map(({ trackingUid }) => trackingUid);
    const sopInstanceUid = outputUid(result, context, 'segmentation', [part.seriesInstanceUid, ...names, ...contents]);
    const bytes = writePart10({
      ...attributes,
      SOPClassUID: SOP_CLASS_UID,
      SOPInstanceUID: sopInstanceUid,
      SeriesInstanceUID: seriesInstanceUid,
      ...seriesModules(part, partIndex + 1, context),
      ...dimensionModule(outputUid(result, context, 'segmentation', ['dimensions'])),
      SegmentSequence: segments.map((segment, index) => segmentItem(segment, index + 1, result)),
      ...imageModules(part, frames),
    });
    return [{ sopClassUid: SOP_CLASS_UID, sopInstanceUid, seriesInstanceUid, bytes }];
  });
}
