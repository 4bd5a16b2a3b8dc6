import type { Volume } from '../volume/volume.js';
import type { Lungs } from './lungs.js';

/** Soft tissue between fat and dense contrast. */
const SOFT_TISSUE_HU = [-20, 700] as const;
/** Attenuation of unenhanced blood, where the mediastinum shows no soft tissue to sample. */
const UNENHANCED_BLOOD_HU = 45;
/** Brightest share of the mediastinum taken as blood: heart and great vessels fill more than that. */
const BLOOD_PERCENTILE = 0.8;

/** Attenuation of blood in the heart and great vessels: shows whether and how far contrast fills them. */
export function estimateBloodPoolHu(volume: Volume, lungs: Lungs): number {
  const { grid } = lungs;
  const values: number[] = [];
  const half = Math.round(50 / grid.spacingMm[0]);
  for (let k = lungs.firstBlock; k <= lungs.lastBlock; k++) {
    for (let j = 0; j < grid.ny; j++) {
      for (let i = Math.max(0, lungs.midlineColumn - half); i < Math.min(grid.nx, lungs.midlineColumn + half); i++) {
        const at = (k * grid.ny + j) * grid.nx + i;
        if (lungs.closed[at] === 0 || lungs.aerated[at] !== 0) continue;
        const hu = grid.hu[at]!;
        if (hu > SOFT_TISSUE_HU[0] && hu < Math.min(SOFT_TISSUE_HU[1], volume.clippedAtHu)) values.push(hu);
      }
    }
  }
  if (values.length < 50) return UNENHANCED_BLOOD_HU;
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length * BLOOD_PERCENTILE)]!;
}
