import type { NotAnalysable } from '@pce/shared/contracts/exam-outcome';
import { CT_VOLUME } from '../parameters.js';
import { notAnalysable } from './reason.js';

/** Every so many voxels are asked whether they are air: prime, so that no column is always met. */
const AIR_STRIDE = 7;

/** A chest in Hounsfield units has air in and around it; without, the values are something else. */
export function refuseWithoutAir(hu: Int16Array): NotAnalysable | null {
  const [lowest, highest] = CT_VOLUME.airBandHu;
  let air = 0;
  for (let at = 0; at < hu.length; at += AIR_STRIDE) if (hu[at]! >= lowest && hu[at]! <= highest) air += 1;
  const share = (air * AIR_STRIDE) / hu.length;
  if (share >= CT_VOLUME.minAirFraction) return null;
  const expected = `at least ${100 * CT_VOLUME.minAirFraction} % of the voxels from ${lowest} to ${highest} HU`;
  return notAnalysable('no-air', 'Air and lung in the CT', expected, `${(100 * share).toFixed(1)} %`);
}

/**
 * The attenuation at which values are clipped: a plateau of equal largest values, else what the stored bits can hold.
 *
 * @param largestHu the largest value in `hu`
 * @param storedLimitHu attenuation of the largest stored value
 */
export function findClippingHu(hu: Int16Array, largestHu: number, storedLimitHu: number): number {
  const otherwise = Math.max(storedLimitHu, largestHu);
  if (largestHu < CT_VOLUME.minClippedAtHu) return otherwise;
  let atLargest = 0;
  for (let at = 0; at < hu.length; at++) if (hu[at] === largestHu) atLargest += 1;
  return atLargest >= CT_VOLUME.clippedPlateauVoxels ? largestHu : otherwise;
}
