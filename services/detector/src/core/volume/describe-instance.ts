import type { Dataset } from '@pce/shared/dicom/dataset';
import type { DicomFile } from '@pce/shared/dicom/part10';
import type { Keyword } from '@pce/shared/dicom/tag';
import type { PointLpsMm } from './geometry.js';
import type { Code, FrameHeader, InstanceHeader, Rescale, StoredSpacings } from './instance-header.js';

/** More frames than any CT has; a count beyond it is not believed. */
const MAX_FRAMES = 65_536;

const DESCRIPTIONS = [
  'StudyDescription',
  'SeriesDescription',
  'ProtocolName',
  'PerformedProcedureStepDescription',
  'RequestedProcedureDescription',
  'AcquisitionDeviceProcessingDescription',
] as const satisfies readonly Keyword[];

/**
 * What an instance says of itself, without touching its pixels.
 *
 * Never throws for odd values: what is absent or malformed is null, and `planStudy` says what follows from it.
 */
export function describeInstance(file: DicomFile): InstanceHeader {
  const { dataset } = file;
  const modality = dataset.string('Modality') ?? '';
  const frameCount = count(dataset.number('NumberOfFrames'), 1);
  return {
    ...identity(dataset),
    modality,
    imageType: dataset.strings('ImageType').map(upperCase),
    instanceNumber: dataset.number('InstanceNumber') ?? null,
    rows: count(dataset.number('Rows'), 0),
    columns: count(dataset.number('Columns'), 0),
    frameCount,
    samplesPerPixel: count(dataset.number('SamplesPerPixel'), 1),
    photometricInterpretation: dataset.string('PhotometricInterpretation') ?? '',
    hasPixelData: file.pixelData !== null,
    ...whatIsShown(dataset),
    ...origin(dataset),
    spacings: describeSpacings(dataset),
    hasContrastAgent: dataset.has('ContrastBolusAgent') && dataset.string('ContrastBolusAgent') !== undefined,
    hasModalityTable: dataset.items('ModalityLUTSequence').length > 0,
    frames: modality === 'CT' && frameCount <= MAX_FRAMES ? describeFrames(dataset, frameCount) : [],
  };
}

function identity(dataset: Dataset) {
  return {
    studyInstanceUid: dataset.string('StudyInstanceUID') ?? '',
    seriesInstanceUid: dataset.string('SeriesInstanceUID') ?? '',
    sopInstanceUid: dataset.string('SOPInstanceUID') ?? '',
    sopClassUid: dataset.string('SOPClassUID') ?? '',
  };
}

function whatIsShown(dataset: Dataset) {
  const bodyPart = dataset.string('BodyPartExamined');
  const viewPosition = dataset.string('ViewPosition');
  return {
    bodyPart: bodyPart === undefined ? null : upperCase(bodyPart),
    anatomicRegions: dataset.items('AnatomicRegionSequence').flatMap(describeCode),
    viewPosition: viewPosition === undefined ? null : upperCase(viewPosition),
    views: dataset.items('ViewCodeSequence').flatMap(describeCode),
    patientOrientation: dataset.strings('PatientOrientation').map(upperCase),
    descriptions: DESCRIPTIONS.flatMap((keyword) => dataset.string(keyword) ?? []),
  };
}

function origin(dataset: Dataset) {
  const date = dataset.string('AcquisitionDate') ?? dataset.string('ContentDate');
  const time = dataset.string('AcquisitionTime') ?? dataset.string('ContentTime');
  return {
    presentationIntent: dataset.string('PresentationIntentType') ?? null,
    pixelIntensityRelationship: dataset.string('PixelIntensityRelationship') ?? null,
    sourceImages: dataset.items('SourceImageSequence').flatMap((item) => item.string('ReferencedSOPInstanceUID') ?? []),
    acquiredAt: date !== undefined && time !== undefined ? `${date} ${time}` : null,
  };
}

function describeSpacings(dataset: Dataset): StoredSpacings {
  return {
    pixelSpacing: dataset.numbers('PixelSpacing'),
    imagerPixelSpacing: dataset.numbers('ImagerPixelSpacing'),
    nominalScannedPixelSpacing: dataset.numbers('NominalScannedPixelSpacing'),
    calibrationType: dataset.string('PixelSpacingCalibrationType') ?? null,
    magnificationFactor: dataset.number('EstimatedRadiographicMagnificationFactor') ?? null,
  };
}

function describeFrames(dataset: Dataset, frameCount: number): FrameHeader[] {
  const perFrame = dataset.items('PerFrameFunctionalGroupsSequence');
  const shared = dataset.items('SharedFunctionalGroupsSequence')[0];
  if (perFrame.length === 0 && shared === undefined) {
    return Array.from({ length: frameCount }, (_, frameIndex) => describeFrame(frameIndex, () => dataset, dataset));
  }
  return Array.from({ length: frameCount }, (_, frameIndex) => {
    const own = perFrame[frameIndex];
    /** A macro stands in the frame's own functional groups or in the shared ones. Source: PS3.3 C.7.6.16. */
    const group: FindGroup = (sequence) => own?.items(sequence)[0] ?? shared?.items(sequence)[0];
    return describeFrame(frameIndex, group, dataset);
  });
}

/** The data set that holds the attributes of a functional group: in a classic image the data set itself. */
type FindGroup = (sequence: Keyword) => Dataset | undefined;

function describeFrame(frameIndex: number, group: FindGroup, dataset: Dataset): FrameHeader {
  const measures = group('PixelMeasuresSequence');
  const orientation = group('PlaneOrientationSequence')?.numbers('ImageOrientationPatient') ?? [];
  const content = group('FrameContentSequence');
  const spacing = measures?.numbers('PixelSpacing') ?? [];
  const frameType = group('CTImageFrameTypeSequence')?.strings('FrameType') ?? [];
  return {
    frameIndex,
    imageType: (frameType.length > 0 ? frameType : dataset.strings('ImageType')).map(upperCase),
    positionLpsMm: point(group('PlanePositionSequence')?.numbers('ImagePositionPatient') ?? []),
    rowDirection: unitVector(orientation.slice(0, 3)),
    columnDirection: unitVector(orientation.slice(3, 6)),
    spacingMm: spacing.length === 2 && spacing.every((mm) => mm > 0) ? [spacing[1]!, spacing[0]!] : null,
    sliceThicknessMm: positive(measures?.number('SliceThickness')),
    kernel: kernelOf(group('CTReconstructionSequence'), dataset),
    acquisitionNumber:
      content?.number('FrameAcquisitionNumber') ?? content?.number('AcquisitionNumber') ?? acquisitionOf(dataset),
    temporalPosition: content?.number('TemporalPositionIndex') ?? dataset.number('TemporalPositionIdentifier') ?? null,
    rescale: describeRescale(group('PixelValueTransformationSequence')),
    frameOfReferenceUid: dataset.string('FrameOfReferenceUID') ?? null,
  };
}

function kernelOf(reconstruction: Dataset | undefined, dataset: Dataset): string | null {
  const values = reconstruction?.strings('ConvolutionKernel') ?? [];
  const kernel = (values.length > 0 ? values : dataset.strings('ConvolutionKernel')).join('\\');
  return kernel === '' ? null : kernel;
}

function acquisitionOf(dataset: Dataset): number | null {
  return dataset.number('AcquisitionNumber') ?? null;
}

function describeRescale(dataset: Dataset | undefined): Rescale | null {
  const slope = dataset?.number('RescaleSlope');
  const intercept = dataset?.number('RescaleIntercept');
  if (slope === undefined || intercept === undefined || slope === 0) return null;
  return { slope, intercept, type: dataset?.string('RescaleType') ?? null };
}

function describeCode(item: Dataset): Code[] {
  const value = item.string('CodeValue');
  const scheme = item.string('CodingSchemeDesignator');
  return value === undefined || scheme === undefined ? [] : [{ value, scheme }];
}

function point(values: readonly number[]): PointLpsMm | null {
  return values.length === 3 ? [values[0]!, values[1]!, values[2]!] : null;
}

/** Direction cosines as written carry rounding; a vector far from unit length is no direction. */
function unitVector(values: readonly number[]): PointLpsMm | null {
  const direction = point(values);
  const length = Math.hypot(...values);
  if (direction === null || length < 0.9 || length > 1.1) return null;
  return [direction[0] / length, direction[1] / length, direction[2] / length];
}

function positive(value: number | undefined): number | null {
  return value !== undefined && value > 0 ? value : null;
}

function count(value: number | undefined, otherwise: number): number {
  return value !== undefined && Number.isInteger(value) && value > 0 ? value : otherwise;
}

function upperCase(text: string): string {
  return text.trim().toUpperCase();
}
