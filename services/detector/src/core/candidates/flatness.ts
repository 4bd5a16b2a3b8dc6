import { type Symmetric3, symmetricEigenvalues } from '../imaging/symmetric-eigenvalues.js';
import { CT_CANDIDATES } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { distanceMm, type PointMm, voxelMm } from './centreline.js';

/** Most points of a path at which the cross-section is looked at. */
const MOST_PLACES = 15;

/**
 * How much wider than thick a component is across its path, blur taken off: 1 for a tube, more for a plate.
 *
 * @param core 1 for voxels at half maximum, in the order of `voxels`
 * @param seenMm width of a tube of its length and volume
 * @returns square root of the second over the third variance, exceeded along most of the path
 */
export function measureFlatness(
  volume: Volume,
  voxels: Int32Array,
  core: Uint8Array,
  path: readonly PointMm[],
  seenMm: number,
): number {
  const points: PointMm[] = [];
  voxels.forEach((voxel, node) => {
    if (core[node]) points.push(voxelMm(volume, voxel));
  });
  const reachMm = Math.max(CT_CANDIDATES.flatnessReach * seenMm, 1.5 * Math.max(...volume.spacingMm));
  const step = Math.max(1, Math.floor(path.length / MOST_PLACES));
  const ratios: number[] = [];
  for (let at = 0; at < path.length; at += step) {
    const near = points.filter((point) => distanceMm(point, path[at]!) <= reachMm);
    if (near.length > 3) ratios.push(flatnessOf(near, volume));
  }
  ratios.sort((a, b) => a - b);
  return ratios[Math.floor(ratios.length * CT_CANDIDATES.flatnessQuantile)] ?? 1;
}

function flatnessOf(points: readonly PointMm[], volume: Volume): number {
  const n = points.length;
  const mean = [0, 1, 2].map((axis) => points.reduce((sum, point) => sum + point[axis]!, 0) / n);
  const covariance = (a: number, b: number): number =>
    points.reduce((sum, point) => sum + (point[a]! - mean[a]!) * (point[b]! - mean[b]!), 0) / n;
  const blur = volume.spacingMm.map((mm, axis) => {
    const blurMm = axis === 2 ? CT_CANDIDATES.sliceBlurShare * (volume.sliceThicknessMm ?? mm) : CT_CANDIDATES.blurMm;
    return blurMm * blurMm;
  });
  const matrix: Symmetric3 = [
    covariance(0, 0) - blur[0]!,
    covariance(0, 1),
    covariance(0, 2),
    covariance(1, 1) - blur[1]!,
    covariance(1, 2),
    covariance(2, 2) - blur[2]!,
  ];
  const leastMm = Math.max(
    CT_CANDIDATES.leastThicknessMm,
    CT_CANDIDATES.leastThicknessSpacings * Math.max(...volume.spacingMm),
  );
  // Variance of a disc of that diameter.
  const least = leastMm ** 2 / 16;
  const [, second, third] = symmetricEigenvalues(matrix);
  return Math.sqrt(Math.max(least, second) / Math.max(least, third));
}
