import { CT_CANDIDATES } from '../parameters.js';
import type { Volume } from '../volume/volume.js';

/** What lies around a candidate. */
export interface Surround {
  /** Share that is aerated lung. */
  readonly aeratedShare: number;
  readonly medianHu: number;
  /** Share that is darker than air can be: streaks beside metal. */
  readonly streakShare: number;
}

/** Most voxels of a candidate whose surroundings are sampled. */
const SAMPLED_VOXELS = 300;

/** Samples a few millimetres beside the voxels of a component, along the axes of the volume. */
export function sampleSurround(volume: Volume, voxels: Int32Array): Surround {
  const inside = new Set(voxels);
  const { columns, rows, slices, hu, spacingMm } = volume;
  const plane = columns * rows;
  const reach = spacingMm.map((mm) => Math.max(1, Math.round(CT_CANDIDATES.surroundMm / mm)));
  let far = 0;
  let dark = 0;
  const values: number[] = [];
  const step = Math.max(1, Math.floor(voxels.length / SAMPLED_VOXELS));
  for (let index = 0; index < voxels.length; index += step) {
    const at = voxels[index]!;
    const i = at % columns;
    const j = Math.floor(at / columns) % rows;
    const k = Math.floor(at / plane);
    // Streaks run within the slice, further than the surroundings reach.
    for (const mm of CT_CANDIDATES.streaksAtMm) {
      const p = Math.round(mm / spacingMm[0]);
      for (const beside of [at + p, at - p, at + p * columns, at - p * columns]) {
        if (beside < k * plane || beside >= (k + 1) * plane) continue;
        far++;
        if (hu[beside]! <= CT_CANDIDATES.streakBelowHu) dark++;
      }
    }
    for (const sign of [-1, 1]) {
      const a = i + sign * reach[0]!;
      const b = j + sign * reach[1]!;
      const c = k + sign * reach[2]!;
      if (a >= 0 && a < columns && !inside.has(at + a - i)) values.push(hu[at + a - i]!);
      if (b >= 0 && b < rows && !inside.has(at + (b - j) * columns)) values.push(hu[at + (b - j) * columns]!);
      if (c >= 0 && c < slices && !inside.has(at + (c - k) * plane)) values.push(hu[at + (c - k) * plane]!);
    }
  }
  if (values.length === 0) return { aeratedShare: 0, medianHu: 0, streakShare: 0 };
  values.sort((x, y) => x - y);
  const aerated = values.filter((value) => value < CT_CANDIDATES.aeratedBelowHu).length;
  return {
    aeratedShare: aerated / values.length,
    medianHu: values[Math.floor(values.length / 2)]!,
    streakShare: dark / Math.max(1, far),
  };
}
