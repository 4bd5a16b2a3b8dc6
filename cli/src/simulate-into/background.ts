import type { Volume } from '@pce/detector/core/volume/volume';
import type { Vec3 } from '@pce/test-support/phantom-geometry';
import { type Random, seededRandom } from '@pce/test-support/random';
import type { Ground } from './ground.js';
import { cellAt } from './lattice.js';

/** Slices at another distance and thickness, averaged or interpolated from those there are. */
export function reslice(volume: Volume, spacingMm: number, thicknessMm: number, seed: number): Volume {
  const [, , own] = volume.spacingMm;
  if (Math.abs(spacingMm - own) < 1e-6 && Math.abs(thicknessMm - own) < 1e-6) return volume;
  const plane = volume.columns * volume.rows;
  const slices = Math.max(1, Math.floor(((volume.slices - 1) * own) / spacingMm) + 1);
  const hu = new Int16Array(slices * plane);
  const random = seededRandom(seed, 'reslice noise');
  const sum = new Float32Array(plane);
  for (let k = 0; k < slices; k++) {
    sum.fill(0);
    const weights = weightsAt(k * spacingMm, own, Math.max(own, thicknessMm), volume.slices);
    let squares = 0;
    for (const [slice, weight] of weights) {
      squares += weight * weight;
      for (let n = 0; n < plane; n++) sum[n]! += weight * volume.hu[slice * plane + n]!;
    }
    // Interpolation halves the noise that a thin slice would have: the rest is added.
    const missingHu = thicknessMm <= own ? 20 * Math.sqrt(Math.max(0, own / thicknessMm - squares)) : 0;
    for (let n = 0; n < plane; n++)
      hu[k * plane + n] = Math.round(
        sum[n]! + (missingHu ? missingHu * (random.uniform() + random.uniform() + random.uniform() - 1.5) * 2 : 0),
      );
  }
  const voxelToLpsMm = volume.voxelToLpsMm.slice();
  for (let axis = 0; axis < 3; axis++) voxelToLpsMm[axis * 4 + 2]! *= spacingMm / own;
  const images = Array.from(
    { length: slices },
    (_, k) => volume.sliceImages[Math.min(volume.slices - 1, Math.round((k * spacingMm) / own))]!,
  );
  return {
    ...volume,
    hu,
    slices,
    sliceImages: images,
    voxelToLpsMm,
    sliceThicknessMm: thicknessMm,
    spacingMm: [volume.spacingMm[0], volume.spacingMm[1], spacingMm],
  };
}

/** Shares of the slices that a box of the new thickness covers. */
function weightsAt(centreMm: number, own: number, thicknessMm: number, slices: number): [number, number][] {
  const weights: [number, number][] = [];
  let total = 0;
  for (let slice = 0; slice < slices; slice++) {
    const from = Math.max(centreMm - thicknessMm / 2, (slice - 0.5) * own);
    const to = Math.min(centreMm + thicknessMm / 2, (slice + 0.5) * own);
    if (to <= from) continue;
    weights.push([slice, to - from]);
    total += to - from;
  }
  return weights.map(([slice, weight]) => [slice, weight / total]);
}

/**
 * Fills vessels with contrast: within the lungs whatever soft tissue there is in thin structures, between them the heart
 * and the great vessels as round regions from the carina. What is already denser than soft tissue stays as it is.
 *
 * @param iodineHu added to blood; @param cavaHu added in the superior vena cava
 */
export function addContrast(hu: Float32Array, volume: Volume, ground: Ground, iodineHu: number, cavaHu: number): void {
  const { columns, rows, slices, spacingMm } = volume;
  const { nx, ny, nz, cellMm, firstMm } = ground.lattice;
  const cellOf = (n: number, axis: 0 | 1 | 2, count: number): number =>
    Math.min(count - 1, Math.max(0, Math.round((n * spacingMm[axis] - firstMm[axis]) / cellMm[axis])));
  const cellX = Int32Array.from({ length: columns }, (_, i) => cellOf(i, 0, nx));
  for (let k = 0; k < slices; k++) {
    for (let j = 0; j < rows; j++) {
      const row = (cellOf(k, 2, nz) * ny + cellOf(j, 1, ny)) * nx;
      const from = (k * rows + j) * columns;
      for (let i = 0; i < columns; i++) {
        const cell = row + cellX[i]!;
        if (ground.lung[cell] === 0 || ground.depthMm[cell]! <= 5) continue;
        const value = volume.hu[from + i]!;
        const soft = (value + 860) / 900;
        if (soft > 0.12 && value <= 200) hu[from + i]! += Math.min(1, soft) * iodineHu * 0.95;
      }
    }
  }
  fillOrgans(hu, volume, ground, greatVessels(ground.carina, iodineHu, cavaHu));
}

interface Organ {
  readonly centre: Vec3;
  readonly half: Vec3;
  readonly hu: number;
}

function greatVessels(c: Vec3, iodineHu: number, cavaHu: number): Organ[] {
  const organ = (centre: Vec3, half: Vec3, hu: number): Organ => ({
    centre: [c[0] + centre[0], c[1] + centre[1], c[2] + centre[2]],
    half,
    hu,
  });
  return [
    organ([-26, -27, 15], [8, 9, 45], cavaHu),
    organ([-30, -55, -75], [28, 26, 34], iodineHu),
    organ([8, -65, -70], [36, 22, 38], iodineHu),
    organ([35, -40, -85], [28, 28, 38], iodineHu * 0.8),
    organ([18, -38, -25], [15, 24, 20], iodineHu),
    organ([-18, -18, -24], [28, 9, 10], iodineHu),
    organ([26, 22, -60], [13, 13, 90], iodineHu * 0.75),
    organ([0, -40, -5], [15, 15, 40], iodineHu * 0.75),
  ];
}

/** Adds to soft tissue outside the lungs the most that one of the organs adds there. */
function fillOrgans(hu: Float32Array, volume: Volume, ground: Ground, organs: readonly Organ[]): void {
  const { columns, rows, slices, spacingMm } = volume;
  // By the volume's index: organs overlap.
  const added = new Float32Array(hu.length);
  for (const { centre, half, hu: fill } of organs) {
    const from = [0, 1, 2].map((axis) =>
      Math.max(0, Math.floor((centre[axis]! - 1.1 * half[axis]!) / spacingMm[axis]!)),
    );
    const to = [columns, rows, slices].map((count, axis) =>
      Math.min(count - 1, Math.ceil((centre[axis]! + 1.1 * half[axis]!) / spacingMm[axis]!)),
    );
    for (let k = from[2]!; k <= to[2]!; k++) {
      for (let j = from[1]!; j <= to[1]!; j++) {
        const outside =
          ((j * spacingMm[1] - centre[1]) / half[1]) ** 2 + ((k * spacingMm[2] - centre[2]) / half[2]) ** 2;
        for (let i = from[0]!; i <= to[0]!; i++) {
          const q = outside + ((i * spacingMm[0] - centre[0]) / half[0]) ** 2;
          const at = (k * rows + j) * columns + i;
          const value = volume.hu[at]!;
          if (q >= 1.15 || value < -60 || value > 200) continue;
          const cell = cellAt(ground.lattice, [i * spacingMm[0], j * spacingMm[1], k * spacingMm[2]]);
          if (cell >= 0 && ground.lung[cell] && ground.depthMm[cell]! > 5) continue;
          const more = fill * Math.min(1, (1.15 - q) / 0.3);
          const before = added[at]!;
          if (more <= before) continue;
          hu[at]! += more - before;
          added[at] = more;
        }
      }
    }
  }
}

/** Breathing or heartbeat during the scan: slices doubled by a shift that comes and goes along the patient. */
export function addMotion(hu: Float32Array, { columns, rows, slices, spacingMm }: Volume, random: Random): void {
  const plane = columns * rows;
  const centre = random.between(0.2, 0.7) * slices;
  const reach = 12 / spacingMm[2];
  const shift = Math.max(1, Math.round(random.between(1.5, 4) / spacingMm[0]));
  for (let k = Math.max(0, Math.floor(centre - reach)); k < Math.min(slices, centre + reach); k++) {
    const strength = 0.5 * (1 - Math.abs(k - centre) / reach);
    const before = hu.slice(k * plane, (k + 1) * plane);
    for (let n = shift * columns; n < plane; n++)
      hu[k * plane + n] = before[n]! + strength * (before[n - shift * columns]! - before[n]!);
  }
}
