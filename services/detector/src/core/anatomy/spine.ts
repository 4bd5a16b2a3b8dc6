import { gridSize } from '../imaging/grid.js';
import { CT_SPINE } from '../parameters.js';
import type { AnatomyGrid } from './anatomy-grid.js';

/** Centre of the vertebral body in each layer of the anatomy grid, in cells along x and y. */
export interface Spine {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/**
 * Follows the spine from the middle of the lungs up and down: the place in each layer where a box the size of a vertebra
 * holds most bone.
 *
 * @param bloodHu attenuation of blood; @param startZ layer to start from; @param middleX the patient's midline there, in cells
 */
export function findSpine(
  anatomy: AnatomyGrid,
  body: Uint8Array,
  bloodHu: number,
  startZ: number,
  middleX: number,
): Spine {
  const { nx, ny, nz, spacingMm } = anatomy.grid;
  // Contrast in the heart and aorta must not pass for bone.
  const boneFromHu = Math.max(CT_SPINE.boneFromHu, bloodHu + CT_SPINE.boneAboveBloodHu);
  const x = new Float32Array(nz);
  const y = new Float32Array(nz);
  const halfX = Math.round(CT_SPINE.boxHalfMm / spacingMm[0]);
  const front = Math.round(CT_SPINE.boxHalfMm / spacingMm[1]);
  const back = Math.round(CT_SPINE.boxBackMm / spacingMm[1]);
  const bestIn = (z: number, fromX: number, toX: number, fromY: number, toY: number): [number, number] => {
    const sums = boneSums(anatomy, z, boneFromHu);
    let best: [number, number] = [(fromX + toX) / 2, (fromY + toY) / 2];
    let most = 0;
    for (let cy = Math.max(front, Math.ceil(fromY)); cy <= Math.min(ny - 1 - back, toY); cy++) {
      for (let cx = Math.max(halfX, Math.ceil(fromX)); cx <= Math.min(nx - 1 - halfX, toX); cx++) {
        const bone = boxSum(sums, nx, cx - halfX, cx + halfX, cy - front, cy + back);
        if (bone > most) {
          most = bone;
          best = [cx, cy];
        }
      }
    }
    return best;
  };
  const reachX = CT_SPINE.searchHalfMm / spacingMm[0];
  [x[startZ], y[startZ]] = bestIn(startZ, middleX - reachX, middleX + reachX, middleY(body, anatomy, startZ), ny);
  const step = Math.max(1, (CT_SPINE.slope * spacingMm[2]) / spacingMm[0]);
  for (const direction of [1, -1]) {
    for (let z = startZ + direction; z >= 0 && z < nz; z += direction) {
      const px = x[z - direction]!;
      const py = y[z - direction]!;
      [x[z], y[z]] = bestIn(z, px - step, px + step, py - step, py + step);
    }
  }
  return { x: medianFilter(x), y: medianFilter(y) };
}

/** Row half-way through the body: the spine lies behind it. */
function middleY(body: Uint8Array, anatomy: AnatomyGrid, z: number): number {
  const { nx, ny } = anatomy.grid;
  let sum = 0;
  let count = 0;
  for (let n = 0; n < nx * ny; n++) {
    if (!body[z * nx * ny + n]) continue;
    sum += Math.floor(n / nx);
    count++;
  }
  return count ? sum / count : ny / 2;
}

/** Integral image of one layer's bone, by how far it is denser than soft tissue. */
function boneSums(anatomy: AnatomyGrid, z: number, boneFromHu: number): Float64Array {
  const { nx, ny } = anatomy.grid;
  const sums = new Float64Array((nx + 1) * (ny + 1));
  const base = z * nx * ny;
  for (let y = 0; y < ny; y++) {
    let row = 0;
    for (let x = 0; x < nx; x++) {
      const excess = anatomy.meanHu[base + y * nx + x]! - boneFromHu;
      row += Math.min(CT_SPINE.boneSpanHu, Math.max(0, excess));
      sums[(y + 1) * (nx + 1) + x + 1] = sums[y * (nx + 1) + x + 1]! + row;
    }
  }
  return sums;
}

function boxSum(sums: Float64Array, nx: number, x0: number, x1: number, y0: number, y1: number): number {
  const width = nx + 1;
  return (
    sums[(y1 + 1) * width + x1 + 1]! -
    sums[y0 * width + x1 + 1]! -
    sums[(y1 + 1) * width + x0]! +
    sums[y0 * width + x0]!
  );
}

function medianFilter(values: Float32Array): Float32Array {
  const reach = 3;
  const filtered = new Float32Array(values.length);
  for (let z = 0; z < values.length; z++) {
    const window = values.slice(Math.max(0, z - reach), z + reach + 1).sort();
    filtered[z] = window[window.length >> 1]!;
  }
  return filtered;
}

/** 1 in the box around the vertebrae, spinous processes included, transverse processes and ribs left out. */
export function spineMask(anatomy: AnatomyGrid, spine: Spine): Uint8Array {
  const { nx, ny, nz, spacingMm } = anatomy.grid;
  const mask = new Uint8Array(gridSize(anatomy.grid));
  const half = CT_SPINE.labelHalfMm / spacingMm[0];
  for (let z = 0; z < nz; z++) {
    const fromY = Math.max(0, Math.round(spine.y[z]! - CT_SPINE.labelFrontMm / spacingMm[1]));
    const toY = Math.min(ny - 1, Math.round(spine.y[z]! + CT_SPINE.labelBackMm / spacingMm[1]));
    const fromX = Math.max(0, Math.round(spine.x[z]! - half));
    const toX = Math.min(nx - 1, Math.round(spine.x[z]! + half));
    for (let y = fromY; y <= toY; y++) mask.fill(1, (z * ny + y) * nx + fromX, (z * ny + y) * nx + toX + 1);
  }
  return mask;
}
