import { type Grid, gridSize } from './grid.js';

const FAR = 1e12;

/**
 * Exact Euclidean distance of every sample to the nearest one where `inside` is zero; 0 there.
 *
 * Beyond the grid nothing is known, so the border is no boundary. A mask without a zero gives 1e6.
 *
 * @param inside shape [nz, ny, nx]; any non-zero value counts.
 * @returns millimetres.
 * Source: Felzenszwalb & Huttenlocher 2012, 10.4086/toc.2012.v008a019, with spacing per axis.
 */
export function distanceToOutsideMm(inside: ArrayLike<number>, grid: Grid): Float32Array {
  const squared = new Float32Array(gridSize(grid));
  for (let n = 0; n < squared.length; n++) squared[n] = inside[n] ? FAR : 0;
  return rootOfSquaredDistance(squared, grid);
}

/**
 * Exact Euclidean distance of every sample to the nearest one where `mask` is not zero; 0 there, 1e6 for an empty mask.
 *
 * @returns millimetres.
 */
export function distanceToMaskMm(mask: ArrayLike<number>, grid: Grid): Float32Array {
  const squared = new Float32Array(gridSize(grid));
  for (let n = 0; n < squared.length; n++) squared[n] = mask[n] ? 0 : FAR;
  return rootOfSquaredDistance(squared, grid);
}

function rootOfSquaredDistance(squared: Float32Array, grid: Grid): Float32Array {
  const { nx, ny, nz } = grid;
  const [dx, dy, dz] = grid.spacingMm;
  const longest = Math.max(nx, ny, nz);
  const scratch = {
    line: new Float64Array(longest),
    vertices: new Int32Array(longest),
    borders: new Float64Array(longest + 1),
  };
  for (let row = 0; row < ny * nz; row++) transformLine(squared, row * nx, 1, nx, dx, scratch);
  for (let z = 0; z < nz; z++) {
    for (let x = 0; x < nx; x++) transformLine(squared, z * ny * nx + x, nx, ny, dy, scratch);
  }
  for (let at = 0; at < nx * ny; at++) transformLine(squared, at, nx * ny, nz, dz, scratch);
  for (let n = 0; n < squared.length; n++) squared[n] = Math.sqrt(squared[n]!);
  return squared;
}

interface LineScratch {
  readonly line: Float64Array;
  readonly vertices: Int32Array;
  readonly borders: Float64Array;
}

/** Lower envelope of the parabolas over one line, in place. */
function transformLine(
  values: Float32Array,
  offset: number,
  stride: number,
  count: number,
  stepMm: number,
  scratch: LineScratch,
): void {
  const { line, vertices, borders } = scratch;
  let allZero = true;
  let allFar = true;
  for (let q = 0; q < count; q++) {
    const value = values[offset + q * stride]!;
    line[q] = value;
    if (value !== 0) allZero = false;
    if (value < FAR) allFar = false;
  }
  if (allZero || allFar) return;
  const step2 = stepMm * stepMm;
  let k = -1;
  for (let q = 0; q < count; q++) {
    if (line[q]! >= FAR) continue;
    let border = -Infinity;
    while (k >= 0) {
      const v = vertices[k]!;
      border = (line[q]! - line[v]! + step2 * (q * q - v * v)) / (2 * step2 * (q - v));
      if (border > borders[k]!) break;
      k--;
      border = -Infinity;
    }
    k++;
    vertices[k] = q;
    borders[k] = border;
    borders[k + 1] = Infinity;
  }
  k = 0;
  for (let q = 0; q < count; q++) {
    while (borders[k + 1]! < q) k++;
    const v = vertices[k]!;
    values[offset + q * stride] = line[v]! + step2 * (q - v) * (q - v);
  }
}
