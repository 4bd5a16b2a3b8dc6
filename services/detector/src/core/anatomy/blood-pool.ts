import { CT_BLOOD } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { type AnatomyGrid, voxelsOfCell } from './anatomy-grid.js';

/** Attenuation of blood in the heart and great vessels, and how noisy the image is there. */
export interface Blood {
  readonly hu: number;
  readonly noiseHu: number;
}

/**
 * Estimates blood from the mediastinum: the level that most of its soft tissue stays below, which contrast fills.
 *
 * @param mediastinum 1 between the lungs, on the anatomy grid
 */
export function estimateBlood(volume: Volume, anatomy: AnatomyGrid, mediastinum: Uint8Array): Blood {
  const [low, high] = CT_BLOOD.softTissueHu;
  const cells: number[] = [];
  for (let n = 0; n < mediastinum.length; n++) {
    const hu = anatomy.meanHu[n]!;
    if (mediastinum[n] && hu > low && hu < high) cells.push(n);
  }
  if (cells.length < CT_BLOOD.minBlocks) return { hu: CT_BLOOD.unenhancedHu, noiseHu: CT_BLOOD.usualNoiseHu };
  const levels = cells.map((n) => anatomy.meanHu[n]!).sort((a, b) => a - b);
  const hu = levels[Math.floor(levels.length * CT_BLOOD.percentile)]!;
  const step = Math.max(1, Math.floor(cells.length / CT_BLOOD.noiseSamples));
  const deviations: number[] = [];
  for (let c = 0; c < cells.length; c += step) deviations.push(deviationInCell(volume, anatomy, cells[c]!));
  deviations.sort((a, b) => a - b);
  return { hu, noiseHu: deviations[Math.floor(deviations.length / 2)]! };
}

/** Standard deviation of the voxels of one cell. */
function deviationInCell(volume: Volume, anatomy: AnatomyGrid, cell: number): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const at of voxelsOfCell(anatomy, volume, cell)) {
    const hu = volume.hu[at]!;
    count++;
    sum += hu;
    squares += hu * hu;
  }
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2) * (count / Math.max(1, count - 1)));
}
