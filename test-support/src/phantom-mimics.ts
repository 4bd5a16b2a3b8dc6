import type { Anatomy } from './phantom-anatomy.js';
import type { Placed } from './phantom-cement.js';
import {
  add,
  axesAlong,
  normalize,
  polylineLength,
  scale,
  smoothCurve,
  subtract,
  type Tube,
  tube,
  type Vec3,
} from './phantom-geometry.js';
import { HU } from './phantom-materials.js';
import { lungDistanceMm } from './phantom-torso.js';
import type { Random } from './random.js';

export const MIMIC_KINDS = [
  'granuloma',
  'calcified-node',
  'arterial-wall',
  'bronchial-wall',
  'catheter',
  'pacing-lead',
  'clips',
  'staple-line',
  'coil',
  'screws',
  'sternal-wires',
  'ecg-lead',
  'seeds',
] as const;
export type MimicKind = (typeof MIMIC_KINDS)[number];

type Build = (anatomy: Anatomy, random: Random) => { tubes: Tube[]; hu: number };

/** A random point in aerated lung, `depthMm` under the pleura at least and 15 mm more at most. */
function pointInLung(anatomy: Anatomy, random: Random, depthMm: number): Vec3 {
  for (let attempt = 0; attempt < 2000; attempt++) {
    const p: Vec3 = [random.between(-130, 130), random.between(-85, 85), random.between(-120, 85)];
    const d = -lungDistanceMm(anatomy.torso, p);
    if (d > depthMm && d < depthMm + 15) return p;
  }
  throw new Error('mimic: no place in the lung found');
}

const sphere = (center: Vec3, radiusMm: number, hu: number): Tube => ({ points: [center], radiiMm: [radiusMm], hu });
const direction = (random: Random): Vec3 => normalize([random.normal(), random.normal(), random.normal()]);

function straight(center: Vec3, along: Vec3, lengthMm: number, radiusMm: number, hu: number): Tube {
  const half = scale(along, lengthMm / 2);
  return tube([subtract(center, half), add(center, half)], radiusMm, hu);
}

function clips(anatomy: Anatomy, random: Random): { tubes: Tube[]; hu: number } {
  const hu = HU.titanium;
  const base: Vec3 = [random.between(-60, 60), random.between(-70, -40), random.between(-60, 20)];
  const tubes = Array.from({ length: 4 }, () => {
    const center = add(base, [random.between(-25, 25), random.between(-8, 8), random.between(-30, 30)]);
    return straight(center, direction(random), 6, 0.6, hu);
  });
  void anatomy;
  return { tubes, hu };
}

function coil(anatomy: Anatomy, random: Random): { tubes: Tube[]; hu: number } {
  const center = pointInLung(anatomy, random, 18);
  const [along, u, v] = axesAlong(direction(random));
  const points: Vec3[] = [];
  for (let turn = 0; turn <= 6 * 12; turn++) {
    const angle = (turn / 12) * 2 * Math.PI;
    const ring = add(scale(u, 2.2 * Math.cos(angle)), scale(v, 2.2 * Math.sin(angle)));
    points.push(add(add(center, ring), scale(along, (turn / 12 - 3) * 0.9)));
  }
  return { tubes: [tube(points, 0.25, HU.steel)], hu: HU.steel };
}

function screws(anatomy: Anatomy, random: Random): { tubes: Tube[]; hu: number } {
  const hu = HU.titanium;
  const first = random.index(3) + 10;
  const tubes: Tube[] = [];
  for (const side of [1, -1]) {
    const heads: Vec3[] = [];
    for (const vertebra of anatomy.skeleton.vertebrae.slice(first, first + 3)) {
      const [, y, z] = vertebra.center;
      const head: Vec3 = [side * 24, y + vertebra.halfDepthMm + 24, z + 3];
      tubes.push(tube([head, [side * 9, y - vertebra.halfDepthMm * 0.4, z + 2]], 2.8, hu));
      heads.push(head);
    }
    tubes.push(tube(heads, 2.8, hu));
  }
  return { tubes, hu };
}

function stapleLine(anatomy: Anatomy, random: Random): { tubes: Tube[]; hu: number } {
  const start = pointInLung(anatomy, random, 8);
  const [along, u, v] = axesAlong(direction(random));
  const tubes: Tube[] = [];
  for (let n = 0; n < 16; n++) {
    const bendMm = 5 * Math.sin(n / 8);
    const center = add(add(start, scale(along, (n - 8) * 2.4)), scale(u, bendMm + (n % 2) * 1.6));
    tubes.push(straight(center, n % 2 ? along : v, 1.6, 0.12, HU.titanium));
  }
  return { tubes, hu: HU.titanium };
}

/** Two parallel calcified lines on the walls of an airway. */
function bronchialWall(anatomy: Anatomy, random: Random): { tubes: Tube[]; hu: number } {
  const airway = random.pick(anatomy.airways.slice(3));
  const path = airway.points;
  const [, u] = axesAlong(subtract(path[path.length - 1]!, path[0]!));
  const wall = (sign: number) => path.map((p) => add(p, scale(u, sign * (airway.radiusMm + 0.7))));
  return { tubes: [1, -1].map((sign) => tube(wall(sign), 0.6, 650)), hu: 650 };
}

/** Plaques on the wall of the aortic arch and of one lobar artery. */
function arterialWall(anatomy: Anatomy, random: Random): { tubes: Tube[]; hu: number } {
  const tubes: Tube[] = [];
  const arch = anatomy.paths.aorta;
  for (let n = 0; n < 7; n++) {
    const i = 4 + random.index(Math.min(24, arch.length - 6));
    const [along, u, v] = axesAlong(subtract(arch[i + 1]!, arch[i]!));
    const angle = random.between(0, 2 * Math.PI);
    const knots = [-1, 0, 1].map((k) => {
      const turn = angle + k * 0.18;
      const ring = add(scale(u, 12.6 * Math.cos(turn)), scale(v, 12.6 * Math.sin(turn)));
      return add(add(arch[i]!, ring), scale(along, k * 1.5));
    });
    tubes.push(tube(smoothCurve(knots, 1), random.between(0.7, 1.5), HU.calcium));
  }
  return { tubes, hu: HU.calcium };
}

function seeds(anatomy: Anatomy, random: Random): { tubes: Tube[]; hu: number } {
  const tubes = Array.from({ length: 5 }, () =>
    straight(pointInLung(anatomy, random, 10), direction(random), 4.5, 0.4, HU.titanium),
  );
  return { tubes, hu: HU.titanium };
}

const BUILDERS = {
  granuloma: (anatomy, random) => {
    const hu = random.between(500, 1300);
    const center = pointInLung(anatomy, random, 6);
    const radius = random.between(1.5, 3.5);
    return {
      tubes: [sphere(center, radius, hu), sphere(add(center, [radius * 0.3, 0, radius * 0.2]), radius * 0.85, hu)],
      hu,
    };
  },
  'calcified-node': (_, random) => {
    const hu = random.between(350, 950);
    const side = random.pick([1, -1]);
    const base: Vec3 = random.pick([
      [side * 38, 14, -14],
      [side * 30, 22, -30],
      [-14, 6, 14],
      [6, 30, -24],
    ] as Vec3[]);
    const lump = () => add(base, [random.between(-4, 4), random.between(-4, 4), random.between(-5, 5)]);
    return { tubes: Array.from({ length: 6 }, () => sphere(lump(), random.between(1.2, 3.2), hu)), hu };
  },
  'arterial-wall': arterialWall,
  'bronchial-wall': bronchialWall,
  catheter: (anatomy) => {
    const cava = anatomy.paths.superiorVenaCava;
    const path = smoothCurve([[-44, -22, 150], [-34, -16, 100], ...cava.slice(0, -4)], 3);
    return { tubes: [tube(path, 0.95, HU.catheter)], hu: HU.catheter };
  },
  'pacing-lead': (anatomy) => {
    const cava = anatomy.paths.superiorVenaCava;
    const knots: Vec3[] = [
      [88, -70, 66],
      [90, 2, 92],
      [34, -30, 84],
      [-4, -34, 74],
      cava[2]!,
      cava[cava.length - 4]!,
      [-20, -16, -56],
      [0, -34, -76],
      [36, -52, -92],
    ];
    const can: Tube = tube(
      [
        [80, -88, 56],
        [98, -86, 56],
      ],
      7,
      HU.titanium,
    );
    return { tubes: [tube(smoothCurve(knots, 3), 0.9, HU.titanium), can], hu: HU.titanium };
  },
  clips,
  'staple-line': stapleLine,
  coil,
  screws,
  'sternal-wires': (anatomy) => {
    const y = -anatomy.torso.cageHalfDepthMm - 3;
    const ring = (z: number): Tube => {
      const points: Vec3[] = [];
      for (let a = 0; a <= 16; a++) {
        const angle = (a / 16) * 2 * Math.PI;
        points.push([10 * Math.cos(angle), y - z * 0.12 + 7 * Math.sin(angle), z + 2 * Math.cos(angle)]);
      }
      return tube(points, 0.5, HU.steel);
    };
    return { tubes: [20, -4, -28, -52].map(ring), hu: HU.steel };
  },
  'ecg-lead': (anatomy, random) => {
    const y = -anatomy.torso.cageHalfDepthMm - 44;
    const knots: Vec3[] = [
      [70, y, 20],
      [random.between(20, 60), y + 2, -10],
      [random.between(-50, 0), y, -60],
      [-90, y + 10, -140],
      [-110, y + 20, -220],
    ];
    return { tubes: [tube(smoothCurve(knots, 4), 0.7, 3000), sphere(knots[0]!, 4, 1500)], hu: 3000 };
  },
  seeds,
} satisfies Record<MimicKind, Build>;

/** Builds something that looks like cement and is not. */
export function placeMimic(anatomy: Anatomy, kind: MimicKind, random: Random): Placed {
  const { tubes, hu } = (BUILDERS[kind] as Build)(anatomy, random);
  const largest = tubes.reduce((best, t) => (polylineLength(t.points) > polylineLength(best.points) ? t : best));
  const round = kind === 'granuloma' || kind === 'calcified-node';
  return {
    kind: 'mimic',
    mimic: kind,
    morphology: round ? 'punctate' : 'linear',
    site: null,
    tubes,
    centrelines: tubes.map((t) => t.points),
    calibreMm: 2 * Math.max(...tubes.flatMap((t) => t.radiiMm)),
    lengthMm: polylineLength(largest.points) + 2 * largest.radiiMm[0]!,
    materialHu: hu,
    bariumPercent: null,
    surroundHu: HU.blood,
  };
}
