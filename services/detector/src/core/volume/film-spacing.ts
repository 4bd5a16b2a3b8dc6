import { FILM } from '../parameters.js';
import type { StoredSpacings } from './instance-header.js';
import type { SpacingCalibration } from './radiograph.js';

/** Millimetres per pixel of a film, and what they mean. */
export interface FilmSpacing {
  /** Along [i, j], or null when uncalibrated. */
  readonly spacingMm: readonly [number, number] | null;
  readonly calibration: SpacingCalibration;
  readonly remarks: readonly string[];
}

/**
 * How far the spacings of a projection image can be trusted.
 *
 * Pixel Spacing with a calibration type, or one that differs from Imager Pixel Spacing, has been brought to the
 * patient; alone or equal to Imager Pixel Spacing it is that of the detector plane. Imager Pixel Spacing becomes
 * that of the patient when the magnification is given. Values that cannot be true are dropped, not repaired.
 *
 * Source: PS3.3 10.7.1.1 and 10.7.1.3, C.8.11.7.1 (Estimated Radiographic Magnification Factor)
 */
export function filmSpacing(stored: StoredSpacings, columns: number, rows: number): FilmSpacing {
  const pixel = asPair(stored.pixelSpacing);
  const imager = asPair(stored.imagerPixelSpacing) ?? asPair(stored.nominalScannedPixelSpacing);
  const chosen = choose(stored, pixel, imager);
  if (chosen === null) return uncalibrated([]);
  const problem = implausible(chosen.spacingMm, columns, rows);
  return problem === null ? { ...chosen, remarks: [] } : uncalibrated([problem]);
}

type Pair = readonly [number, number];
type Choice = { spacingMm: Pair; calibration: 'calibrated' | 'detector-plane' };

function choose(stored: StoredSpacings, pixel: Pair | null, imager: Pair | null): Choice | null {
  const isTyped = stored.calibrationType === 'GEOMETRY' || stored.calibrationType === 'FIDUCIAL';
  if (pixel !== null && isTyped) return { spacingMm: pixel, calibration: 'calibrated' };
  if (pixel !== null && imager !== null && !isSame(pixel, imager))
    return { spacingMm: pixel, calibration: 'calibrated' };
  const plane = imager ?? pixel;
  if (plane === null) return null;
  const magnification = stored.magnificationFactor;
  const [least, most] = FILM.magnificationRange;
  if (imager !== null && magnification !== null && magnification > least && magnification <= most) {
    return { spacingMm: [plane[0] / magnification, plane[1] / magnification], calibration: 'calibrated' };
  }
  return { spacingMm: plane, calibration: 'detector-plane' };
}

/** [row spacing, column spacing] as stored becomes the distance along [i, j]. Source: PS3.3 10.7.1.3. */
function asPair(values: readonly number[]): Pair | null {
  return values.length === 2 ? [values[1]!, values[0]!] : null;
}

function isSame(a: Pair, b: Pair): boolean {
  return a.every((mm, axis) => Math.abs(mm - b[axis]!) <= FILM.sameSpacingFraction * Math.abs(b[axis]!));
}

function implausible(spacingMm: Pair, columns: number, rows: number): string | null {
  const [least, most] = FILM.pixelSizeRangeMm;
  if (!spacingMm.every((mm) => mm >= least && mm <= most)) {
    return `Pixel spacing: expected ${least} to ${most} mm; received ${spacingMm.join(' x ')}. No millimetres are given.`;
  }
  const fieldMm = Math.max(spacingMm[0] * columns, spacingMm[1] * rows);
  const [shortest, longest] = FILM.fieldRangeMm;
  if (fieldMm < shortest || fieldMm > longest) {
    return `Size of the image by its pixel spacing: expected ${shortest} to ${longest} mm; received ${Math.round(fieldMm)} mm. No millimetres are given.`;
  }
  return null;
}

function uncalibrated(remarks: readonly string[]): FilmSpacing {
  return { spacingMm: null, calibration: 'uncalibrated', remarks };
}
