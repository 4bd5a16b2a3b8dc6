import { CT_CANDIDATES } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { distanceMm, endDirection, type PointMm, voxelMm } from './centreline.js';

/** How thick a cast is, corrected for blur and partial volume. */
export interface Calibre {
  readonly largestMm: number;
  /** Width at half maximum, blur included: what is seen. */
  readonly seenMm: number;
  readonly volumeMm3: number;
  /** Attenuation the cast would have without blur, HU. */
  readonly materialHu: number;
}

/** Stretch of the path over which a calibre is taken, mm: as long as a calibre is wide. [design] */
const WINDOW_MM = 5;

/**
 * Calibre from the integrated excess of attenuation over the background, divided by the length: partial volume moves
 * attenuation to the neighbours but loses none of it. The material's attenuation, which it is divided by, follows from
 * how far the peak falls short for that excess; where the cast is too thin for that, or the peak is clipped, the usual
 * cement is taken. A cast wider than the blur is measured at half maximum.
 *
 * @param core 1 for voxels at half maximum, in the order of `voxels`
 * @param paths the longest first
 */
export function measureCalibre(
  volume: Volume,
  voxels: Int32Array,
  core: Uint8Array,
  paths: readonly (readonly PointMm[])[],
  lengthMm: number,
  backgroundHu: number,
): Calibre {
  const path = paths.flat();
  const [dx, dy, dz] = volume.spacingMm;
  const voxelMm3 = dx * dy * dz;
  const excessAt = new Float64Array(path.length);
  const coreAt = new Float64Array(path.length);
  let peakHu = -Infinity;
  for (const voxel of voxels) peakHu = Math.max(peakHu, volume.hu[voxel]!);
  // Clipping hides how dense the cast is: its edge lies where the usual cement would be half seen.
  const isClipped = peakHu >= volume.clippedAtHu;
  const edgeHu = isClipped ? (backgroundHu + Math.min(CT_CANDIDATES.solidCementHu, 1.4 * peakHu)) / 2 : -Infinity;
  let excess = 0;
  let coreCount = 0;
  for (let node = 0; node < voxels.length; node++) {
    const hu = volume.hu[voxels[node]!]!;
    const over = Math.max(0, hu - backgroundHu);
    const inside = hu >= edgeHu ? core[node]! : 0;
    const nearest = nearestOn(path, voxelMm(volume, voxels[node]!));
    excess += over;
    excessAt[nearest]! += over;
    coreCount += inside;
    coreAt[nearest]! += inside;
  }
  const direction = endDirection(paths[0]!, Infinity) ?? [0, 0, 1];
  const materialHu = estimateMaterial(volume, direction, (excess * voxelMm3) / lengthMm, peakHu, backgroundHu);
  const diameter = (areaMm2: number): number => 2 * Math.sqrt(areaMm2 / Math.PI);
  const wideMm = diameter((coreCount * voxelMm3) / lengthMm);
  const isResolved = wideMm >= CT_CANDIDATES.resolvedVoxels * Math.max(dx, dy, dz);
  const excessMm3 = (excess * voxelMm3) / (materialHu - backgroundHu);
  const volumeMm3 = isResolved ? coreCount * voxelMm3 : Math.min(coreCount * voxelMm3, excessMm3);
  const widest = isResolved ? widestShare(paths, coreAt, coreCount) : widestShare(paths, excessAt, excess);
  return { largestMm: diameter((volumeMm3 / lengthMm) * widest), seenMm: wideMm, volumeMm3, materialHu };
}

/** Forks and bumps are wider than the cast: the stretch that only this share of the stretches exceeds counts. [design] */
const WIDEST_QUANTILE = 0.8;

/**
 * Excess per length of a wide stretch over that of the whole; 1 where the paths are too short to have stretches.
 *
 * @param amounts by point, those of all paths one after the other
 */
function widestShare(paths: readonly (readonly PointMm[])[], amounts: Float64Array, total: number): number {
  const sums: number[] = [];
  let allMm = 0;
  let first = 0;
  for (const path of paths) {
    allMm += addStretches(path, amounts.subarray(first, first + path.length), sums);
    first += path.length;
  }
  if (sums.length === 0 || total === 0) return 1;
  sums.sort((a, b) => a - b);
  const wide = sums[Math.floor((sums.length - 1) * WIDEST_QUANTILE)]!;
  return Math.max(1, (wide / WINDOW_MM) * (allMm / total));
}

/** Adds what each stretch of a path holds, and gives the path's length in mm. */
function addStretches(path: readonly PointMm[], amounts: Float64Array, sums: number[]): number {
  const along = path.map(() => 0);
  for (let n = 1; n < path.length; n++) along[n] = along[n - 1]! + distanceMm(path[n]!, path[n - 1]!);
  const lengthMm = along.at(-1)!;
  if (lengthMm < 2 * WINDOW_MM) return lengthMm;
  for (const centre of along) {
    if (centre < WINDOW_MM / 2 || centre > lengthMm - WINDOW_MM / 2) continue;
    let sum = 0;
    for (let m = 0; m < path.length; m++) if (Math.abs(along[m]! - centre) <= WINDOW_MM / 2) sum += amounts[m]!;
    sums.push(sum);
  }
  return lengthMm;
}

function nearestOn(path: readonly PointMm[], point: PointMm): number {
  let best = 0;
  let bestMm = Infinity;
  for (let n = 0; n < path.length; n++) {
    const mm = distanceMm(path[n]!, point);
    if (mm < bestMm) {
      bestMm = mm;
      best = n;
    }
  }
  return best;
}

/**
 * Attenuation of a solid cylinder that a blur turns into this peak and this excess per length.
 *
 * A disc of diameter d under a Gaussian blur of variance s keeps 1 - exp(-d^2 / 8 s) of its contrast at the centre.
 */
function estimateMaterial(
  volume: Volume,
  direction: PointMm,
  excessPerLength: number,
  peakHu: number,
  backgroundHu: number,
): number {
  const usual = Math.max(CT_CANDIDATES.solidCementHu, peakHu);
  if (peakHu >= volume.clippedAtHu || peakHu <= backgroundHu) return usual;
  const variance = blurAcross(volume, direction);
  const ratio = excessPerLength / (peakHu - backgroundHu);
  const ratioOf = (mm: number): number => (Math.PI * mm * mm) / 4 / (1 - Math.exp((-mm * mm) / (8 * variance)));
  if (ratio <= CT_CANDIDATES.thinRatio * 2 * Math.PI * variance) return usual;
  let low = 0.1;
  let high = 30;
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (ratioOf(middle) < ratio) low = middle;
    else high = middle;
  }
  const materialHu = backgroundHu + excessPerLength / ((Math.PI * low * low) / 4);
  return Math.min(usual, Math.max(CT_CANDIDATES.leastCementHu, materialHu, peakHu));
}

/** Variance of the blur across a line, mm2: geometric mean of both directions across it. */
function blurAcross(volume: Volume, direction: PointMm): number {
  const inPlaneMm = Math.max(CT_CANDIDATES.blurMm, CT_CANDIDATES.blurPixels * volume.spacingMm[0]);
  const acrossMm = Math.max(
    inPlaneMm,
    CT_CANDIDATES.sliceBlurShare * Math.max(volume.sliceThicknessMm ?? 0, volume.spacingMm[2]),
  );
  const a = inPlaneMm * inPlaneMm;
  const b = acrossMm * acrossMm;
  // Determinant of the blur's covariance diag(a, a, b) projected along the line.
  const determinant = a * a * b * ((direction[0] ** 2 + direction[1] ** 2) / a + direction[2] ** 2 / b);
  return Math.sqrt(determinant);
}
