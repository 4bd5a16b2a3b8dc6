import { distanceToMaskMm, distanceToOutsideMm } from '../imaging/distance.js';
import { type Grid, gridSize } from '../imaging/grid.js';
import { labelComponents } from '../imaging/label-components.js';
import { CT_SPINE_CEMENT } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import type { DenseComponent } from './dense-components.js';

/**
 * What of a component hangs on its bulk by a thin neck: its voxels that no ball of `CT_SPINE_CEMENT.bulkRadiusMm` inside
 * the component reaches, those that hang together as one part each.
 */
export function thinParts(volume: Volume, component: DenseComponent): DenseComponent[] {
  const { grid, cells } = boxAround(volume, component.voxels);
  const inside = new Uint8Array(gridSize(grid));
  for (const cell of cells) inside[cell] = 1;
  const bulk = Uint8Array.from(distanceToOutsideMm(inside, grid), (mm) => (mm > CT_SPINE_CEMENT.bulkRadiusMm ? 1 : 0));
  const toBulkMm = distanceToMaskMm(bulk, grid);
  const reachMm = CT_SPINE_CEMENT.bulkRadiusMm + CT_SPINE_CEMENT.bulkSkinMm;
  const thin = inside.map((isInside, cell) => (isInside && toBulkMm[cell]! > reachMm ? 1 : 0));
  const { labels, sizes } = labelComponents(thin, grid.nx, grid.ny, grid.nz);
  const parts = Array.from(sizes, (size) => new Int32Array(size));
  const filled = new Int32Array(parts.length);
  for (const [n, voxel] of component.voxels.entries()) {
    const label = labels[cells[n]!]!;
    if (label > 0) parts[label]![filled[label]!++] = voxel;
  }
  return parts.slice(1).map((voxels) => ({ ...component, voxels, seed: voxels[0]! }));
}

/** The box around voxels with one to spare on every side, and the place of each voxel in it. */
function boxAround({ columns, rows, spacingMm }: Volume, voxels: Int32Array): { grid: Grid; cells: Int32Array } {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  const placeOf = (voxel: number): readonly [number, number, number] => [
    voxel % columns,
    Math.floor(voxel / columns) % rows,
    Math.floor(voxel / (columns * rows)),
  ];
  for (const voxel of voxels) {
    const place = placeOf(voxel);
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis]!, place[axis]! - 1);
      high[axis] = Math.max(high[axis]!, place[axis]! + 1);
    }
  }
  const [nx, ny, nz] = low.map((least, axis) => high[axis]! - least + 1) as [number, number, number];
  const cells = voxels.map((voxel) => {
    const [x, y, z] = placeOf(voxel);
    return ((z - low[2]) * ny + (y - low[1])) * nx + (x - low[0]);
  });
  return { grid: { nx, ny, nz, spacingMm }, cells };
}
