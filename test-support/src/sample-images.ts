import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom, type DicomAttributes } from './dicom-builder.js';
import { SAMPLE_CT_GRID, type SampleKind, sampleResult, sampleSourceAttributes } from './sample-results.js';

const CT_DISPLAY: DicomAttributes = {
  Modality: 'CT',
  ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
  Rows: SAMPLE_CT_GRID.rows,
  Columns: SAMPLE_CT_GRID.columns,
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  BitsAllocated: 16,
  BitsStored: 12,
  HighBit: 11,
  PixelRepresentation: 0,
  PixelSpacing: [SAMPLE_CT_GRID.pixelMm, SAMPLE_CT_GRID.pixelMm],
  ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
  SliceThickness: 2.5,
  RescaleSlope: '1',
  RescaleIntercept: '-1024',
  RescaleType: 'HU',
  WindowCenter: '40',
  WindowWidth: '400',
};
const FILM_DISPLAY: DicomAttributes = {
  Modality: 'DX',
  ImageType: ['ORIGINAL', 'PRIMARY'],
  Rows: 2400,
  Columns: 2000,
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  BitsAllocated: 16,
  BitsStored: 12,
  HighBit: 11,
  PixelRepresentation: 0,
  ImagerPixelSpacing: ['0.15', '0.15'],
  WindowCenter: '2048',
  WindowWidth: '4096',
};

function frameGroups(images: readonly ImageReference[]): DicomAttributes {
  const { pixelMm, positionOf } = SAMPLE_CT_GRID;
  return {
    NumberOfFrames: images.length,
    SharedFunctionalGroupsSequence: [
      {
        PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }],
        PixelMeasuresSequence: [{ PixelSpacing: [pixelMm, pixelMm], SliceThickness: 2.5 }],
        PixelValueTransformationSequence: [{ RescaleSlope: 1, RescaleIntercept: -1024, RescaleType: 'HU' }],
      },
    ],
    PerFrameFunctionalGroupsSequence: images.map((_, slice) => ({
      PlanePositionSequence: [{ ImagePositionPatient: positionOf(slice) }],
    })),
  };
}

/** The whole header of one image of a sample study: patient, study and how the image is shown and placed. */
export function sampleImageAttributes(kind: SampleKind, image: ImageReference): DicomAttributes {
  const part = sampleResult(kind).parts.find(({ seriesInstanceUid }) => seriesInstanceUid === image.seriesInstanceUid)!;
  const slice = part.images.findIndex(({ sopInstanceUid }) => sopInstanceUid === image.sopInstanceUid);
  const identity: DicomAttributes = {
    ...sampleSourceAttributes(kind),
    SOPClassUID: image.sopClassUid,
    SOPInstanceUID: image.sopInstanceUid,
    SeriesInstanceUID: image.seriesInstanceUid,
    InstanceNumber: String(slice + 1),
  };
  if (part.modality !== 'CT') return { ...identity, ...FILM_DISPLAY };
  const placed: DicomAttributes = { ...identity, ...CT_DISPLAY, FrameOfReferenceUID: part.frameOfReferenceUid };
  if (image.frameNumber === undefined) return { ...placed, ImagePositionPatient: SAMPLE_CT_GRID.positionOf(slice) };
  const { PixelSpacing, ImageOrientationPatient, RescaleSlope, RescaleIntercept, RescaleType, ...plain } = placed;
  return { ...plain, ...frameGroups(part.images) };
}

/** Headers of images of a sample study by SOP Instance UID, read from their bytes. @default all its images */
export function sampleDatasets(kind: SampleKind, images?: readonly ImageReference[]): Map<string, Dataset> {
  const wanted = images ?? sampleResult(kind).parts.flatMap((part) => part.images);
  const unique = new Map(wanted.map((image) => [image.sopInstanceUid, image]));
  if (unique.size === 0) {
    const { dataset } = readPart10(buildDicom({ attributes: sampleSourceAttributes(kind) }));
    return new Map([[dataset.string('SOPInstanceUID')!, dataset]]);
  }
  return new Map(
    [...unique].map(([uid, image]) => [
      uid,
      readPart10(buildDicom({ attributes: sampleImageAttributes(kind, image) })).dataset,
    ]),
  );
}
