const FAR = 1e20;

/**
 * Squared Euclidean distance in millimetres from every voxel to the nearest one of a mask of shape [nz, ny, nx].
 *
 * @returns `FAR` everywhere when the mask is empty
 * Source: Felzenszwalb and Huttenlocher 2012, doi:10.4086/toc.2012.v008a019.
 */
export function squaredDistanceMm(
  mask: Uint8Array,
  nx: number,
  ny: number,
  nz: number,
  spacingMm: readonly [number, number, number],
): Float64Array {
  const out = new Float64Array(mask.length);
  for (let at = 0; at < mask.length; at++) out[at] = mask[at] !== 0 ? 0 : FAR;
  const longest = Math.max(nx, ny, nz);
  const line = new Float64Array(longest);
  const vertices = new Int32Array(longest);
  const bounds = new Float64Array(longest + 1);
  const plane = nx * ny;
  for (let row = 0; row < ny * nz; row++) pass(out, row * nx, 1, nx, spacingMm[0], line, vertices, bounds);
  for (let k = 0; k < nz; k++) {
    for (let i = 0; i < nx; i++) pass(out, k * plane + i, nx, ny, spacingMm[1], line, vertices, bounds);
  }
  for (let at = 0; at < plane; at++) pass(out, at, plane, nz, spacingMm[2], line, vertices, bounds);
  return out;
}

/** Lower envelope of the parabolas rooted at one line's values. */
function pass(
  values: Float64Array,
  start: number,
  stride: number,
  count: number,
  spacingMm: number,
  line: Float64Array,
  vertices: Int32Array,
  bounds: Float64Array,
): void {
  const square = spacingMm * spacingMm;
  for (let q = 0; q < count; q++) line[q] = values[start + q * stride]!;
  let top = 0;
  vertices[0] = 0;
  bounds[0] = -FAR;
  bounds[1] = FAR;
  for (let q = 1; q < count; q++) {
    let crossing = meet(line, vertices[top]!, q, square);
    while (crossing <= bounds[top]!) {
      top -= 1;
      crossing = meet(line, vertices[top]!, q, square);
    }
    top += 1;
    vertices[top] = q;
    bounds[top] = crossing;
    bounds[top + 1] = FAR;
  }
  top = 0;
  for (let q = 0; q < count; q++) {
    while (bounds[top + 1]! < q) top += 1;
    const vertex = vertices[top]!;
    values[start + q * stride] = Math.min(FAR, square * (q - vertex) * (q - vertex) + line[vertex]!);
  }
}

/** Where the parabolas of two positions of a line meet, in steps. */
function meet(line: Float64Array, p: number, q: number, square: number): number {
  return (line[q]! + square * q * q - (line[p]! + square * p * p)) / (2 * square * (q - p));
}
