import { CT_BLOOD } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import type { Lungs } from './coarse-lungs.js';

/** Attenuation of blood in the heart and great vessels: shows whether and how far contrast fills them. */
export function estimateBloodPoolHu(volume: Volume, lungs: Lungs): number {
  const { grid } = lungs;
  const half = Math.round(CT_BLOOD.reachMm / grid.spacingMm[0]);
  const [low, high] = CT_BLOOD.softTissueHu;
  const depth = Math.round((lungs.lastRow - lungs.firstRow) * CT_BLOOD.frontShare);
  const isBackLast = volume.voxelToLpsMm[5]! >= 0;
  const firstRow = isBackLast ? lungs.firstRow : lungs.lastRow - depth;
  const values: number[] = [];
  for (let k = lungs.firstBlock; k <= lungs.lastBlock; k++) {
    for (let j = firstRow; j <= firstRow + depth; j++) {
      for (
        let i = Math.max(0, lungs.midlineColumn - half);
        i <= Math.min(grid.nx - 1, lungs.midlineColumn + half);
        i++
      ) {
        const at = (k * grid.ny + j) * grid.nx + i;
        const hu = grid.hu[at]!;
        if (lungs.aerated[at] === 0 && hu > low && hu < high) values.push(hu);
      }
    }
  }
  if (values.length < CT_BLOOD.minBlocks) return CT_BLOOD.unenhancedHu;
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length * CT_BLOOD.percentile)]!;
}
