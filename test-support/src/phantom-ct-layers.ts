import type { Anatomy } from './phantom-anatomy.js';
import type { Tube } from './phantom-geometry.js';
import { HU } from './phantom-materials.js';
import type { Branch } from './phantom-vessels.js';
import { type Capsules, toCapsules } from './rasterize-tubes.js';

/** Tubes of one attenuation, painted together. */
export interface TubeLayer {
  readonly hu: number;
  readonly capsules: Capsules;
}

/** Vessels thinner than this share of a pixel are left out: they are lost in the noise. */
const THINNEST_PIXELS = 0.25;
const AIRWAY_WALL_MM = 1.3;

export const branchTubes = (branches: readonly Branch[], hu: number, thinnestMm: number): Tube[] =>
  branches
    .filter((branch) => branch.radiusMm >= thinnestMm)
    .map((branch) => ({ points: branch.points, radiiMm: branch.points.map(() => branch.radiusMm), hu }));

/** The tubular parts of the anatomy in the order they are painted: vessels, airways, bones. */
export function ctTubeLayers(anatomy: Anatomy, pixelMm: number): TubeLayer[] {
  const { vessels, blood, greatVessels, airways, skeleton } = anatomy;
  const thinnest = THINNEST_PIXELS * pixelMm;
  const layers: Tube[][] = [
    branchTubes(vessels.veins, blood.pulmonaryVein, thinnest),
    branchTubes(vessels.arteries, blood.pulmonaryArtery, thinnest),
    ...greatVessels.map((vessel) => [vessel]),
    airways.map((a) => airwayTube(a.points, a.radiusMm + AIRWAY_WALL_MM, HU.airwayWall)),
    airways.map((a) => airwayTube(a.points, a.radiusMm, HU.air + 15)),
    [...skeleton.cartilage],
    [...skeleton.posterior],
    skeleton.shells.map((bone) => bone.outer),
    skeleton.shells.map((bone) => bone.inner),
  ];
  return layers.map((tubes) => ({ hu: tubes[0]!.hu, capsules: toCapsules(tubes) }));
}

function airwayTube(points: readonly (readonly [number, number, number])[], radiusMm: number, hu: number): Tube {
  return { points, radiiMm: points.map(() => radiusMm), hu };
}
