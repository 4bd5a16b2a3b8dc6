import { type AnatomyGrid, voxelsOfCell } from '../anatomy/anatomy-grid.js';
import { CT_CANDIDATES } from '../parameters.js';
import type { Volume } from '../volume/volume.js';

/** Dense voxels that hang together. */
export interface DenseComponent {
  /** Flat voxel indices. */
  readonly voxels: Int32Array;
  /** Its first voxel at or above the seed level. */
  readonly seed: number;
  readonly peakHu: number;
  /** The level it was grown down to. */
  readonly growHu: number;
}

/** Levels of one kind of tissue, in HU; a seed of Infinity leaves the tissue out. */
export interface DensityLevels {
  readonly seedHu: number;
  readonly growHu: number;
}

const BULKY = 2;

/**
 * Grows a component from every voxel that reaches the seed level of its cell, across corners and beyond the cell's tissue.
 * What grows past `CT_CANDIDATES.maxVolumeMm3`, or touches what did, is bone or a device and dropped.
 *
 * Only cells whose largest voxel reaches the level are looked into: the cost follows the dense voxels, not the volume.
 *
 * @param levelsOfCell by index into the anatomy grid; null leaves the cell out
 */
export function findDenseComponents(
  volume: Volume,
  anatomy: AnatomyGrid,
  levelsOfCell: (cell: number) => DensityLevels | null,
): DenseComponent[] {
  const { hu, columns, rows } = volume;
  const voxelMm3 = volume.spacingMm[0] * volume.spacingMm[1] * volume.spacingMm[2];
  const maxVoxels = Math.ceil(CT_CANDIDATES.maxVolumeMm3 / voxelMm3);
  const minVoxels = Math.max(2, Math.ceil(CT_CANDIDATES.minVolumeMm3 / voxelMm3));
  // One page of marks per slice that is touched at all.
  const pages: (Uint8Array | undefined)[] = new Array(volume.slices);
  const page = (k: number): Uint8Array => (pages[k] ??= new Uint8Array(columns * rows));
  const found: DenseComponent[] = [];
  for (let cell = 0; cell < anatomy.maxHu.length; cell++) {
    const levels = levelsOfCell(cell);
    if (levels === null || anatomy.maxHu[cell]! < levels.seedHu) continue;
    for (const seed of voxelsOfCell(anatomy, volume, cell)) {
      if (hu[seed]! < levels.seedHu || page(Math.floor(seed / (columns * rows)))[seed % (columns * rows)] !== 0)
        continue;
      const voxels = grow(volume, seed, levels.growHu, page, maxVoxels);
      if (voxels === null || voxels.length < minVoxels) continue;
      let peakHu = hu[seed]!;
      for (const voxel of voxels) if (hu[voxel]! > peakHu) peakHu = hu[voxel]!;
      found.push({ voxels, seed, peakHu, growHu: levels.growHu });
    }
  }
  return found.sort((a, b) => b.voxels.length - a.voxels.length).slice(0, CT_CANDIDATES.maxCandidates);
}

/** All voxels connected with `start` (26 neighbours), or null for something bulky; all are marked. */
function grow(
  volume: Volume,
  start: number,
  growHu: number,
  page: (k: number) => Uint8Array,
  maxVoxels: number,
): Int32Array | null {
  const { hu, columns, rows, slices } = volume;
  const plane = columns * rows;
  const list: number[] = [start];
  let isBulky = false;
  page(Math.floor(start / plane))[start % plane] = 1;
  for (let next = 0; next < list.length && !isBulky; next++) {
    const at = list[next]!;
    const i = at % columns;
    const j = Math.floor(at / columns) % rows;
    const k = Math.floor(at / plane);
    for (let dk = k > 0 ? -1 : 0; dk <= (k + 1 < slices ? 1 : 0); dk++) {
      const marks = page(k + dk);
      for (let dj = j > 0 ? -1 : 0; dj <= (j + 1 < rows ? 1 : 0); dj++) {
        for (let di = i > 0 ? -1 : 0; di <= (i + 1 < columns ? 1 : 0); di++) {
          const neighbour = at + dk * plane + dj * columns + di;
          if (hu[neighbour]! < growHu) continue;
          const mark = marks[neighbour % plane]!;
          if (mark === BULKY) isBulky = true;
          if (mark !== 0) continue;
          marks[neighbour % plane] = 1;
          list.push(neighbour);
        }
      }
    }
    if (list.length > maxVoxels) isBulky = true;
  }
  if (!isBulky) return Int32Array.from(list);
  for (const at of list) page(Math.floor(at / plane))[at % plane] = BULKY;
  return null;
}
