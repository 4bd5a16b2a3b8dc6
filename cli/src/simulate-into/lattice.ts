import type { Vec3 } from '@pce/test-support/phantom-geometry';

/** Cells of a few millimetres, x fastest; `firstMm` is the centre of the first. */
export interface Lattice {
  readonly nx: number;
  readonly ny: number;
  readonly nz: number;
  readonly values: Float32Array;
  readonly cellMm: Vec3;
  readonly firstMm: Vec3;
}

/** Index of the cell nearest to a place, or -1 outside. */
export function cellAt({ nx, ny, nz, cellMm, firstMm }: Lattice, place: Vec3): number {
  const [x, y, z] = place.map((mm, axis) => Math.round((mm - firstMm[axis]!) / cellMm[axis]!)) as [
    number,
    number,
    number,
  ];
  if (x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz) return -1;
  return (z * ny + y) * nx + x;
}

/** Centre of a cell, mm. */
export function placeOfCell({ nx, ny, cellMm, firstMm }: Lattice, cell: number): Vec3 {
  const at = [cell % nx, Math.floor(cell / nx) % ny, Math.floor(cell / (nx * ny))];
  return at.map((n, axis) => n * cellMm[axis]! + firstMm[axis]!) as unknown as Vec3;
}

/** The largest connected parts (6 neighbours), as lists of cells. */
export function largestParts(mask: Uint8Array, { nx, ny }: Lattice, count: number): number[][] {
  const seen = new Uint8Array(mask.length);
  const steps = [-1, 1, -nx, nx, -nx * ny, nx * ny];
  const parts: number[][] = [];
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || seen[start]) continue;
    const part = [start];
    seen[start] = 1;
    for (let next = 0; next < part.length; next++) {
      const n = part[next]!;
      for (const step of steps) {
        const other = n + step;
        if (other < 0 || other >= mask.length || seen[other] || !mask[other]) continue;
        seen[other] = 1;
        part.push(other);
      }
    }
    parts.push(part);
  }
  return parts.sort((a, b) => b.length - a.length).slice(0, count);
}

/** Distance to the nearest cell outside, by two chamfer passes: right to a few percent. Beyond the lattice is outside. */
export function depthInside(mask: Uint8Array, lattice: Lattice): Float32Array {
  const { nx, ny, nz } = lattice;
  const depth = Float32Array.from(mask, (inside) => (inside ? 1e6 : 0));
  const { offsets, lengths } = stepsBefore(lattice);
  const last = depth.length - 1;
  for (const sign of [1, -1]) {
    for (let index = 0; index <= last; index++) {
      const n = sign > 0 ? index : last - index;
      let mm = depth[n]!;
      if (mm === 0) continue;
      const x = n % nx;
      const y = Math.floor(n / nx) % ny;
      const z = Math.floor(n / (nx * ny));
      if (x === 0 || y === 0 || z === 0 || x === nx - 1 || y === ny - 1 || z === nz - 1) mm = lattice.cellMm[0];
      else {
        for (let step = 0; step < 13; step++) {
          const other = depth[n + sign * offsets[step]!]! + lengths[step]!;
          if (other < mm) mm = other;
        }
      }
      depth[n] = mm;
    }
  }
  return depth;
}

/** The 13 of the 26 neighbours that come earlier: offset and distance. */
function stepsBefore({ nx, ny, cellMm }: Lattice): { offsets: Int32Array; lengths: Float64Array } {
  const offsets = new Int32Array(13);
  const lengths = new Float64Array(13);
  for (let step = 0; step < 13; step++) {
    const [a, b, c] = [(step % 3) - 1, (Math.floor(step / 3) % 3) - 1, Math.floor(step / 9) - 1];
    offsets[step] = (c * ny + b) * nx + a;
    lengths[step] = Math.hypot(a * cellMm[0], b * cellMm[1], c * cellMm[2]);
  }
  return { offsets, lengths };
}

/** Dilation and erosion by a ball. */
export function closeMask(mask: Uint8Array, lattice: Lattice, radiusMm: number): Uint8Array {
  const away = depthInside(
    mask.map((inside) => (inside ? 0 : 1)),
    lattice,
  );
  const dilated = Uint8Array.from(away, (mm) => (mm <= radiusMm ? 1 : 0));
  const depth = depthInside(dilated, lattice);
  return Uint8Array.from(depth, (mm, n) => (mask[n] || mm > radiusMm ? 1 : 0));
}
