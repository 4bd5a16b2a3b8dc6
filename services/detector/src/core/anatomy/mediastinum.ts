import { fillConvexHull } from '../imaging/convex-hull.js';
import { type Grid, gridSize } from '../imaging/grid.js';

/**
 * What lies between the lungs: in each layer the convex hull of both, less the lungs.
 *
 * @param closed the closed lungs; any non-zero value counts
 * @returns 1 in the mediastinum, the spine's front included
 */
export function findMediastinum(closed: Uint8Array, grid: Grid): Uint8Array {
  const { nx, ny, nz } = grid;
  const between = new Uint8Array(gridSize(grid));
  for (let z = 0; z < nz; z++) {
    const layer = closed.subarray(z * nx * ny, (z + 1) * nx * ny);
    const hull = fillConvexHull(layer, nx, ny);
    for (let n = 0; n < hull.length; n++) if (hull[n] && !layer[n]) between[z * nx * ny + n] = 1;
  }
  return between;
}
