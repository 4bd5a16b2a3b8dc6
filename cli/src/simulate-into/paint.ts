import type { Volume } from '@pce/detector/core/volume/volume';
import { blurInPlace, gaussianKernel } from '@pce/test-support/blur';
import { seededRandom } from '@pce/test-support/random';
import { capsulesBySlice, TubeRaster, toCapsules } from '@pce/test-support/rasterize-tubes';
import type { Inset } from './inset.js';

/** How the scanner draws what is put in. */
export interface Imaging {
  /** Standard deviation of the blur within the slice, mm. */
  readonly psfMm: number;
  /** Width of the slice profile, a box, mm. */
  readonly thicknessMm: number;
  /** Share of each neighbouring slice that comes on top: overlap of a helical scan. */
  readonly spill: number;
  readonly clippedAtHu: number;
  readonly seed: number;
}

/** Samples across a pixel and between layers are no further apart, mm. */
const FINE_MM = 0.2;

/**
 * Adds insets to a volume: the share of each voxel they fill, blurred as the scanner blurs, times what their attenuation
 * exceeds that of the tissue whose place they take. The images' own noise and blur stay as they are.
 *
 * @returns the largest attenuation added to by each inset, before clipping
 */
export function paintInsets(hu: Float32Array, volume: Volume, insets: readonly Inset[], imaging: Imaging): number[] {
  const { columns, rows, slices, spacingMm } = volume;
  const plane = columns * rows;
  const grid = { columns, rows, pixelMm: spacingMm[0], originX: 0, originY: 0 };
  const raster = new TubeRaster(grid, Math.min(6, Math.max(2, Math.ceil(spacingMm[0] / FINE_MM))));
  const layers = Math.min(16, Math.max(3, Math.ceil(imaging.thicknessMm / (1.5 * FINE_MM))));
  const kernel = gaussianKernel(imaging.psfMm / spacingMm[0]);
  return insets.map((inset) => {
    const capsules = toCapsules(inset.tubes);
    const members = capsulesBySlice(capsules, 0, spacingMm[2], slices, imaging.thicknessMm);
    let peakHu = -1000;
    for (let k = 0; k < slices; k++) {
      if (members[k]!.length === 0) continue;
      raster.addSlice(capsules, members[k]!, k * spacingMm[2], imaging.thicknessMm, layers);
      const patch = blurredPatch(raster, columns, rows, kernel);
      raster.clear();
      if (patch === null) continue;
      const excess = inset.materialHu - inset.displacedHu;
      for (const [slice, share] of [
        [k, 1 - 2 * imaging.spill],
        [k - 1, imaging.spill],
        [k + 1, imaging.spill],
      ] as const) {
        if (slice < 0 || slice >= slices || share === 0) continue;
        for (let j = 0; j < patch.rows; j++) {
          for (let i = 0; i < patch.columns; i++) {
            const at = slice * plane + (patch.top + j) * columns + patch.left + i;
            hu[at]! += excess * share * patch.values[j * patch.columns + i]!;
            if (patch.values[j * patch.columns + i]! > 0.02 && hu[at]! > peakHu) peakHu = hu[at]!;
          }
        }
      }
      if (inset.streakHu > 0) addStreaks(hu, volume, k, patch, inset.streakHu, imaging.seed);
    }
    return peakHu;
  });
}

interface Patch {
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  readonly values: Float32Array;
}

function blurredPatch(raster: TubeRaster, columns: number, rows: number, kernel: Float32Array): Patch | null {
  if (raster.touchedCount === 0) return null;
  let [left, right, top, bottom] = [columns, 0, rows, 0];
  for (let n = 0; n < raster.touchedCount; n++) {
    const at = raster.touched[n]!;
    left = Math.min(left, at % columns);
    right = Math.max(right, at % columns);
    top = Math.min(top, Math.floor(at / columns));
    bottom = Math.max(bottom, Math.floor(at / columns));
  }
  const margin = kernel.length;
  left = Math.max(0, left - margin);
  top = Math.max(0, top - margin);
  const width = Math.min(columns - 1, right + margin) - left + 1;
  const height = Math.min(rows - 1, bottom + margin) - top + 1;
  const values = new Float32Array(width * height);
  for (let n = 0; n < raster.touchedCount; n++) {
    const at = raster.touched[n]!;
    values[(Math.floor(at / columns) - top) * width + (at % columns) - left] = raster.filled[at]!;
  }
  blurInPlace(values, new Float32Array(values.length), width, height, kernel);
  return { left, top, columns: width, rows: height, values };
}

/** Rays from metal, dark and bright by turns, falling off with distance: photon starvation and beam hardening. */
function addStreaks(
  hu: Float32Array,
  { columns, rows, spacingMm }: Volume,
  k: number,
  patch: Patch,
  strengthHu: number,
  seed: number,
): void {
  const random = seededRandom(seed * 1009 + k, 'streaks');
  let [sumX, sumY, sum] = [0, 0, 0];
  patch.values.forEach((share, n) => {
    sum += share;
    sumX += share * (patch.left + (n % patch.columns));
    sumY += share * (patch.top + Math.floor(n / patch.columns));
  });
  if (sum < 0.2) return;
  const [x, y] = [sumX / sum, sumY / sum];
  const profile = Float32Array.from({ length: 90 }, () => random.normal());
  const strength = strengthHu * Math.min(1, sum / 12);
  const reach = Math.round(60 / spacingMm[0]);
  for (let j = Math.max(0, Math.round(y) - reach); j < Math.min(rows, y + reach); j++) {
    for (let i = Math.max(0, Math.round(x) - reach); i < Math.min(columns, x + reach); i++) {
      const mm = Math.hypot(i - x, j - y) * spacingMm[0];
      if (mm < 2 || mm > 60) continue;
      const turn = ((Math.atan2(j - y, i - x) / Math.PI + 1) / 2) * 90;
      const low = Math.floor(turn) % 90;
      const ray = profile[low]! + (turn - Math.floor(turn)) * (profile[(low + 1) % 90]! - profile[low]!);
      hu[(k * rows + j) * columns + i]! += (strength * ray * 10) / (mm + 4);
    }
  }
}
