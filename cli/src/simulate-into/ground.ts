import type { Volume } from '@pce/detector/core/volume/volume';
import type { Vec3 } from '@pce/test-support/phantom-geometry';
import { closeMask, depthInside, type Lattice, largestParts } from './lattice.js';

/**
 * Where things are in a real chest CT, found by simple means of its own: nothing of the detector's anatomy is used, so
 * that what the detector gets wrong does not decide where cement is put.
 *
 * Places are in millimetres from the centre of the first voxel: x to the patient's left, y to the back, z to the head.
 */
export interface Ground {
  readonly volume: Volume;
  readonly lattice: Lattice;
  /** 0, 1 right lung, 2 left lung, closed over vessels, by cell of the lattice. */
  readonly lung: Uint8Array;
  /** Depth under the surface of the closed lung, mm. */
  readonly depthMm: Float32Array;
  /** 1 in air of the airways' trunk. */
  readonly airway: Uint8Array;
  /** Where the trachea divides. */
  readonly carina: Vec3;
  /** Centre of the vertebral body in each layer of the lattice, mm. */
  readonly spine: readonly { readonly x: number; readonly y: number }[];
  /** Lowest and highest point of each lung, mm: right, left. */
  readonly reach: readonly (readonly [number, number])[];
}

/** Edge of the cells, mm. */
const CELL_MM = 3;
/** Midway between lung and soft tissue, HU. */
const AIR_BELOW_HU = -450;
/** Air around the patient, noise included, HU. */
const OPEN_BELOW_HU = -935;
/** Fat, muscle and organs are denser; clothes and bedding, mixed with air, are not, HU. */
const BODY_FROM_HU = -250;
/** Gas without lung around it is thinner than this, HU; so much of it in one piece is bowel, mm3. */
const GAS_BELOW_HU = -965;
const LEAST_GAS_MM3 = 4000;
const MOST_GAS_PARTS = 20;
/** Marrow is denser, the spinal canal and discs are not, HU. */
const MARROW_FROM_HU = 110;
/** The lungs are closed over vessels up to twice this wide, mm. */
const CLOSING_MM = 10;

/**
 * Looks a chest CT over.
 *
 * @throws RangeError without two lungs, or when the volume is not cut across the patient
 */
export function survey(volume: Volume): Ground {
  refuseOblique(volume);
  const lattice = meanLattice(volume);
  const air = innerAir(lattice);
  const airway = findTrachea(lattice, air);
  const gas = findBowelGas(lattice, air, airway);
  const lungAir = air.map((inside, n) => (inside && !airway[n] && !gas[n] ? 1 : 0));
  const lung = splitLungs(lattice, lungAir);
  const reach = [1, 2].map((side) => reachOf(lattice, lung, side));
  const spine = followSpine(lattice, lung);
  const depthMm = depthInside(
    lung.map((side) => (side ? 1 : 0)),
    lattice,
  );
  return { volume, lattice, lung, depthMm, airway, carina: findCarina(lattice, airway, lung), spine, reach };
}

function refuseOblique({ voxelToLpsMm, spacingMm }: Volume): void {
  for (let axis = 0; axis < 3; axis++) {
    const cosine = voxelToLpsMm[axis * 5]! / spacingMm[axis]!;
    if (cosine < 0.95)
      throw new RangeError(`survey: expected axial slices in standard order; received cosine ${cosine}`);
  }
}

function meanLattice(volume: Volume): Lattice {
  const { columns, rows, slices, spacingMm, hu } = volume;
  const step = spacingMm.map((mm) => Math.max(1, Math.round(CELL_MM / mm)));
  const [nx, ny, nz] = [columns, rows, slices].map((count, axis) => Math.floor(count / step[axis]!)) as [
    number,
    number,
    number,
  ];
  const values = new Float32Array(nx * ny * nz);
  const share = 1 / (step[0]! * step[1]! * step[2]!);
  for (let k = 0; k < nz * step[2]!; k++) {
    const z = Math.floor(k / step[2]!);
    for (let j = 0; j < ny * step[1]!; j++) {
      const row = (k * rows + j) * columns;
      const to = (z * ny + Math.floor(j / step[1]!)) * nx;
      for (let i = 0; i < nx * step[0]!; i++) values[to + Math.floor(i / step[0]!)]! += hu[row + i]! * share;
    }
  }
  const cellMm = step.map((count, axis) => count * spacingMm[axis]!) as unknown as Vec3;
  const firstMm = step.map((count, axis) => ((count - 1) / 2) * spacingMm[axis]!) as unknown as Vec3;
  return { nx, ny, nz, values, cellMm, firstMm };
}

/** Air within the body: what is reached from the picture's border without crossing the body is none. */
function innerAir(lattice: Lattice): Uint8Array {
  const { nx, ny, nz, values } = lattice;
  const inner = Uint8Array.from(values, (hu) => (hu < AIR_BELOW_HU ? 1 : 0));
  const body = new Uint8Array(values.length);
  const soft = Uint8Array.from(values, (hu) => (hu > BODY_FROM_HU ? 1 : 0));
  for (const n of largestParts(soft, lattice, 1)[0] ?? []) body[n] = 1;
  const passed = new Uint8Array(values.length);
  for (let z = 0; z < nz; z++) {
    const base = z * nx * ny;
    // Lung cut by the field of view is denser than the air around the patient: no flood starts there.
    const stack: number[] = [];
    const start = (n: number): void => {
      if (values[n]! < OPEN_BELOW_HU) stack.push(n);
    };
    for (let x = 0; x < nx; x++) {
      start(base + x);
      start(base + (ny - 1) * nx + x);
    }
    for (let y = 0; y < ny; y++) {
      start(base + y * nx);
      start(base + y * nx + nx - 1);
    }
    while (stack.length > 0) {
      const n = stack.pop()!;
      if (n < base || n >= base + nx * ny || passed[n] || body[n]) continue;
      passed[n] = 1;
      inner[n] = 0;
      stack.push(n + nx, n - nx);
      if (n % nx > 0) stack.push(n - 1);
      if (n % nx < nx - 1) stack.push(n + 1);
    }
  }
  return inner;
}

/** Follows the trachea down from the highest layer that shows it: small round air near the midline. */
function findTrachea(lattice: Lattice, air: Uint8Array): Uint8Array {
  const { nx, ny, nz, values, cellMm } = lattice;
  const found = new Uint8Array(air.length);
  const cells = [30, 900].map((mm2) => mm2 / (cellMm[0] * cellMm[1]));
  let before: number[] = [];
  for (let z = nz - 1; z >= 0; z--) {
    const parts = partsOfLayer(air, values, nx, ny, z).filter(
      (part) => part.length >= cells[0]! && part.length <= cells[1]!,
    );
    const middle = (part: readonly number[]): number => part.reduce((sum, n) => sum + (n % nx), 0) / part.length;
    const previous = new Set(before.map((n) => n - nx * ny));
    const next = before.length
      ? parts.filter((part) => part.some((n) => previous.has(n)))
      : parts.filter((part) => Math.abs(middle(part) - nx / 2) * cellMm[0] < 40).slice(0, 1);
    if (before.length && next.length === 0) break;
    before = next.flat();
    for (const n of before) found[n] = 1;
  }
  return found;
}

/** Connected pieces of thin air within a layer. */
function partsOfLayer(air: Uint8Array, values: Float32Array, nx: number, ny: number, z: number): number[][] {
  const seen = new Set<number>();
  const parts: number[][] = [];
  const isThin = (n: number): boolean => air[n] === 1 && values[n]! < -750;
  for (let n = z * nx * ny; n < (z + 1) * nx * ny; n++) {
    if (!isThin(n) || seen.has(n)) continue;
    const part = [n];
    seen.add(n);
    for (let next = 0; next < part.length; next++) {
      for (const other of [part[next]! - 1, part[next]! + 1, part[next]! - nx, part[next]! + nx]) {
        if (seen.has(other) || !isThin(other)) continue;
        seen.add(other);
        part.push(other);
      }
    }
    parts.push(part);
  }
  return parts.sort((a, b) => b.length - a.length);
}

function splitLungs(lattice: Lattice, air: Uint8Array): Uint8Array {
  const { nx } = lattice;
  const parts = largestParts(air, lattice, 6);
  if (parts.length === 0) throw new RangeError('survey: expected lungs; received no air inside a body');
  const mean = (part: readonly number[]): number => part.reduce((sum, n) => sum + (n % nx), 0) / part.length;
  const middle = parts.length > 1 && parts[1]!.length > parts[0]!.length / 5 ? null : mean(parts[0]!);
  const least = parts[0]!.length / 50;
  const whole = parts.filter((part) => part.length >= least);
  const border = middle ?? (mean(whole[0]!) + mean(whole[1]!)) / 2;
  const lung = new Uint8Array(air.length);
  for (const side of [1, 2]) {
    const own = new Uint8Array(air.length);
    for (const part of whole) {
      const isPartRight = mean(part) < border;
      for (const n of part) {
        const isRight = middle === null ? isPartRight : n % nx < border;
        if (isRight === (side === 1)) own[n] = 1;
      }
    }
    const closed = closeMask(own, lattice, CLOSING_MM);
    for (let n = 0; n < lung.length; n++) if (closed[n] && !lung[n]) lung[n] = side;
  }
  return lung;
}

/** Gas of stomach and bowel, with the wall and the blur around it: thinner air than in any lung, and much of it. */
function findBowelGas(lattice: Lattice, air: Uint8Array, airway: Uint8Array): Uint8Array {
  const { nx, ny, values, cellMm } = lattice;
  const gas = air.map((inside, n) => (inside && !airway[n] && values[n]! < GAS_BELOW_HU ? 1 : 0));
  const least = LEAST_GAS_MM3 / (cellMm[0] * cellMm[1] * cellMm[2]);
  const found = new Uint8Array(air.length);
  for (const part of largestParts(gas, lattice, MOST_GAS_PARTS).filter(({ length }) => length >= least)) {
    for (const n of part) {
      for (let dz = -2; dz <= 2; dz++)
        for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) found[n + dx + nx * (dy + ny * dz)] = 1;
    }
  }
  return found;
}

function reachOf({ nx, ny, nz, cellMm }: Lattice, lung: Uint8Array, side: number): readonly [number, number] {
  const counts = new Float64Array(nz);
  for (let n = 0; n < lung.length; n++) if (lung[n] === side) counts[Math.floor(n / (nx * ny))]!++;
  const total = counts.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  let [low, high] = [-1, 0];
  counts.forEach((count, z) => {
    sum += count;
    if (low < 0 && sum > 0.003 * total) low = z;
    if (sum < 0.997 * total) high = z + 1;
  });
  return [low * cellMm[2], high * cellMm[2]];
}

/** The lowest layer in which the trachea is one piece no wider than 30 mm, and its middle there. */
function findCarina({ nx, ny, nz, cellMm, firstMm }: Lattice, airway: Uint8Array, lung: Uint8Array): Vec3 {
  let carina: Vec3 | null = null;
  for (let z = nz - 1; z >= 0; z--) {
    let [count, left, right, sumX, sumY] = [0, nx, 0, 0, 0];
    for (let n = z * nx * ny; n < (z + 1) * nx * ny; n++) {
      if (!airway[n]) continue;
      const x = n % nx;
      count++;
      left = Math.min(left, x);
      right = Math.max(right, x);
      sumX += x;
      sumY += Math.floor(n / nx) % ny;
    }
    if (count === 0 && carina) break;
    if (count === 0) continue;
    if ((right - left) * cellMm[0] > 32) break;
    carina = [(sumX / count) * cellMm[0] + firstMm[0], (sumY / count) * cellMm[1] + firstMm[1], z * cellMm[2]];
  }
  if (carina) return carina;
  const cells = [...lung.keys()].filter((n) => lung[n]);
  const middle = cells[cells.length >> 1] ?? 0;
  return [(nx / 2) * cellMm[0], (Math.floor(middle / nx) % ny) * cellMm[1], Math.floor(middle / (nx * ny)) * cellMm[2]];
}

/** In each layer the ellipse of a vertebral body that holds most bone, near the midline and behind the lungs' middle. */
function followSpine(lattice: Lattice, lung: Uint8Array): { x: number; y: number }[] {
  const { nx, ny, nz, values, cellMm, firstMm } = lattice;
  let [sumX, sumY, count] = [0, 0, 0];
  for (let n = 0; n < lung.length; n++) {
    if (!lung[n]) continue;
    sumX += n % nx;
    sumY += Math.floor(n / nx) % ny;
    count++;
  }
  const middle = [sumX / count, sumY / count] as const;
  const half = [16 / cellMm[0], 13 / cellMm[1]] as const;
  const found: { x: number; y: number }[] = [];
  const stacked = 3;
  for (let z = 0; z < nz; z++) {
    let best = -Infinity;
    let at = { x: middle[0], y: middle[1] };
    for (let y = Math.round(middle[1]); y < ny - half[1]; y++) {
      for (let x = Math.round(middle[0] - 25 / cellMm[0]); x <= middle[0] + 25 / cellMm[0]; x++) {
        let bone = 0;
        for (let c = Math.max(0, z - stacked); c <= Math.min(nz - 1, z + stacked); c++) {
          for (let b = -Math.floor(half[1]); b <= half[1]; b++) {
            for (let a = -Math.floor(half[0]); a <= half[0]; a++) {
              if ((a / half[0]) ** 2 + (b / half[1]) ** 2 > 1) continue;
              bone += Math.min(100, Math.max(-150, values[(c * ny + y + b) * nx + x + a]! - MARROW_FROM_HU));
            }
          }
        }
        // The body lies before the arch: of two places that hold as much bone the front one.
        const score = bone - 40 * (y - middle[1]);
        if (score <= best) continue;
        best = score;
        at = { x, y };
      }
    }
    found.push(at);
  }
  const median = (axis: 'x' | 'y', z: number): number => {
    const near = found.slice(Math.max(0, z - 6), z + 7).map((place) => place[axis]);
    return near.sort((a, b) => a - b)[near.length >> 1]!;
  };
  return found.map((_, z) => ({
    x: median('x', z) * cellMm[0] + firstMm[0],
    y: median('y', z) * cellMm[1] + firstMm[1],
  }));
}
