import type { Finding } from '@pce/shared/contracts/finding';
import { CT_ZONES } from '../parameters.js';
import { cellOfVoxel } from './anatomy-grid.js';
import type { ChestMap } from './chest-map.js';
import { LEFT_LUNG, type LungExtent, RIGHT_LUNG } from './lungs.js';

export type Place = Pick<Finding, 'side' | 'zone' | 'lobe'>;

/**
 * Side, third and lobe of a voxel.
 *
 * The side is that of the lung the voxel lies in, else that of the midline between the lungs, in patient coordinates.
 * Zones are thirds of that lung's height. Lobes are approximated by planes for the fissures in the box around the lung:
 * near a fissure they are wrong by a centimetre or two.
 */
export function placeOf(chest: ChestMap, i: number, j: number, k: number): Place {
  const { grid } = chest.anatomy;
  const cell = cellOfVoxel(chest.anatomy, i, j, k);
  const x = cell % grid.nx;
  const y = Math.floor(cell / grid.nx) % grid.ny;
  const z = Math.floor(cell / (grid.nx * grid.ny));
  const isRight = chest.region[cell] === RIGHT_LUNG || (chest.region[cell] !== LEFT_LUNG && x < midlineAt(chest, z));
  const side = isRight ? 'right' : 'left';
  const own = isRight ? chest.lungs.right : chest.lungs.left;
  const lung = own.volumeMl > 0 ? own : isRight ? chest.lungs.left : chest.lungs.right;
  const height = shareAlong(lung, 2, z);
  const zone = height < 1 / 3 ? 'lower' : height < 2 / 3 ? 'middle' : 'upper';
  if (height < CT_ZONES.obliqueFissureShare * shareAlong(lung, 1, y)) return { side, zone, lobe: `${side}-lower` };
  const isMiddle = side === 'right' && height < CT_ZONES.horizontalFissureShare;
  return { side, zone, lobe: isMiddle ? 'right-middle' : `${side}-upper` };
}

/** The spine's column, which lies in the midline. */
export function midlineAt(chest: ChestMap, z: number): number {
  return chest.spine.x[z]!;
}

/** 0 at one end of the lung's box, 1 at the other: front to back for axis 1, feet to head for axis 2. */
function shareAlong(lung: LungExtent, axis: 1 | 2, at: number): number {
  const share = (at - lung.first[axis]) / Math.max(1, lung.last[axis] - lung.first[axis]);
  return Math.min(1, Math.max(0, share));
}
