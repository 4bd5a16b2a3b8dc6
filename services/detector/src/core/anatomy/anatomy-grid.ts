import { reduceBlocks } from '../imaging/block-reduce.js';
import type { Grid } from '../imaging/grid.js';
import { CT_LUNGS } from '../parameters.js';
import type { Volume } from '../volume/volume.js';

/**
 * The volume in blocks of about 2.5 mm, in patient order: x runs to the left, y to the back, z to the head,
 * whatever way the slices were cut. Anatomy lives on this grid; measurements go back to the voxels.
 */
export interface AnatomyGrid {
  readonly grid: Grid;
  /** Mean HU of each block. */
  readonly meanHu: Int16Array;
  /** Largest HU of each block. */
  readonly maxHu: Int16Array;
  /** Block size in voxels along i, j, k. */
  readonly factors: readonly [number, number, number];
  /** Cell (ci, cj, ck) of the volume's own order is at origin + ci * strides[0] + cj * strides[1] + ck * strides[2]. */
  readonly origin: number;
  readonly strides: readonly [number, number, number];
  /** Blocks along i, j, k. */
  readonly blocks: readonly [number, number, number];
}

/** Reads the volume once and sums it up in patient order. */
export function buildAnatomyGrid(volume: Volume): AnatomyGrid {
  const factors = volume.spacingMm.map((spacingMm) =>
    Math.max(1, Math.round(CT_LUNGS.cellMm / spacingMm)),
  ) as unknown as readonly [number, number, number];
  const summary = reduceBlocks(volume.hu, volume.columns, volume.rows, volume.slices, factors);
  const blocks = [summary.nx, summary.ny, summary.nz] as const;
  const { axisOf, sign } = patientAxes(volume);
  const counts = axisOf.map((voxelAxis) => blocks[voxelAxis]!);
  const spacingMm = axisOf.map((voxelAxis) => volume.spacingMm[voxelAxis]! * factors[voxelAxis]!);
  const strides: [number, number, number] = [0, 0, 0];
  let origin = 0;
  let stride = 1;
  for (let patientAxis = 0; patientAxis < 3; patientAxis++) {
    const voxelAxis = axisOf[patientAxis]!;
    strides[voxelAxis] = stride * sign[patientAxis]!;
    if (sign[patientAxis]! < 0) origin += stride * (counts[patientAxis]! - 1);
    stride *= counts[patientAxis]!;
  }
  const reorder = (values: Int16Array): Int16Array => {
    const ordered = new Int16Array(values.length);
    let from = 0;
    for (let ck = 0; ck < blocks[2]; ck++) {
      for (let cj = 0; cj < blocks[1]; cj++) {
        let to = origin + cj * strides[1] + ck * strides[2];
        for (let ci = 0; ci < blocks[0]; ci++, to += strides[0]) ordered[to] = values[from++]!;
      }
    }
    return ordered;
  };
  return {
    grid: {
      nx: counts[0]!,
      ny: counts[1]!,
      nz: counts[2]!,
      spacingMm: spacingMm as unknown as readonly [number, number, number],
    },
    meanHu: reorder(summary.means),
    maxHu: reorder(summary.maxima),
    factors,
    origin,
    strides,
    blocks,
  };
}

/** Index of the cell that holds a voxel, in the arrays over the anatomy grid. Voxels beyond the volume use its border. */
export function cellOfVoxel(anatomy: AnatomyGrid, i: number, j: number, k: number): number {
  const { factors, blocks, strides } = anatomy;
  const clampBlock = (position: number, axis: 0 | 1 | 2): number =>
    Math.min(blocks[axis] - 1, Math.max(0, Math.floor((position + 0.5) / factors[axis])));
  return anatomy.origin + clampBlock(i, 0) * strides[0] + clampBlock(j, 1) * strides[1] + clampBlock(k, 2) * strides[2];
}

/** The voxels of a cell, as indices into the volume. */
export function voxelsOfCell(anatomy: AnatomyGrid, volume: Volume, cell: number): number[] {
  const { factors, blocks } = anatomy;
  const [bi, bj, bk] = blockOfCell(anatomy, cell);
  const voxels: number[] = [];
  const end = (block: number, axis: 0 | 1 | 2, count: number): number =>
    block === blocks[axis] - 1 ? count : (block + 1) * factors[axis];
  for (let k = bk * factors[2]; k < end(bk, 2, volume.slices); k++) {
    for (let j = bj * factors[1]; j < end(bj, 1, volume.rows); j++) {
      const row = (k * volume.rows + j) * volume.columns;
      for (let i = bi * factors[0]; i < end(bi, 0, volume.columns); i++) voxels.push(row + i);
    }
  }
  return voxels;
}

/** Block along i, j, k of the cell at an index. */
function blockOfCell({ grid, strides, blocks }: AnatomyGrid, cell: number): readonly [number, number, number] {
  const at = [cell % grid.nx, Math.floor(cell / grid.nx) % grid.ny, Math.floor(cell / (grid.nx * grid.ny))];
  const patientStrides = [1, grid.nx, grid.nx * grid.ny];
  return strides.map((stride, axis) => {
    const along = at[patientStrides.indexOf(Math.abs(stride))]!;
    return stride < 0 ? blocks[axis]! - 1 - along : along;
  }) as unknown as readonly [number, number, number];
}

/** For the left, posterior and superior axis of the patient: the voxel axis nearest to it, and whether they agree. */
function patientAxes(volume: Volume): { axisOf: readonly number[]; sign: readonly number[] } {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;
  const cosine = (patientAxis: number, voxelAxis: number): number =>
    volume.voxelToLpsMm[patientAxis * 4 + voxelAxis]! / volume.spacingMm[voxelAxis]!;
  const agreement = (order: readonly number[]): number =>
    order.reduce((sum, voxelAxis, patientAxis) => sum + Math.abs(cosine(patientAxis, voxelAxis)), 0);
  const axisOf = orders.reduce<readonly number[]>(
    (best, order) => (agreement(order) > agreement(best) ? order : best),
    orders[0],
  );
  return { axisOf, sign: axisOf.map((voxelAxis, patientAxis) => (cosine(patientAxis, voxelAxis) < 0 ? -1 : 1)) };
}
