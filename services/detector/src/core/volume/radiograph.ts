import type { ImageReference } from '@pce/shared/contracts/image-reference';

/** How far the millimetres of a film can be trusted. */
export type SpacingCalibration =
  /** Pixel Spacing with a calibration, or geometry known: millimetres in the patient. */
  | 'calibrated'
  /** Imager Pixel Spacing only: millimetres on the detector, magnified. */
  | 'detector-plane'
  /** No spacing, or one that cannot be true: no millimetres are claimed. */
  | 'uncalibrated';

export type RadiographView = 'PA' | 'AP' | 'lateral' | 'unknown';
export type RadiographBodyPart = 'chest' | 'spine' | 'other' | 'unknown';

/**
 * A projection radiograph, normalised so that dense is bright (MONOCHROME1 is inverted) and values lie in 0..1
 * over the image's own stored range after modality and VOI LUT. Pixel (column i, row j) is at `j * columns + i`.
 */
export interface Radiograph {
  readonly pixels: Float32Array;
  readonly columns: number;
  readonly rows: number;
  /** Distance of pixel centres along [i, j] in millimetres, or null when uncalibrated. */
  readonly spacingMm: readonly [number, number] | null;
  readonly calibration: SpacingCalibration;
  readonly view: RadiographView;
  /** Whether the view came from the tags or was guessed from the image. */
  readonly viewSource: 'tags' | 'image';
  readonly bodyPart: RadiographBodyPart;
  /** Which side of the image is the patient's left: 'right' in the usual display. Null when unknown. */
  readonly patientLeftIsOn: 'left' | 'right' | null;
  /** Which edge of the image the patient's head is towards. Absent or null when unknown: 'top' in the usual display. */
  readonly headIsOn?: 'top' | 'bottom' | 'left' | 'right' | null;
  readonly image: ImageReference;
  readonly remarks: readonly string[];
}
