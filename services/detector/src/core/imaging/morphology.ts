import { distanceToMaskMm, distanceToOutsideMm } from './distance.js';
import type { Grid } from './grid.js';
import { maskWhere } from './mask.js';

/** Samples within a ball's radius of the mask. */
export function dilate(mask: ArrayLike<number>, grid: Grid, radiusMm: number): Uint8Array {
  return maskWhere(distanceToMaskMm(mask, grid), (distanceMm) => distanceMm <= radiusMm);
}

/** Samples farther than a ball's radius from everything outside the mask. */
export function erode(mask: ArrayLike<number>, grid: Grid, radiusMm: number): Uint8Array {
  return maskWhere(distanceToOutsideMm(mask, grid), (distanceMm) => distanceMm > radiusMm);
}

/**
 * Closing with a ball: fills gaps and notches narrower than twice the radius.
 *
 * The grid's border is no boundary to the erosion, so that a mask cut by it stays closed there.
 */
export function close(mask: ArrayLike<number>, grid: Grid, radiusMm: number): Uint8Array {
  const closed = erode(dilate(mask, grid, radiusMm), grid, radiusMm);
  for (let n = 0; n < closed.length; n++) if (mask[n]) closed[n] = 1;
  return closed;
}
