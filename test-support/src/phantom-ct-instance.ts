import { buildDicom, type DicomAttributes } from './dicom-builder.js';
import type { CtGeometry } from './phantom-ct.js';
import { SIMULATED_EQUIPMENT, SIMULATED_PATIENT, simulatedStudy } from './phantom-dicom.js';
import { uidFromSeed } from './uid-from-seed.js';

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const INTERCEPT_HU = -1024;
/** Twelve bits: attenuations above 3,071 HU are clipped. */
const MAX_STORED = 4095;

export interface CtSeries extends CtGeometry {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  /** Text the instance UIDs are derived from. */
  readonly uidSeed: string;
  readonly contrast: string;
  readonly patientId: string;
}

function pixelBytes(hu: Float32Array): Uint8Array {
  const stored = new Uint16Array(hu.length);
  for (let i = 0; i < hu.length; i++) {
    const value = Math.round(hu[i]! - INTERCEPT_HU);
    stored[i] = value < 0 ? 0 : Math.min(value, MAX_STORED);
  }
  return new Uint8Array(stored.buffer);
}

function seriesAttributes(series: CtSeries): DicomAttributes {
  const enhanced = series.contrast === 'none' ? {} : { ContrastBolusAgent: 'SIMULATED IODINE' };
  return {
    ...SIMULATED_PATIENT,
    ...SIMULATED_EQUIPMENT,
    ...simulatedStudy(series.studyInstanceUid, series.patientId, 'SIMULATED CHEST CT'),
    SOPClassUID: CT_IMAGE_STORAGE,
    Modality: 'CT',
    SeriesInstanceUID: series.seriesInstanceUid,
    SeriesNumber: 2,
    SeriesDescription: `SIMULATED ${series.sliceThicknessMm.toFixed(1)} mm`,
    BodyPartExamined: 'CHEST',
    PatientPosition: 'HFS',
    ProtocolName: 'SIMULATED',
    FrameOfReferenceUID: series.frameOfReferenceUid,
    PositionReferenceIndicator: '',
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    KVP: 120,
    ExposureTime: 500,
    XRayTubeCurrent: 200,
    ConvolutionKernel: 'STANDARD',
    GantryDetectorTilt: 0,
    AcquisitionNumber: 1,
    SliceThickness: series.sliceThicknessMm,
    SpacingBetweenSlices: series.sliceSpacingMm,
    ...enhanced,
  };
}

function imageAttributes(series: CtSeries): DicomAttributes {
  return {
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: series.rows,
    Columns: series.columns,
    PixelSpacing: [series.pixelMm, series.pixelMm],
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    RescaleIntercept: INTERCEPT_HU,
    RescaleSlope: 1,
    RescaleType: 'HU',
    WindowCenter: [-500, 40],
    WindowWidth: [1500, 400],
    ImageComments: 'SIMULATED, not a patient',
  };
}

const round4 = (value: number): number => Math.round(value * 1e4) / 1e4;

/** One slice as a complete CT Image Storage file. Source: PS3.3 section A.3. */
export function buildCtInstance(series: CtSeries, k: number, instanceNumber: number, hu: Float32Array): Uint8Array {
  const z = round4(series.firstZ + k * series.sliceSpacingMm);
  return buildDicom({
    attributes: {
      ...seriesAttributes(series),
      ...imageAttributes(series),
      SOPInstanceUID: uidFromSeed(`instance ${k} ${series.uidSeed}`),
      InstanceNumber: instanceNumber,
      ImagePositionPatient: [round4(series.originX), round4(series.originY), z],
      SliceLocation: z,
    },
    pixelData: pixelBytes(hu),
  });
}
