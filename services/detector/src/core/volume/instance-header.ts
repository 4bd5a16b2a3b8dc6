import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { PointLpsMm } from './geometry.js';

/** Stored value to attenuation: value * slope + intercept. Source: PS3.3 C.11.1. */
export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
  /** Rescale Type; absent in classic CT means Hounsfield units. */
  readonly type: string | null;
}

/** What one frame of a CT image says of itself; a classic CT image has one. Null where the file is silent. */
export interface FrameHeader {
  /** Index in the file, from 0. */
  readonly frameIndex: number;
  readonly imageType: readonly string[];
  /** Centre of the top left pixel. */
  readonly positionLpsMm: PointLpsMm | null;
  /** Unit vectors along which columns and rows count up. */
  readonly rowDirection: PointLpsMm | null;
  readonly columnDirection: PointLpsMm | null;
  /** Distance of pixel centres along [i, j]: the reverse of the order in the file. Source: PS3.3 10.7.1.3. */
  readonly spacingMm: readonly [number, number] | null;
  readonly sliceThicknessMm: number | null;
  readonly kernel: string | null;
  readonly acquisitionNumber: number | null;
  readonly temporalPosition: number | null;
  /** Null when the file gives none; the modality LUT may be a table instead. */
  readonly rescale: Rescale | null;
  readonly frameOfReferenceUid: string | null;
}

/** The spacings a projection image may carry, [row spacing, column spacing] as stored. Source: PS3.3 10.7. */
export interface StoredSpacings {
  readonly pixelSpacing: readonly number[];
  readonly imagerPixelSpacing: readonly number[];
  readonly nominalScannedPixelSpacing: readonly number[];
  /** GEOMETRY or FIDUCIAL. */
  readonly calibrationType: string | null;
  readonly magnificationFactor: number | null;
}

/** A code without its meaning: value and scheme identify it. */
export interface Code {
  readonly value: string;
  readonly scheme: string;
}

/** Everything about an instance that decides whether, why and how it is analysed. No pixels, no patient. */
export interface InstanceHeader {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly modality: string;
  readonly imageType: readonly string[];
  readonly instanceNumber: number | null;
  readonly rows: number;
  readonly columns: number;
  readonly frameCount: number;
  readonly samplesPerPixel: number;
  readonly photometricInterpretation: string;
  readonly hasPixelData: boolean;

  /** Body Part Examined. */
  readonly bodyPart: string | null;
  readonly anatomicRegions: readonly Code[];
  /** View Position. */
  readonly viewPosition: string | null;
  readonly views: readonly Code[];
  /** Directions of growing column and row, such as ['L', 'F']. */
  readonly patientOrientation: readonly string[];
  /** Descriptions of study, series, step and protocol, for deciding only: people type names into them. */
  readonly descriptions: readonly string[];

  readonly presentationIntent: string | null;
  readonly pixelIntensityRelationship: string | null;
  /** SOP Instance UIDs of the images this one was made from. */
  readonly sourceImages: readonly string[];
  /** Date and time of the exposure as stored, to pair images of one exposure. */
  readonly acquiredAt: string | null;
  readonly spacings: StoredSpacings;

  readonly hasContrastAgent: boolean;
  readonly hasModalityTable: boolean;
  /** One per frame, for CT; empty otherwise. */
  readonly frames: readonly FrameHeader[];
}

/** The reference by which findings and reports name an image, or one frame of a multi-frame image. */
export function referenceTo(header: InstanceHeader, frame?: FrameHeader): ImageReference {
  const { sopClassUid, sopInstanceUid, seriesInstanceUid } = header;
  const image = { sopClassUid, sopInstanceUid, seriesInstanceUid };
  return frame !== undefined && header.frameCount > 1 ? { ...image, frameNumber: frame.frameIndex + 1 } : image;
}
