import { describe, expect, it } from 'vitest';
import type { Volume } from '../volume/volume.js';
import { measureCalibre } from './calibre.js';
import { distanceMm, type PointMm, pathLengthMm } from './centreline.js';

const SIDE = 64;
const LUNG_HU = -850;
const CEMENT_HU = 2400;
const CALIBRE_MM = 4;

/** Points of a straight path at steps of about 1 mm. */
function straight(from: PointMm, to: PointMm): PointMm[] {
  const steps = Math.round(distanceMm(from, to));
  const between = (n: number, axis: 0 | 1 | 2): number => from[axis] + (n / steps) * (to[axis] - from[axis]);
  return Array.from({ length: steps + 1 }, (_, n): PointMm => [between(n, 0), between(n, 1), between(n, 2)]);
}

/** Tubes of 4 mm around paths, in 1 mm voxels, their surface blurred over one voxel. */
function drawTubes(paths: readonly PointMm[][]): { volume: Volume; voxels: Int32Array; core: Uint8Array } {
  const hu = new Int16Array(SIDE ** 3).fill(LUNG_HU);
  const points = paths.flat();
  const voxels: number[] = [];
  for (let voxel = 0; voxel < hu.length; voxel++) {
    const at: PointMm = [voxel % SIDE, Math.floor(voxel / SIDE) % SIDE, Math.floor(voxel / SIDE ** 2)];
    if (Math.abs(at[2] - 32) > CALIBRE_MM) continue;
    const depthMm = CALIBRE_MM / 2 - Math.min(...points.map((point) => distanceMm(point, at)));
    if (depthMm <= -0.5) continue;
    hu[voxel] = LUNG_HU + Math.min(1, depthMm + 0.5) * (CEMENT_HU - LUNG_HU);
    voxels.push(voxel);
  }
  const core = Uint8Array.from(voxels, (voxel) => (hu[voxel]! >= (LUNG_HU + CEMENT_HU) / 2 ? 1 : 0));
  const volume: Volume = {
    hu,
    columns: SIDE,
    rows: SIDE,
    slices: SIDE,
    spacingMm: [1, 1, 1],
    voxelToLpsMm: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
    sliceThicknessMm: 1,
    clippedAtHu: 3071,
    sliceImages: [],
    seriesInstanceUid: '1.2',
    frameOfReferenceUid: null,
    remarks: [],
  };
  return { volume, voxels: Int32Array.from(voxels), core };
}

function largestMm(paths: readonly PointMm[][]): number {
  const { volume, voxels, core } = drawTubes(paths);
  const lengthMm = paths.reduce((sum, path) => sum + pathLengthMm(path), CALIBRE_MM);
  return measureCalibre(volume, voxels, core, paths, lengthMm, LUNG_HU).largestMm;
}

describe('measureCalibre', () => {
  it('measures a straight tube', () => {
    expect(Math.abs(largestMm([straight([8, 32, 32], [56, 32, 32])]) - CALIBRE_MM)).toBeLessThan(0.4);
  });

  it('measures a fork as it does a tube, however far apart its branches end', () => {
    const fork: PointMm = [30, 32, 32];
    const trunk = straight([6, 32, 32], fork);
    const branches = [straight(fork, [56, 12, 32]), straight(fork, [56, 52, 32])];
    expect(Math.abs(largestMm([trunk, ...branches]) - CALIBRE_MM)).toBeLessThan(0.4);
  });
});
