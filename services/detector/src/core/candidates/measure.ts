import { CT_CANDIDATES } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import type { Centreline } from './centreline.js';

/** Size and surroundings of a candidate. */
export interface CandidateShape {
  readonly lengthMm: number;
  readonly calibreMm: number;
  readonly volumeMm3: number;
  /** Length over calibre: about 1 for a ball. */
  readonly slenderness: number;
  readonly branchCount: number;
  /** Share of the surroundings that is aerated lung. */
  readonly aeratedShare: number;
  /** Attenuation of the surroundings, median. */
  readonly surroundHu: number;
}

/**
 * Measures a component along its centreline.
 *
 * Calibre and volume come from the integrated excess over the surroundings where the cast is thinner than the voxels
 * resolve, and from the voxels above half maximum where it is wider.
 */
export function measureShape(volume: Volume, voxels: Int32Array, peakHu: number, line: Centreline): CandidateShape {
  const surround = sampleSurround(volume, voxels);
  const voxelMm3 = volume.spacingMm[0] * volume.spacingMm[1] * volume.spacingMm[2];
  const halfMaximumHu = (peakHu + surround.medianHu) / 2;
  let excess = 0;
  let above = 0;
  for (const voxel of voxels) {
    const value = volume.hu[voxel]!;
    excess += Math.max(0, value - surround.medianHu);
    if (value >= halfMaximumHu) above += 1;
  }
  const lengthMm = Math.max(line.lengthMm, Math.cbrt(above * voxelMm3));
  const halfMaximumMm3 = above * voxelMm3;
  const diameterOf = (mm3: number): number => 2 * Math.sqrt(mm3 / (Math.PI * lengthMm));
  const resolvedMm = CT_CANDIDATES.resolvedVoxels * Math.max(...volume.spacingMm);
  const wideMm = diameterOf(halfMaximumMm3);
  const excessMm3 = (excess * voxelMm3) / (Math.max(CT_CANDIDATES.solidCementHu, peakHu) - surround.medianHu);
  const isResolved = wideMm >= resolvedMm;
  const calibreMm = isResolved ? wideMm : Math.min(wideMm, diameterOf(excessMm3));
  return {
    lengthMm,
    calibreMm,
    volumeMm3: isResolved ? halfMaximumMm3 : Math.min(halfMaximumMm3, excessMm3),
    // What is seen, not what is corrected: a dot stays a dot however little cement is in it.
    slenderness: lengthMm / Math.max(wideMm, Math.min(...volume.spacingMm)),
    branchCount: line.paths.length - 1,
    aeratedShare: surround.aeratedShare,
    surroundHu: surround.medianHu,
  };
}

/** Most voxels of a candidate whose surroundings are sampled. */
const SAMPLED_VOXELS = 300;

function sampleSurround(volume: Volume, voxels: Int32Array): { aeratedShare: number; medianHu: number } {
  const inside = new Set(voxels);
  const { columns, rows, slices, hu, spacingMm } = volume;
  const plane = columns * rows;
  const reach = spacingMm.map((mm) => Math.max(1, Math.round(CT_CANDIDATES.surroundMm / mm)));
  const values: number[] = [];
  const step = Math.max(1, Math.floor(voxels.length / SAMPLED_VOXELS));
  for (let index = 0; index < voxels.length; index += step) {
    const at = voxels[index]!;
    const i = at % columns;
    const j = Math.floor(at / columns) % rows;
    const k = Math.floor(at / plane);
    for (const sign of [-1, 1]) {
      const a = i + sign * reach[0]!;
      const b = j + sign * reach[1]!;
      const c = k + sign * reach[2]!;
      if (a >= 0 && a < columns && !inside.has(at + a - i)) values.push(hu[at + a - i]!);
      if (b >= 0 && b < rows && !inside.has(at + (b - j) * columns)) values.push(hu[at + (b - j) * columns]!);
      if (c >= 0 && c < slices && !inside.has(at + (c - k) * plane)) values.push(hu[at + (c - k) * plane]!);
    }
  }
  if (values.length === 0) return { aeratedShare: 0, medianHu: 0 };
  values.sort((x, y) => x - y);
  const aerated = values.filter((value) => value < CT_CANDIDATES.aeratedBelowHu).length;
  return { aeratedShare: aerated / values.length, medianHu: values[Math.floor(values.length / 2)]! };
}
