import { describe, expect, it } from 'vitest';
import type { Volume } from '../volume/volume.js';
import { thinParts } from './thin-parts.js';

const SIDE = 48;
const VOLUME = { columns: SIDE, rows: SIDE, slices: SIDE, spacingMm: [1, 1, 1] } as unknown as Volume;
const at = (i: number, j: number, k: number): number => (k * SIDE + j) * SIDE + i;

function voxelsWhere(isInside: (i: number, j: number, k: number) => boolean): number[] {
  const voxels: number[] = [];
  for (let k = 0; k < SIDE; k++) {
    for (let j = 0; j < SIDE; j++) {
      for (let i = 0; i < SIDE; i++) if (isInside(i, j, k)) voxels.push(at(i, j, k));
    }
  }
  return voxels;
}

const component = (voxels: readonly number[]) => ({
  voxels: Int32Array.from(voxels),
  seed: voxels[0]!,
  peakHu: 2400,
  growHu: 1050,
});
const BALL = voxelsWhere((i, j, k) => Math.hypot(i - 14, j - 20, k - 24) <= 8);
const TUBE = voxelsWhere((i, j, k) => i > 20 && i <= 42 && Math.hypot(j - 20, k - 24) <= 1.5);

describe('thinParts', () => {
  it('finds a tube that hangs on a ball, and leaves the ball', () => {
    const parts = thinParts(VOLUME, component([...new Set([...BALL, ...TUBE])]));
    expect(parts).toHaveLength(1);
    const along = [...parts[0]!.voxels].map((voxel) => voxel % SIDE);
    expect(Math.max(...along)).toBe(42);
    // The neck belongs to the ball as far as its blurred skin may reach.
    expect(Math.min(...along)).toBeGreaterThanOrEqual(22);
    expect(Math.min(...along)).toBeLessThanOrEqual(25);
  });

  it('finds nothing thin in a ball, whatever its place in the volume', () => {
    expect(thinParts(VOLUME, component(BALL))).toEqual([]);
    const corner = voxelsWhere((i, j, k) => Math.hypot(i - 8, j - 8, k - 8) <= 8);
    expect(thinParts(VOLUME, component(corner))).toEqual([]);
  });

  it('keeps two tubes apart', () => {
    const other = voxelsWhere((i, j, k) => k > 30 && k <= 44 && Math.hypot(i - 14, j - 20) <= 1.5);
    const parts = thinParts(VOLUME, component([...new Set([...BALL, ...TUBE, ...other])]));
    expect(parts).toHaveLength(2);
  });

  it('gives all of a component that holds no bulk', () => {
    const parts = thinParts(VOLUME, component(TUBE));
    expect(parts.map(({ voxels }) => voxels.length)).toEqual([TUBE.length]);
  });
});
