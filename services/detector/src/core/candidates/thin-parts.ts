import { CT_SPINE_CEMENT } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import type { DenseComponent } from './dense-components.js';

/** The box around a component, with a voxel to spare on every side. */
interface Box {
  readonly low: readonly [number, number, number];
  readonly size: readonly [number, number, number];
}

/**
 * What of a component hangs on its bulk by a thin neck: its voxels that no ball of `CT_SPINE_CEMENT.bulkRadiusMm` inside
 * the component reaches, those that hang together as one part each.
 */
export function thinParts(volume: Volume, component: DenseComponent): DenseComponent[] {
  const box = boxAround(volume, component.voxels);
  const [nx, ny, nz] = box.size;
  const indexOf = boxIndex(volume, box);
  const inside = new Uint8Array(nx * ny * nz);
  for (const voxel of component.voxels) inside[indexOf(voxel)] = 1;
  const depthMm = distanceMm(inside, 0, box, volume.spacingMm);
  const bulk = Uint8Array.from(depthMm, (mm) => (mm > CT_SPINE_CEMENT.bulkRadiusMm ? 1 : 0));
  const toBulkMm = distanceMm(bulk, 1, box, volume.spacingMm);
  const reachMm = CT_SPINE_CEMENT.bulkRadiusMm + CT_SPINE_CEMENT.bulkSkinMm;
  const thin = component.voxels.filter((voxel) => toBulkMm[indexOf(voxel)]! > reachMm);
  return piecesOf(volume, thin).map((voxels) => ({ ...component, voxels, seed: voxels[0]! }));
}

function boxAround({ columns, rows }: Volume, voxels: Int32Array): Box {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (const voxel of voxels) {
    const at = [voxel % columns, Math.floor(voxel / columns) % rows, Math.floor(voxel / (columns * rows))];
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis]!, at[axis]! - 1);
      high[axis] = Math.max(high[axis]!, at[axis]! + 1);
    }
  }
  return { low, size: [high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1] };
}

/** From a voxel of the volume to its place in the box. */
function boxIndex({ columns, rows }: Volume, { low, size }: Box): (voxel: number) => number {
  const plane = columns * rows;
  return (voxel) =>
    ((Math.floor(voxel / plane) - low[2]) * size[1] + (Math.floor(voxel / columns) % rows) - low[1]) * size[0] +
    (voxel % columns) -
    low[0];
}

/** From every voxel of the box to the nearest one with `value`, by steps along the axes' directions and their diagonals. */
function distanceMm(mask: Uint8Array, value: 0 | 1, { size }: Box, spacingMm: Volume['spacingMm']): Float32Array {
  const [nx, ny, nz] = size;
  const mm = Float32Array.from(mask, (one) => (one === value ? 0 : Infinity));
  const steps: { offset: number; d: readonly [number, number, number]; mm: number }[] = [];
  for (let k = -1; k <= 1; k++) {
    for (let j = -1; j <= 1; j++) {
      for (let i = -1; i <= 1; i++) {
        const offset = (k * ny + j) * nx + i;
        if (offset < 0) {
          steps.push({ offset, d: [i, j, k], mm: Math.hypot(i * spacingMm[0], j * spacingMm[1], k * spacingMm[2]) });
        }
      }
    }
  }
  const isIn = (n: number, size: number): boolean => n >= 0 && n < size;
  for (const sign of [1, -1]) {
    for (let turn = 0; turn < mm.length; turn++) {
      const at = sign > 0 ? turn : mm.length - 1 - turn;
      const [i, j, k] = [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))];
      for (const step of steps) {
        const [di, dj, dk] = step.d;
        if (!isIn(i + sign * di, nx) || !isIn(j + sign * dj, ny) || !isIn(k + sign * dk, nz)) continue;
        mm[at] = Math.min(mm[at]!, mm[at + sign * step.offset]! + step.mm);
      }
    }
  }
  return mm;
}

/** Voxels that hang together across corners. */
function piecesOf({ columns, rows }: Volume, voxels: Int32Array): Int32Array[] {
  const left = new Set(voxels);
  const pieces: Int32Array[] = [];
  for (const start of voxels) {
    if (!left.delete(start)) continue;
    const piece = [start];
    for (let next = 0; next < piece.length; next++) {
      for (let dk = -1; dk <= 1; dk++) {
        for (let dj = -1; dj <= 1; dj++) {
          for (let di = -1; di <= 1; di++) {
            const neighbour = piece[next]! + (dk * rows + dj) * columns + di;
            if (left.delete(neighbour)) piece.push(neighbour);
          }
        }
      }
    }
    pieces.push(Int32Array.from(piece));
  }
  return pieces;
}
