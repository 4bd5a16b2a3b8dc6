import { kernels } from './kernels.js';

/** A volume summarised over blocks of voxels; both arrays have shape [nz, ny, nx] of blocks. */
export interface BlockSummary {
  readonly nx: number;
  readonly ny: number;
  readonly nz: number;
  /** Mean of each block, rounded. */
  readonly means: Int16Array;
  /** Largest value of each block. */
  readonly maxima: Int16Array;
}

/**
 * Mean and maximum over blocks: the one pass over all voxels. Blocks at the far borders hold what is left over.
 *
 * @param values shape [slices, rows, columns], flat.
 * @param factors block size in voxels along columns, rows and slices.
 */
export function reduceBlocks(
  values: Int16Array,
  columns: number,
  rows: number,
  slices: number,
  factors: readonly [number, number, number],
): BlockSummary {
  const [fx, fy, fz] = factors;
  const nx = Math.ceil(columns / fx);
  const ny = Math.ceil(rows / fy);
  const nz = Math.ceil(slices / fz);
  const means = new Int16Array(nx * ny * nz);
  const maxima = new Int16Array(nx * ny * nz);
  const sliceSize = columns * rows;
  const kernel = kernels();
  const [slab, sums, peaks, meansAt, maximaAt] = kernel.layOut([
    sliceSize * fz * 2,
    columns * 4,
    columns * 2,
    nx * ny * 2,
    nx * ny * 2,
  ]) as [number, number, number, number, number];
  const memory = new Int16Array(kernel.memory.buffer);
  for (let z = 0; z < nz; z++) {
    const from = z * fz;
    const depth = Math.min(fz, slices - from);
    memory.set(values.subarray(from * sliceSize, (from + depth) * sliceSize), slab / 2);
    kernel.reduceSlab(slab, sums, peaks, meansAt, maximaAt, columns, rows, depth, fx, fy);
    means.set(memory.subarray(meansAt / 2, meansAt / 2 + nx * ny), z * nx * ny);
    maxima.set(memory.subarray(maximaAt / 2, maximaAt / 2 + nx * ny), z * nx * ny);
  }
  return { nx, ny, nz, means, maxima };
}
