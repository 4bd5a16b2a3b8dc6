import type { Finding } from '@pce/shared/contracts/finding';
import { CT_SITES } from '../parameters.js';
import { cellOfVoxel } from './anatomy-grid.js';
import { type ChestMap, REGION } from './chest-map.js';

/**
 * The organ a voxel between or in the lungs lies in, by its place relative to the lungs and the spine.
 *
 * An approximation: the heart is the front of the lower mediastinum, the inferior vena cava lies at its foot on the
 * right, the azygos vein at the spine. Within a lung it is an artery.
 */
export function siteOf(chest: ChestMap, i: number, j: number, k: number): Finding['site'] {
  const { grid } = chest.anatomy;
  const cell = cellOfVoxel(chest.anatomy, i, j, k);
  if (chest.region[cell] !== REGION.mediastinum) return 'pulmonary-artery';
  const x = cell % grid.nx;
  const y = Math.floor(cell / grid.nx) % grid.ny;
  const z = Math.floor(cell / (grid.nx * grid.ny));
  const lungs = [chest.lungs.right, chest.lungs.left];
  const lowest = Math.min(...lungs.map((lung) => lung.first[2]));
  const highest = Math.max(...lungs.map((lung) => lung.last[2]));
  const height = (z - lowest) / Math.max(1, highest - lowest);
  const beforeSpineMm = (chest.spine.y[z]! - y) * grid.spacingMm[1];
  const rightOfSpineMm = (chest.spine.x[z]! - x) * grid.spacingMm[0];
  if (beforeSpineMm < CT_SITES.azygosBeforeSpineMm) return 'azygos-vein';
  const isRight = rightOfSpineMm > CT_SITES.cavaRightOfSpineMm;
  if (height < CT_SITES.cavaBelow && isRight && beforeSpineMm < CT_SITES.heartBeforeSpineMm)
    return 'inferior-vena-cava';
  if (height < CT_SITES.heartBelow && beforeSpineMm >= CT_SITES.heartBeforeSpineMm) return 'right-heart';
  return 'pulmonary-artery';
}
