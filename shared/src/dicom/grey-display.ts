import type { Dataset } from './dataset.js';
import { lookUp } from './lookup-table.js';
import { readModalityLut } from './modality-lut.js';
import type { PixelFrame } from './pixel-data.js';
import { readPadding } from './stored-padding.js';
import { readVoiLut, type VoiLut } from './voi-lut.js';

/** How a grey image asks to be shown: the steps from stored values to a screen. Source: PS3.4 section N.2. */
export interface GreyDisplay {
  /** Modality LUT: stored value to the modality's own unit, such as HU. */
  readonly toValue: (stored: number) => number;
  /** Whether `toValue` is slope and intercept, or null where it is a table. */
  readonly linear: { readonly slope: number; readonly intercept: number } | null;
  /** The image's own window or table; null without one. */
  readonly voi: VoiLut | null;
  /** Small values are bright. */
  readonly isInverted: boolean;
}

/**
 * @param dataset of the frame: see `frameDataset`
 * @param photometricInterpretation of the decoded frame
 */
export function readGreyDisplay(dataset: Dataset, photometricInterpretation: string): GreyDisplay {
  const modality = readModalityLut(dataset);
  const isLinear = modality.kind === 'linear';
  return {
    toValue: isLinear
      ? (stored) => stored * modality.slope + modality.intercept
      : (stored) => lookUp(modality.table, stored),
    linear: isLinear ? { slope: modality.slope, intercept: modality.intercept } : null,
    voi: readVoiLut(dataset),
    isInverted: isInverted(dataset, photometricInterpretation),
  };
}

/**
 * INVERSE belongs to MONOCHROME1 and says the same; an image that has only one of the two is meant to be inverted.
 * Source: PS3.3 C.8.11.3.1 (Presentation LUT Shape), C.7.6.3.1.2 (Photometric Interpretation).
 */
function isInverted(dataset: Dataset, photometricInterpretation: string): boolean {
  return photometricInterpretation === 'MONOCHROME1' || dataset.string('PresentationLUTShape') === 'INVERSE';
}

/** Stored values of 16 bits, signed or not. */
const STORED = { least: -32_768, most: 65_535 };

/** The same function, worked out once for each stored value: an image has many pixels of few values. */
export function oncePerValue(compute: (stored: number) => number): (stored: number) => number {
  const known = new Float64Array(STORED.most - STORED.least + 1).fill(Number.NaN);
  return (stored) => {
    if (stored < STORED.least || stored > STORED.most) return compute(stored);
    const at = stored - STORED.least;
    const before = known[at] as number;
    if (!Number.isNaN(before)) return before;
    const value = compute(stored);
    known[at] = value;
    return value;
  };
}

/** Values at the ends of what an image holds, padding left out. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** One value in so many is looked at: a film has millions. */
const SAMPLE_STRIDE = 17;
/** Images with fewer pixels are looked at as a whole. */
const FEW_PIXELS = 100_000;

/**
 * The range of an image without a window of its own, by some of its values.
 *
 * @param clippedFraction left out at either end, such as 0.005
 */
export function fittingRange(
  { pixels, signed, bitsStored }: PixelFrame,
  dataset: Dataset,
  { toValue }: GreyDisplay,
  clippedFraction: number,
): ValueRange {
  const stride = pixels.length < FEW_PIXELS ? 1 : SAMPLE_STRIDE;
  const padding = readPadding(dataset, signed, bitsStored);
  const some = pixels.filter(
    (stored, at) => at % stride === 0 && !(padding && stored >= padding.from && stored <= padding.to),
  );
  some.sort();
  const at = (fraction: number) => toValue(some[Math.floor(fraction * (some.length - 1))] ?? 0);
  const ends = [at(clippedFraction), at(1 - clippedFraction)] as const;
  return { low: Math.min(...ends), high: Math.max(...ends) };
}
