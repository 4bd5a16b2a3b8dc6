import { distance, polylineLength, type Tube, type Vec3 } from '@pce/test-support/phantom-geometry';
import type { TruthObject } from '@pce/test-support/truth';

/** Something put into the images: its form, its material, and what it is. */
export interface Inset {
  readonly kind: TruthObject['kind'];
  /** Kind of mimic, null for cement. */
  readonly mimic: string | null;
  readonly morphology: TruthObject['morphology'];
  readonly site: TruthObject['site'];
  readonly tubes: readonly Tube[];
  readonly centrelines: readonly (readonly Vec3[])[];
  readonly calibreMm: number;
  readonly lengthMm: number;
  readonly materialHu: number;
  /** What it takes the place of: blood, lung, bone or soft tissue, HU. */
  readonly displacedHu: number;
  /** Strength of the streaks it throws, HU at 10 mm; 0 for none. */
  readonly streakHu: number;
}

/** Attenuations at 70 keV. Source: docs/simulator.md. */
export const HU = {
  lung: -860,
  blood: 42,
  softTissue: 45,
  bone: 250,
  titanium: 11_500,
  steel: 25_000,
  platinum: 30_000,
} as const;

/** An inset from its tubes, the first of which is its trunk. Lengths run to the round ends. */
export function describeInset(
  tubes: readonly Tube[],
  what: Pick<Inset, 'kind' | 'mimic' | 'morphology' | 'site' | 'displacedHu'> & { readonly streakHu?: number },
): Inset {
  const lengthMm = tubes.reduce(
    (sum, { points, radiiMm }, n) => sum + polylineLength(points) + (n === 0 ? radiiMm[0]! : 0) + radiiMm.at(-1)!,
    0,
  );
  return {
    streakHu: 0,
    ...what,
    tubes,
    centrelines: tubes.map(({ points }) => points),
    calibreMm: 2 * Math.max(...tubes.flatMap(({ radiiMm }) => radiiMm)),
    lengthMm,
    materialHu: tubes[0]!.hu,
  };
}

/** Least distance between two insets' centrelines, mm. */
export function gapMm(a: Inset, b: Inset): number {
  let least = Infinity;
  for (const p of a.centrelines.flat()) {
    for (const q of b.centrelines.flat()) least = Math.min(least, distance(p, q));
  }
  return least;
}
