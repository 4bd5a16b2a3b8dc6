import type { Volume } from '../volume/volume.js';

/** A volume averaged into blocks, for anatomy that needs no detail. Block (a, b, c) covers `step` voxels each way. */
export interface CoarseGrid {
  readonly hu: Int16Array;
  readonly nx: number;
  readonly ny: number;
  readonly nz: number;
  /** Voxels of the volume in one block along [i, j, k]. */
  readonly step: readonly [number, number, number];
  readonly spacingMm: readonly [number, number, number];
}

/** Averages the volume into blocks of about `blockMm`, never finer than the voxels. */
export function coarsen(volume: Volume, blockMm: number): CoarseGrid {
  const step = volume.spacingMm.map((spacing) => Math.max(1, Math.round(blockMm / spacing))) as [
    number,
    number,
    number,
  ];
  const { columns, rows, slices, hu } = volume;
  const nx = Math.floor(columns / step[0]);
  const ny = Math.floor(rows / step[1]);
  const nz = Math.floor(slices / step[2]);
  const sums = new Float64Array(nx * ny * nz);
  for (let k = 0; k < nz * step[2]; k++) {
    for (let j = 0; j < ny * step[1]; j++) {
      const from = (k * rows + j) * columns;
      const to = (Math.floor(k / step[2]) * ny + Math.floor(j / step[1])) * nx;
      for (let a = 0, i = 0; a < nx; a++) {
        let sum = 0;
        for (const end = i + step[0]; i < end; i++) sum += hu[from + i]!;
        sums[to + a] = sums[to + a]! + sum;
      }
    }
  }
  const inBlock = step[0] * step[1] * step[2];
  const spacingMm = volume.spacingMm.map((spacing, axis) => spacing * step[axis]!) as [number, number, number];
  return { hu: Int16Array.from(sums, (sum) => Math.round(sum / inBlock)), nx, ny, nz, step, spacingMm };
}

/** Index of the block a voxel lies in; voxels beyond the last whole block belong to it. */
export function blockOf(grid: CoarseGrid, i: number, j: number, k: number): number {
  const a = Math.min(grid.nx - 1, Math.floor(i / grid.step[0]));
  const b = Math.min(grid.ny - 1, Math.floor(j / grid.step[1]));
  const c = Math.min(grid.nz - 1, Math.floor(k / grid.step[2]));
  return (c * grid.ny + b) * grid.nx + a;
}
