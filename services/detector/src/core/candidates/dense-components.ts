import { blockOf } from '../anatomy/coarse-grid.js';
import type { Lungs } from '../anatomy/coarse-lungs.js';
import { CT_CANDIDATES } from '../parameters.js';
import type { Volume } from '../volume/volume.js';

/** Voxels denser than blood that hang together, found from the inside of the lungs. */
export interface DenseComponent {
  /** Flat voxel indices. */
  readonly voxels: Int32Array;
  readonly peakHu: number;
  /** Share of its voxels within the closed lungs. */
  readonly shareInLungs: number;
}

/**
 * Grows a component from every voxel of the lungs at or above `seedHu`, down to `growHu`, across corners and beyond the
 * lungs. What grows past `CT_CANDIDATES.maxVolumeMm3` is bone or a device and dropped.
 */
export function findDenseComponents(volume: Volume, lungs: Lungs, seedHu: number, growHu: number): DenseComponent[] {
  const { hu, columns, rows } = volume;
  const visited = new Uint8Array(hu.length);
  const voxelMm3 = volume.spacingMm[0] * volume.spacingMm[1] * volume.spacingMm[2];
  const maxVoxels = Math.ceil(CT_CANDIDATES.maxVolumeMm3 / voxelMm3);
  const minVoxels = Math.max(2, Math.ceil(CT_CANDIDATES.minVolumeMm3 / voxelMm3));
  const isInLungs = (at: number): boolean => {
    const i = at % columns;
    const j = Math.floor(at / columns) % rows;
    const block = blockOf(lungs.grid, i, j, Math.floor(at / (columns * rows)));
    return lungs.depthMm[block]! >= CT_CANDIDATES.minDepthMm;
  };
  const found: DenseComponent[] = [];
  for (let at = 0; at < hu.length; at++) {
    if (hu[at]! < seedHu || visited[at] !== 0 || !isInLungs(at)) continue;
    const voxels = grow(volume, at, growHu, visited, maxVoxels);
    if (voxels === null || voxels.length < minVoxels) continue;
    let peakHu = hu[at]!;
    let inside = 0;
    for (const voxel of voxels) {
      if (hu[voxel]! > peakHu) peakHu = hu[voxel]!;
      if (isInLungs(voxel)) inside += 1;
    }
    found.push({ voxels, peakHu, shareInLungs: inside / voxels.length });
  }
  return found.sort((a, b) => b.voxels.length - a.voxels.length).slice(0, CT_CANDIDATES.maxCandidates);
}

/** All voxels connected with `start` (26 neighbours), or null when there are more than `maxVoxels`; all are visited. */
function grow(
  volume: Volume,
  start: number,
  growHu: number,
  visited: Uint8Array,
  maxVoxels: number,
): Int32Array | null {
  const { hu, columns, rows, slices } = volume;
  const plane = columns * rows;
  const list: number[] = [start];
  visited[start] = 1;
  for (let next = 0; next < list.length; next++) {
    const at = list[next]!;
    const i = at % columns;
    const j = Math.floor(at / columns) % rows;
    const k = Math.floor(at / plane);
    for (let dk = k > 0 ? -1 : 0; dk <= (k + 1 < slices ? 1 : 0); dk++) {
      for (let dj = j > 0 ? -1 : 0; dj <= (j + 1 < rows ? 1 : 0); dj++) {
        for (let di = i > 0 ? -1 : 0; di <= (i + 1 < columns ? 1 : 0); di++) {
          const neighbour = at + dk * plane + dj * columns + di;
          if (visited[neighbour] !== 0 || hu[neighbour]! < growHu) continue;
          visited[neighbour] = 1;
          list.push(neighbour);
        }
      }
    }
  }
  return list.length > maxVoxels ? null : Int32Array.from(list);
}
