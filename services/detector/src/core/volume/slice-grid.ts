import type { NotAnalysable } from '@pce/shared/contracts/exam-outcome';
import { CT_VOLUME } from '../parameters.js';
import { notAnalysable } from './reason.js';
import { byOrder, groupByPosition, type Slice, usualSpacingMm } from './slice-stack.js';

/** One slice of the volume to be: where its voxels come from. */
export type GridSlot =
  /** The values of one image. */
  | { readonly kind: 'image'; readonly slice: Slice }
  /** Between two images: `weight` of the upper one, the rest of the lower one. */
  | { readonly kind: 'between'; readonly lower: Slice; readonly upper: Slice; readonly weight: number };

/** Evenly spaced slots from the feet to the head, each to be filled from images. */
export interface SliceGrid {
  readonly kind: 'grid';
  readonly slots: readonly GridSlot[];
  readonly spacingMm: number;
  /** Lowest slot along the normal, millimetres. */
  readonly firstMm: number;
  readonly remarks: readonly string[];
}

/**
 * Lays an even grid over the positions of a stack: drops repeats, marks missing slices to be interpolated, and
 * resamples a stack of uneven distances.
 *
 * @param sorted slices from the feet to the head
 * @returns not analysable where a gap is too wide or too many slices are missing
 */
export function layGrid(sorted: readonly Slice[]): SliceGrid | NotAnalysable {
  const positions = groupByPosition(sorted);
  const slices = positions.map((repeats) => [...repeats].sort(byOrder)[0]!);
  const repeats = sorted.length - slices.length;
  const remarks = repeats > 0 ? [`${plural(repeats, 'slice')} at a position already taken left out.`] : [];
  const spacingMm = usualSpacingMm(slices);
  const steps = slices.slice(1).map((slice, k) => (slice.alongMm - slices[k]!.alongMm) / spacingMm);
  const refusal = refuseGap(Math.max(...steps) * spacingMm, spacingMm);
  if (refusal !== null) return refusal;
  const isEven = steps.every((step) => Math.abs(step - Math.max(1, Math.round(step))) <= CT_VOLUME.evenSpacingFraction);
  return isEven ? fillMissing(slices, steps, remarks) : resample(slices, spacingMm, remarks);
}

/** Whether a gap is too wide to claim anything of what lay in it. */
export function refuseGap(gapMm: number, spacingMm: number): NotAnalysable | null {
  if (gapMm <= Math.max(CT_VOLUME.maxGapMm, (1 + CT_VOLUME.evenSpacingFraction) * spacingMm)) return null;
  const expected = `at most ${CT_VOLUME.maxGapMm} mm between slices`;
  return notAnalysable('slices-missing', 'CT slices', expected, `a gap of ${gapMm.toFixed(1)} mm`);
}

function fillMissing(slices: readonly Slice[], steps: readonly number[], remarks: string[]): SliceGrid | NotAnalysable {
  const counts = steps.map((step) => Math.max(1, Math.round(step)));
  const slotCount = counts.reduce((sum, count) => sum + count, 1);
  const slots: GridSlot[] = [{ kind: 'image', slice: slices[0]! }];
  counts.forEach((count, k) => {
    const lower = slices[k]!;
    const upper = slices[k + 1]!;
    for (let m = 1; m < count; m++) slots.push({ kind: 'between', lower, upper, weight: m / count });
    slots.push({ kind: 'image', slice: upper });
  });
  const missing = slotCount - slices.length;
  const refusal = refuseMissing(missing, slotCount);
  if (refusal !== null) return refusal;
  const firstMm = slices[0]!.alongMm;
  const spacingMm = (slices.at(-1)!.alongMm - firstMm) / (slotCount - 1);
  const filled = missing > 0 ? [`${plural(missing, 'slice')} missing, filled by interpolation.`] : [];
  return { kind: 'grid', slots, spacingMm, firstMm, remarks: [...remarks, ...filled] };
}

/** Whether too many slices are missing to claim anything of what lay between. */
export function refuseMissing(missing: number, slotCount: number): NotAnalysable | null {
  if (missing > CT_VOLUME.maxMissingFraction * slotCount) {
    const expected = `at most ${100 * CT_VOLUME.maxMissingFraction} % missing`;
    return notAnalysable('slices-missing', 'CT slices', expected, `${missing} of ${slotCount} missing`);
  }
  return null;
}

/** Slots at the usual distance over the whole extent, each between its two neighbours. */
function resample(slices: readonly Slice[], usualMm: number, remarks: string[]): SliceGrid {
  const firstMm = slices[0]!.alongMm;
  const extentMm = slices.at(-1)!.alongMm - firstMm;
  const steps = Math.max(1, Math.round(extentMm / usualMm));
  const spacingMm = extentMm / steps;
  const slots: GridSlot[] = [];
  let at = 0;
  for (let k = 0; k <= steps; k++) {
    const alongMm = firstMm + k * spacingMm;
    while (at < slices.length - 2 && slices[at + 1]!.alongMm <= alongMm) at += 1;
    slots.push(slotBetween(slices[at]!, slices[at + 1]!, alongMm));
  }
  const sentence = `Slice distances are uneven; resampled to ${spacingMm.toFixed(2)} mm.`;
  return { kind: 'grid', slots, spacingMm, firstMm, remarks: [...remarks, sentence] };
}

/** Nearer to an image than this share of the distance, the image itself is taken. */
const AT_IMAGE_FRACTION = 0.02;

function slotBetween(lower: Slice, upper: Slice, alongMm: number): GridSlot {
  const weight = (alongMm - lower.alongMm) / (upper.alongMm - lower.alongMm);
  if (weight <= AT_IMAGE_FRACTION) return { kind: 'image', slice: lower };
  if (weight >= 1 - AT_IMAGE_FRACTION) return { kind: 'image', slice: upper };
  return { kind: 'between', lower, upper, weight };
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
