import type { Finding } from '@pce/shared/contracts/finding';
import { voxelToLps } from '../volume/geometry.js';
import type { Volume } from '../volume/volume.js';
import type { Lungs } from './coarse-lungs.js';

export type Place = Pick<Finding, 'side' | 'zone' | 'lobe'>;

/** Where the oblique fissure meets the back of the lung, as a share of its height. [design] */
const OBLIQUE_FISSURE_SHARE = 0.7;
/** Height of the horizontal fissure, as a share of the lung's height. [design] */
const HORIZONTAL_FISSURE_SHARE = 0.45;

/**
 * Side, zone and lobe of a voxel. Zones are thirds of the lungs' height.
 *
 * Lobes are an approximation by planes for the fissures in a box around the lungs: near a fissure they are wrong by
 * a centimetre or two.
 */
export function placeOf(volume: Volume, lungs: Lungs, i: number, j: number, k: number): Place {
  const { grid } = lungs;
  const midline = (lungs.midlineColumn + 0.5) * grid.step[0];
  const lps = voxelToLps(volume.voxelToLpsMm, [i, j, k]);
  const side = lps[0] > voxelToLps(volume.voxelToLpsMm, [midline, j, k])[0] ? 'left' : 'right';
  const firstSlice = lungs.firstBlock * grid.step[2];
  const lastSlice = (lungs.lastBlock + 1) * grid.step[2];
  const isHeadUp = volume.voxelToLpsMm[10]! >= 0;
  const share = (k - firstSlice) / Math.max(1, lastSlice - firstSlice);
  const height = Math.min(1, Math.max(0, isHeadUp ? share : 1 - share));
  const zone = height < 1 / 3 ? 'lower' : height < 2 / 3 ? 'middle' : 'upper';
  const back = backwardShare(volume, lungs, j);
  if (height < OBLIQUE_FISSURE_SHARE * back) return { side, zone, lobe: `${side}-lower` };
  const isMiddle = side === 'right' && height < HORIZONTAL_FISSURE_SHARE;
  return { side, zone, lobe: isMiddle ? 'right-middle' : `${side}-upper` };
}

/** 0 at the front of the lungs, 1 at their back. */
function backwardShare(volume: Volume, lungs: Lungs, j: number): number {
  const share = (j / lungs.grid.step[1] - lungs.firstRow) / Math.max(1, lungs.lastRow - lungs.firstRow);
  const clamped = Math.min(1, Math.max(0, share));
  return volume.voxelToLpsMm[5]! >= 0 ? clamped : 1 - clamped;
}
