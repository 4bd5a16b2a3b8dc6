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
  const cells = beforeSpine(anatomy, mediastinum).filter((n) => anatomy.meanHu[n]! > low && anatomy.meanHu[n]! < high);
  if (cells.length < CT_BLOOD.minBlocks) return { hu: CT_BLOOD.unenhancedHu, noiseHu: CT_BLOOD.usualNoiseHu };
  const levels = cells.map((n) => anatomy.meanHu[n]!).sort((a, b) => a - b);
  const hu = levels[Math.floor(levels.length * CT_BLOOD.percentile)]!;
  const step = Math.max(1, Math.floor(cells.length / CT_BLOOD.noiseSamples));
  const deviations: number[] = [];
  for (let c = 0; c < cells.length; c += step) deviations.push(deviationInCell(volume, anatomy, cells[c]!));
  deviations.sort((a, b) => a - b);
  return { hu, noiseHu: deviations[Math.floor(deviations.length / 2)]! };
}

/** What of the mediastinum lies behind the sternum and before the spine, whose marrow would pass for contrast. */
function beforeSpine({ grid }: AnatomyGrid, mediastinum: Uint8Array): number[] {
  const { nx, ny, nz } = grid;
  const [from, to] = CT_BLOOD.frontShare;
  const cells: number[] = [];
  for (let z = 0; z < nz; z++) {
    const layer: number[] = [];
    for (let n = z * nx * ny; n < (z + 1) * nx * ny; n++) if (mediastinum[n]) layer.push(n);
    if (layer.length === 0) continue;
    const rowOf = (n: number): number => Math.floor(n / nx) % ny;
    const [front, back] = [rowOf(layer[0]!), rowOf(layer.at(-1)!)];
    for (const n of layer) {
      const share = (rowOf(n) - front) / Math.max(1, back - front);
      if (share >= from && share <= to) cells.push(n);
    }
  }
  return cells;
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
