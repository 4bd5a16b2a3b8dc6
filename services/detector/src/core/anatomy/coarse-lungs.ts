import { squaredDistanceMm } from '../imaging/distance-transform.js';
import { labelComponents } from '../imaging/label-components.js';
import { CT_LUNGS } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { type CoarseGrid, coarsen } from './coarse-grid.js';

/** The lungs on a coarse grid. */
export interface Lungs {
  readonly grid: CoarseGrid;
  /** Aerated lung: non-zero inside. */
  readonly aerated: Uint8Array;
  /** Lung closed over its vessels, hila and dense lesions. */
  readonly closed: Uint8Array;
  /** Distance in millimetres from a block inside the closed lung to its surface; 0 outside. */
  readonly depthMm: Float32Array;
  readonly volumeMl: number;
  /** Column of the coarse grid that separates the two lungs. */
  readonly midlineColumn: number;
  /** Share of the aerated volume that lies right of the midline in the array (towards larger columns). */
  readonly shareAboveMidline: number;
  /** First and last slice block with lung. */
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly heightMm: number;
  /** First and last row of blocks with lung. */
  readonly firstRow: number;
  readonly lastRow: number;
}

/**
 * Finds both lungs: air inside the body, closed by `CT_LUNGS.closingMm`.
 *
 * @returns null when there is no air inside a body at all
 */
export function findLungs(volume: Volume): Lungs | null {
  const grid = coarsen(volume, CT_LUNGS.blockMm);
  const aerated = airInsideBody(grid);
  const blockMl = (grid.spacingMm[0] * grid.spacingMm[1] * grid.spacingMm[2]) / 1000;
  let blocks = 0;
  for (const inside of aerated) blocks += inside;
  if (blocks === 0) return null;
  const closed = closeOver(grid, aerated);
  const depth = depthInside(grid, closed);
  const extent = extentOf(grid, aerated);
  return {
    grid,
    aerated,
    closed,
    depthMm: depth,
    volumeMl: blocks * blockMl,
    ...extent,
    heightMm: (extent.lastBlock - extent.firstBlock + 1) * grid.spacingMm[2],
  };
}

/** Air that is not connected with the air around the body, in pieces large enough to be lung. */
function airInsideBody(grid: CoarseGrid): Uint8Array {
  const { nx, ny, nz } = grid;
  const air = Uint8Array.from(grid.hu, (hu) => (hu < CT_LUNGS.airBelowHu ? 1 : 0));
  const { labels, sizes } = labelComponents(air, nx, ny, nz);
  const outside = new Set<number>();
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      outside.add(labels[(k * ny + j) * nx]!).add(labels[(k * ny + j) * nx + nx - 1]!);
    }
    for (let i = 0; i < nx; i++) outside.add(labels[k * ny * nx + i]!).add(labels[(k * ny + ny - 1) * nx + i]!);
  }
  const blockMl = (grid.spacingMm[0] * grid.spacingMm[1] * grid.spacingMm[2]) / 1000;
  const keep = sizes.map((size, label) => label > 0 && !outside.has(label) && size * blockMl >= CT_LUNGS.minPieceMl);
  return Uint8Array.from(labels, (label) => (keep[label] ? 1 : 0));
}

/** Morphological closing by distance, then in each slice the holes that are left. */
function closeOver(grid: CoarseGrid, aerated: Uint8Array): Uint8Array {
  const { nx, ny, nz, spacingMm } = grid;
  const radius2 = CT_LUNGS.closingMm ** 2;
  const toLung = squaredDistanceMm(aerated, nx, ny, nz, spacingMm);
  const beyond = Uint8Array.from(toLung, (d2) => (d2 > radius2 ? 1 : 0));
  const toBeyond = squaredDistanceMm(beyond, nx, ny, nz, spacingMm);
  const closed = Uint8Array.from(toBeyond, (d2, at) => (d2 > radius2 || aerated[at] !== 0 ? 1 : 0));
  fillHolesBySlice(closed, nx, ny, nz);
  return closed;
}

function fillHolesBySlice(mask: Uint8Array, nx: number, ny: number, nz: number): void {
  const plane = nx * ny;
  for (let k = 0; k < nz; k++) {
    const slice = mask.subarray(k * plane, (k + 1) * plane);
    const outsideMask = Uint8Array.from(slice, (inside) => 1 - inside);
    const { labels } = labelComponents(outsideMask, nx, ny, 1);
    const touching = new Set<number>();
    for (let i = 0; i < nx; i++) touching.add(labels[i]!).add(labels[plane - 1 - i]!);
    for (let j = 0; j < ny; j++) touching.add(labels[j * nx]!).add(labels[j * nx + nx - 1]!);
    for (let at = 0; at < plane; at++) if (labels[at] !== 0 && !touching.has(labels[at]!)) slice[at] = 1;
  }
}

function depthInside(grid: CoarseGrid, closed: Uint8Array): Float32Array {
  const outside = Uint8Array.from(closed, (inside) => 1 - inside);
  const squared = squaredDistanceMm(outside, grid.nx, grid.ny, grid.nz, grid.spacingMm);
  return Float32Array.from(squared, (d2) => Math.sqrt(Math.min(d2, 1e6)));
}

function extentOf(grid: CoarseGrid, aerated: Uint8Array) {
  const { nx, ny, nz } = grid;
  const perSlice = new Int32Array(nz);
  const perColumn = new Int32Array(nx);
  const perRow = new Int32Array(ny);
  aerated.forEach((inside, at) => {
    if (inside === 0) return;
    perSlice[Math.floor(at / (nx * ny))]! += 1;
    perColumn[at % nx]! += 1;
    perRow[Math.floor(at / nx) % ny]! += 1;
  });
  const firstRow = perRow.findIndex((count) => count > 0);
  const lastRow = ny - 1 - [...perRow].reverse().findIndex((count) => count > 0);
  const largest = Math.max(...perSlice);
  const isLung = (count: number) => count >= largest * CT_LUNGS.minSliceShare;
  const firstBlock = perSlice.findIndex(isLung);
  const lastBlock = nz - 1 - [...perSlice].reverse().findIndex(isLung);
  const midlineColumn = midline(perColumn, bodyExtent(grid, firstBlock, lastBlock));
  const total = perColumn.reduce((sum, count) => sum + count, 0);
  const above = perColumn.reduce((sum, count, column) => (column > midlineColumn ? sum + count : sum), 0);
  return {
    firstBlock,
    lastBlock,
    firstRow,
    lastRow,
    midlineColumn,
    shareAboveMidline: total === 0 ? 0 : above / total,
  };
}

/** Mean column of what is no air in the slices with lung, and its standard deviation. */
function bodyExtent(grid: CoarseGrid, firstBlock: number, lastBlock: number): { centre: number; spread: number } {
  const plane = grid.nx * grid.ny;
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let at = firstBlock * plane; at < (lastBlock + 1) * plane; at++) {
    if (grid.hu[at]! < CT_LUNGS.airBelowHu) continue;
    const column = at % grid.nx;
    count += 1;
    sum += column;
    squares += column * column;
  }
  const centre = sum / Math.max(1, count);
  return { centre, spread: Math.sqrt(Math.max(0, squares / Math.max(1, count) - centre * centre)) };
}

/** The column with the least lung near the body's centre: the mediastinum. */
function midline(perColumn: Int32Array, body: { centre: number; spread: number }): number {
  const reach = CT_LUNGS.midlineReach * body.spread;
  let best = Math.round(body.centre);
  let bestCost = Number.POSITIVE_INFINITY;
  for (let column = Math.max(1, Math.ceil(body.centre - reach)); column <= body.centre + reach; column++) {
    if (column + 1 >= perColumn.length) break;
    const near = perColumn[column - 1]! + perColumn[column]! + perColumn[column + 1]!;
    // Of equally empty columns the most central one.
    const cost = near + Math.abs(column - body.centre) * 1e-6;
    if (cost < bestCost) {
      best = column;
      bestCost = cost;
    }
  }
  return best;
}
