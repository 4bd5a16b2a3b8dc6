import type { Volume } from '@pce/detector/core/volume/volume';
import { buildDicom, type DicomAttributes } from '@pce/test-support/dicom-builder';
import { type SimulatedStudy, type StudyTruth, TRUTH_VERSION } from '@pce/test-support/truth';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { presenceOf, type Variant } from './variant.js';

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const INTERCEPT_HU = -1024;
/** Twelve bits: attenuations above 3,071 HU are clipped. */
const MAX_STORED = 4095;

/**
 * A variant as CT Image Storage files with its truth. Nothing of the source's header goes along but its geometry.
 *
 * @param name text that all UIDs are derived from: source series, seed and kind
 * @param patient a name for the patient of the source that says nothing of the patient
 */
export function variantStudy(variant: Variant, name: string, patient: string, seed: number): SimulatedStudy {
  const { volume } = variant;
  const series = { study: uidFromSeed(`study ${name}`), series: uidFromSeed(`series ${name}`), name };
  const files = Array.from({ length: volume.slices }, (_, k) => ({
    name: `CT${String(k + 1).padStart(4, '0')}.dcm`,
    bytes: buildDicom({
      attributes: sliceAttributes(volume, k, series, variant.contrast),
      pixelData: pixelBytes(volume, k),
    }),
  }));
  const truth: StudyTruth = {
    truthVersion: TRUTH_VERSION,
    studyInstanceUid: series.study,
    seriesInstanceUid: series.series,
    sopInstanceUid: null,
    modality: 'CT',
    patient,
    source: 'cement simulated into a real chest CT',
    seed,
    ...presenceOf(variant.objects),
    sliceSpacingMm: volume.spacingMm[2],
    sliceThicknessMm: volume.sliceThicknessMm,
    contrast: variant.contrast,
    expected: 'analysed',
    objects: [...variant.objects],
    images: Array.from({ length: volume.slices }, (_, k) => ({
      sopInstanceUid: uidFromSeed(`instance ${k} ${name}`),
      positionLpsMm: cornerOf(volume, k),
      pixelSpacingMm: volume.spacingMm[0],
    })),
  };
  return { files, truth };
}

function sliceAttributes(
  volume: Volume,
  k: number,
  { study, series, name }: { readonly study: string; readonly series: string; readonly name: string },
  contrast: string,
): DicomAttributes {
  return {
    SOPClassUID: CT_IMAGE_STORAGE,
    SOPInstanceUID: uidFromSeed(`instance ${k} ${name}`),
    SpecificCharacterSet: 'ISO_IR 100',
    PatientName: 'SIMULATED^INTO',
    PatientID: uidFromSeed(`patient ${name}`).slice(-12),
    PatientComments: 'SIMULATED cement in a real image, not a finding',
    Modality: 'CT',
    Manufacturer: 'PCE simulator',
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    StudyDate: '20250601',
    StudyTime: '101500',
    StudyID: '1',
    StudyDescription: 'SIMULATED CHEST CT',
    SeriesDescription: `SIMULATED ${volume.spacingMm[2].toFixed(1)} mm`,
    SeriesNumber: 2,
    AccessionNumber: '',
    ReferringPhysicianName: '',
    BodyPartExamined: 'CHEST',
    PatientPosition: 'HFS',
    FrameOfReferenceUID: uidFromSeed(`frame ${name}`),
    PositionReferenceIndicator: '',
    ImageType: ['DERIVED', 'PRIMARY', 'AXIAL'],
    KVP: 120,
    AcquisitionNumber: 1,
    InstanceNumber: k + 1,
    SliceThickness: volume.sliceThicknessMm ?? volume.spacingMm[2],
    ...(contrast === 'none' ? {} : { ContrastBolusAgent: 'SIMULATED IODINE' }),
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: volume.rows,
    Columns: volume.columns,
    PixelSpacing: [volume.spacingMm[1], volume.spacingMm[0]],
    ImageOrientationPatient: [0, 1].flatMap((axis) => [0, 1, 2].map((row) => cosine(volume, row, axis))),
    ImagePositionPatient: cornerOf(volume, k),
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    RescaleIntercept: INTERCEPT_HU,
    RescaleSlope: 1,
    RescaleType: 'HU',
    WindowCenter: 400,
    WindowWidth: 2000,
    ImageComments: 'SIMULATED',
  };
}

const round6 = (value: number): number => Math.round(value * 1e6) / 1e6;

function cosine({ voxelToLpsMm, spacingMm }: Volume, row: number, axis: number): number {
  return round6(voxelToLpsMm[row * 4 + axis]! / spacingMm[axis]!);
}

/** Centre of the first pixel of a slice. */
function cornerOf({ voxelToLpsMm: m }: Volume, k: number): [number, number, number] {
  return [0, 1, 2].map((row) => round6(m[row * 4 + 3]! + k * m[row * 4 + 2]!)) as [number, number, number];
}

function pixelBytes({ hu, columns, rows }: Volume, k: number): Uint8Array {
  const stored = new Uint16Array(columns * rows);
  const from = k * columns * rows;
  for (let n = 0; n < stored.length; n++) stored[n] = Math.min(MAX_STORED, Math.max(0, hu[from + n]! - INTERCEPT_HU));
  return new Uint8Array(stored.buffer);
}
