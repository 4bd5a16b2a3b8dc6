import type { Volume } from '../volume/volume.js';

/** Share of the picture's brightness that the mean attenuation gives: it shows lungs, heart and spine as a film does. */
const MEAN_SHARE = 0.75;
/** Mean attenuation, HU, that is shown black and white. Lung and chest wall together average -600 to -100. [design] */
const MEAN_RANGE_HU = [-800, 0] as const;
/** Largest attenuation, HU, from which a line begins to glow, and at which it is white: above ribs, at cement. [design] */
const PEAK_RANGE_HU = [900, 2600] as const;

/**
 * The volume from the front: the mean along each line from front to back, as a film would show it, with the largest
 * value added where it is above that of ribs. Head up.
 *
 * @returns shape [slices, columns], 0..1
 */
export function coronalProjection({ hu, columns, rows, slices }: Volume): Float32Array {
  const out = new Float32Array(slices * columns);
  const sum = new Float64Array(columns);
  const peak = new Int16Array(columns);
  for (let k = 0; k < slices; k++) {
    sum.fill(0);
    peak.fill(-1024);
    for (let j = 0; j < rows; j++) {
      const line = (k * rows + j) * columns;
      for (let i = 0; i < columns; i++) {
        const value = hu[line + i]!;
        sum[i]! += value;
        if (value > peak[i]!) peak[i] = value;
      }
    }
    // The feet's slice is the lowest row.
    const target = (slices - 1 - k) * columns;
    for (let i = 0; i < columns; i++) {
      const mean = share(sum[i]! / rows, MEAN_RANGE_HU);
      out[target + i] = Math.min(1, MEAN_SHARE * mean + (1 - MEAN_SHARE) * share(peak[i]!, PEAK_RANGE_HU));
    }
  }
  return out;
}

function share(value: number, [from, to]: readonly [number, number]): number {
  return Math.min(Math.max((value - from) / (to - from), 0), 1);
}
