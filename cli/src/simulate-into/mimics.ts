import { add, normalize, scale, smoothCurve, type Tube, tube, type Vec3 } from '@pce/test-support/phantom-geometry';
import type { Random } from '@pce/test-support/random';
import { directionAt } from './cement.js';
import type { Ground } from './ground.js';
import { describeInset, HU, type Inset } from './inset.js';
import { cellAt, placeOfCell } from './lattice.js';
import { across, sample, type Vessel } from './vessel-tree.js';

interface Scene {
  readonly ground: Ground;
  readonly vessels: readonly Vessel[];
  readonly random: Random;
}
interface Mimic {
  readonly tubes: readonly Tube[];
  readonly displacedHu: number;
  readonly streakHu?: number;
}

const dot = (place: Vec3, radiusMm: number, hu: number): Tube => ({ points: [place], radiiMm: [radiusMm], hu });
const jitter = (random: Random, mm: number): Vec3 => [random.normal() * mm, random.normal() * mm, random.normal() * mm];
const anyWay = (random: Random): Vec3 => normalize(jitter(random, 1));

/** A place in the lungs at a depth under their surface. */
function inLung({ ground, random }: Scene, least: number, most = Infinity): Vec3 {
  const cells = [...ground.lung.keys()].filter(
    (n) => ground.lung[n] && ground.depthMm[n]! >= least && ground.depthMm[n]! <= most,
  );
  return add(placeOfCell(ground.lattice, random.pick(cells)), jitter(random, 0.8));
}

/** A place in aerated lung, beside vessels. */
function inAir(scene: Scene, least: number): Vec3 {
  for (let attempt = 0; attempt < 50; attempt++) {
    const place = inLung(scene, least);
    if (sample(scene.ground.volume, place) < -700) return place;
  }
  return inLung(scene, least);
}

function lumps(
  centre: Vec3,
  count: number,
  spreadMm: number,
  radii: readonly [number, number],
  hu: number,
  random: Random,
): Tube[] {
  return Array.from({ length: count }, () =>
    dot(add(centre, jitter(random, spreadMm)), random.between(...radii), hu * random.between(0.7, 1.1)),
  );
}

function wallPatch(
  vessel: Vessel,
  from: number,
  lengthMm: number,
  arc: number,
  thickMm: number,
  hu: number,
  random: Random,
): Tube[] {
  const turn = random.between(0, 2 * Math.PI);
  const strips: Tube[] = [];
  for (let angle = -arc / 2; angle <= arc / 2; angle += 0.25) {
    const points = vessel.points.slice(from, from + lengthMm).map((point, n) => {
      const radius = vessel.radiiMm[from + n]!;
      return add(point, scale(across(directionAt(vessel, from + n), turn + angle), radius));
    });
    if (points.length > 1) strips.push(tube(points, thickMm / 2, hu * random.between(0.8, 1.1)));
  }
  return strips;
}

const straight = (from: Vec3, way: Vec3, mm: number, radiusMm: number, hu: number): Tube =>
  tube([from, add(from, scale(way, mm))], radiusMm, hu);

function longLine(knots: readonly Vec3[], radiusMm: number, hu: number): Tube {
  return tube(smoothCurve(knots, 2), radiusMm, hu);
}

/** Row of the skin at the front of the chest, mm. */
function skinBefore({ volume, lattice }: Ground, x: number, z: number): number {
  for (let y = 0; y < lattice.ny * lattice.cellMm[1]; y += 2) if (sample(volume, [x, y, z]) > -250) return y;
  return 0;
}

/** How deep under the skin a sternum is sought, and half its thickness, mm; its cortex is denser than this, HU. */
const STERNUM_DEPTH_MM = 60;
const HALF_STERNUM_MM = 6;
const CORTEX_FROM_HU = 150;

/** Middle of the sternum behind the skin: the first bone, as thick as its marrow; null where there is none. */
function sternumAt(ground: Ground, x: number, z: number): number | null {
  const skin = skinBefore(ground, x, z);
  for (let y = skin; y < skin + STERNUM_DEPTH_MM; y += 1) {
    if (sample(ground.volume, [x, y, z]) > CORTEX_FROM_HU) return y + HALF_STERNUM_MM;
  }
  return null;
}

/** Down the superior vena cava, from a subclavian or jugular vein: the usual way of catheters and leads. */
function centralWay({ ground, random }: Scene, depthMm: number): Vec3[] {
  const { carina: c } = ground;
  const top = Math.max(...ground.reach.map(([, high]) => high)) + 5;
  const entry: Vec3 = random.pick([
    [c[0] - 90, c[1] - 20, top - 12],
    [c[0] + 95, c[1] - 20, top - 10],
    [c[0] - 35, c[1] - 5, top],
  ]);
  return [
    entry,
    [c[0] - 26, c[1] - 28, c[2] + 35],
    [c[0] - 27, c[1] - 26, c[2]],
    [c[0] - 26, c[1] - 28, c[2] - depthMm],
  ];
}

const MIMICS = {
  granuloma: (scene) => {
    const { random } = scene;
    const radius = random.between(1.2, 4);
    return {
      tubes: lumps(inAir(scene, 8), 3, radius * 0.25, [radius * 0.7, radius], random.between(300, 1700), random),
      displacedHu: HU.lung,
    };
  },
  'granuloma-cluster': (scene) => {
    const { random } = scene;
    const centre = inAir(scene, 10);
    return {
      tubes: lumps(centre, 4 + random.index(6), 7, [0.8, 2], random.between(400, 1400), random),
      displacedHu: HU.lung,
    };
  },
  'calcified-node': ({ ground, random }) => {
    const side = random.pick([-1, 1]);
    const at = add(
      ground.carina,
      random.pick([
        [side * 32, 4, -18],
        [side * 22, 2, -30],
        [-14, -10, 14],
        [4, 6, -14],
      ] as Vec3[]),
    );
    return {
      tubes: lumps(add(at, jitter(random, 3)), 4 + random.index(6), 3, [1, 3.5], random.between(350, 1500), random),
      displacedHu: HU.softTissue,
    };
  },
  'arterial-wall': ({ vessels, random }) => {
    const wide = vessels.filter(({ radiiMm }) => Math.max(...radiiMm) > 2.5);
    const vessel = random.pick(wide.length ? wide : vessels);
    const n = vessel.radiiMm.indexOf(Math.max(...vessel.radiiMm.slice(0, -6)));
    return {
      tubes: wallPatch(
        vessel,
        n,
        3 + random.index(8),
        random.between(0.8, 2.2),
        random.between(0.6, 1.1),
        random.between(500, 1200),
        random,
      ),
      displacedHu: HU.softTissue,
    };
  },
  'bronchial-wall': (scene) => {
    const { ground, random } = scene;
    const tubes: Tube[] = [];
    const walls = [...ground.airway.keys()].filter((n) => ground.airway[n]);
    for (let n = 0; n < 5 && walls.length; n++) {
      const cell = placeOfCell(ground.lattice, random.pick(walls));
      for (let turn = 0; turn < 10; turn++) {
        const way = across([0, 0, 1], turn * 0.22 + n);
        let mm = 0;
        while (mm < 14 && sample(ground.volume, add(cell, scale(way, mm))) < -450) mm += 0.4;
        if (mm < 14)
          tubes.push(straight(add(cell, scale(way, mm + 0.5)), [0, 0, 1], 2.5, 0.5, random.between(400, 1000)));
      }
    }
    return {
      tubes: tubes.length ? tubes : lumps(ground.carina, 2, 1, [0.5, 1], 500, random),
      displacedHu: HU.softTissue,
    };
  },
  coronary: ({ ground, random }) => {
    const start = add(ground.carina, [random.between(0, 35), random.between(-75, -55), random.between(-70, -45)]);
    const knots = [start, add(start, [8, -4, -10]), add(start, [14, -4, -22]), add(start, [16, -2, -34])];
    const line = smoothCurve(knots, 1);
    const from = random.index(12);
    return {
      tubes: [tube(line.slice(from, from + 8 + random.index(18)), random.between(0.6, 1.4), random.between(500, 1300))],
      displacedHu: 20,
    };
  },
  annulus: ({ ground, random }) => {
    const centre = add(ground.carina, [random.between(10, 35), random.between(-45, -30), random.between(-85, -60)]);
    const ring: Vec3[] = [];
    const arc = random.between(1, 3);
    for (let turn = 0; turn < arc; turn += 0.1)
      ring.push(add(centre, [16 * Math.cos(turn), 9 * Math.sin(turn), 12 * Math.sin(turn)]));
    return { tubes: [tube(ring, random.between(1.2, 2.8), random.between(600, 1600))], displacedHu: HU.softTissue };
  },
  'aortic-wall': ({ ground, random }) => {
    const { carina: c } = ground;
    const centre: Vec3 = [c[0] + 24, c[1] + 22, c[2] - random.between(10, 90)];
    const strips: Tube[] = [];
    for (let n = 0; n < 4; n++) {
      const from = random.between(0, 6);
      const z = centre[2] + random.between(-15, 15);
      for (let layer = 0; layer < 4; layer++) {
        const arc = Array.from(
          { length: 8 },
          (_, p): Vec3 => [
            centre[0] + 12 * Math.cos(from + p * 0.09),
            centre[1] + 12 * Math.sin(from + p * 0.09),
            z + layer * 1.2,
          ],
        );
        strips.push(tube(arc, random.between(0.5, 0.9), random.between(600, 1400)));
      }
    }
    return { tubes: strips, displacedHu: HU.softTissue };
  },
  'pleural-plaque': (scene) => {
    const centre = inLung(scene, 1, 3.5);
    const { random } = scene;
    const cells = [...scene.ground.lung.keys()].filter((n) => {
      if (!scene.ground.lung[n] || scene.ground.depthMm[n]! > 4) return false;
      const p = placeOfCell(scene.ground.lattice, n);
      return Math.hypot(p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]) < 13;
    });
    const hu = random.between(400, 1300);
    return { tubes: cells.map((n) => dot(placeOfCell(scene.ground.lattice, n), 1.7, hu)), displacedHu: -300 };
  },
  'bone-spur': ({ ground, random }) => {
    const z = random.between(ground.reach[0]![0] + 30, ground.reach[0]![1] - 40);
    const at = ground.spine[Math.round(z / ground.lattice.cellMm[2])]!;
    const side = random.pick([-1, 1]);
    const base: Vec3 = [at.x + side * 17, at.y - 9, z];
    const tip = add(base, [side * random.between(3, 9), random.between(-6, 2), random.between(-5, 5)]);
    return {
      tubes: [{ points: [base, tip], radiiMm: [4, 1], hu: random.between(500, 1300) }],
      displacedHu: HU.softTissue,
    };
  },
  catheter: (scene) => {
    const line = longLine(
      centralWay(scene, scene.random.between(20, 70)),
      scene.random.between(0.8, 1.3),
      scene.random.between(500, 2600),
    );
    return { tubes: [line], displacedHu: HU.blood };
  },
  'pacing-lead': (scene) => {
    const { carina: c } = scene.ground;
    const knots = [...centralWay(scene, 60), add(c, [-18, -38, -78]), add(c, [10, -60, -92]), add(c, [32, -62, -100])];
    return { tubes: [longLine(knots, 0.9, HU.titanium)], displacedHu: HU.blood, streakHu: 120 };
  },
  clips: (scene) => {
    const { random } = scene;
    const centre = inLung(scene, 6);
    const count = 1 + random.index(4);
    const tubes = Array.from({ length: count }, (): Tube => {
      const from = add(centre, jitter(random, count === 1 ? 0 : 9));
      const way = anyWay(random);
      const mm = random.between(4, 9);
      return random.uniform() < 0.5
        ? straight(from, way, mm, 0.5, HU.titanium)
        : tube(
            [from, add(from, scale(way, mm)), add(add(from, scale(way, 0.3)), scale(across(way, 0), 2))],
            0.45,
            HU.titanium,
          );
    });
    return { tubes, displacedHu: random.uniform() < 0.5 ? HU.lung : HU.softTissue, streakHu: 160 };
  },
  'staple-line': (scene) => {
    const { random } = scene;
    const from = inLung(scene, 8);
    const way = anyWay(random);
    const off = across(way, random.between(0, 6));
    const tubes: Tube[] = [];
    for (let n = 0; n < 14; n++) {
      for (const row of [0, 1.8]) {
        const bent = Math.sin(n / 5) * 2;
        const at = add(add(from, scale(way, n * 2.6)), scale(off, row + bent));
        tubes.push(straight(at, way, 1.5, 0.13, HU.titanium));
      }
    }
    return { tubes, displacedHu: -300, streakHu: 25 };
  },
  coil: (scene) => {
    const { random } = scene;
    const centre = inLung(scene, 10);
    const points: Vec3[] = [];
    const [along, turnMm] = [anyWay(random), random.between(2, 4)];
    for (let n = 0; n < 90; n++)
      points.push(
        add(add(centre, scale(across(along, n * 0.5), turnMm + random.normal() * 0.4)), scale(along, n * 0.08)),
      );
    return { tubes: [tube(points, 0.25, HU.platinum)], displacedHu: HU.blood, streakHu: 400 };
  },
  fiducial: (scene) => ({
    tubes: [straight(inLung(scene, 8), anyWay(scene.random), scene.random.between(3, 7), 0.5, HU.platinum)],
    displacedHu: HU.lung,
    streakHu: 250,
  }),
  seeds: (scene) => {
    const centre = inLung(scene, 12);
    return {
      tubes: Array.from({ length: 4 + scene.random.index(10) }, () =>
        straight(add(centre, jitter(scene.random, 9)), anyWay(scene.random), 4.5, 0.4, HU.titanium),
      ),
      displacedHu: -300,
      streakHu: 120,
    };
  },
  screws: ({ ground, random }) => {
    const z = random.between(ground.reach[0]![0] + 20, ground.reach[0]![1] - 50);
    const tubes: Tube[] = [];
    for (const step of [0, 26]) {
      const at = ground.spine[Math.min(ground.spine.length - 1, Math.round((z + step) / ground.lattice.cellMm[2]))]!;
      for (const side of [-1, 1]) {
        tubes.push(
          tube(
            [
              [at.x + side * 17, at.y + 32, z + step],
              [at.x + side * 9, at.y - 8, z + step],
            ],
            2.8,
            HU.titanium,
          ),
        );
      }
    }
    for (const side of [-1, 1]) {
      const at = ground.spine[Math.round(z / ground.lattice.cellMm[2])]!;
      tubes.push(
        tube(
          [
            [at.x + side * 18, at.y + 36, z - 8],
            [at.x + side * 18, at.y + 36, z + 34],
          ],
          2.7,
          HU.titanium,
        ),
      );
    }
    return { tubes, displacedHu: HU.bone, streakHu: 300 };
  },
  'sternal-wires': ({ ground, random }) => {
    const { carina: c } = ground;
    const tubes = [20, 0, -25, -50].flatMap((dz) => {
      const middle = sternumAt(ground, c[0], c[2] + dz);
      if (middle === null) return [];
      const ring: Vec3[] = [];
      for (let n = 0; n <= 12; n++) {
        ring.push([c[0] + 11 * Math.cos(n / 2), middle + 7 * Math.sin(n / 2), c[2] + dz + random.normal()]);
      }
      return tube(ring, 0.5, HU.steel);
    });
    return { tubes, displacedHu: HU.softTissue, streakHu: 150 };
  },
} satisfies Record<string, (scene: Scene) => Mimic>;

export type MimicKind = keyof typeof MIMICS;
export const MIMIC_KINDS = Object.keys(MIMICS) as MimicKind[];
const ROUND = new Set<MimicKind>(['granuloma', 'granuloma-cluster', 'calcified-node']);

/** Builds something that looks like cement and is not; null where it falls outside the volume. */
export function placeMimic(ground: Ground, vessels: readonly Vessel[], kind: MimicKind, random: Random): Inset | null {
  const { tubes, displacedHu, streakHu = 0 } = (MIMICS[kind] as (scene: Scene) => Mimic)({ ground, vessels, random });
  if (tubes.length === 0 || cellAt(ground.lattice, tubes[0]!.points[0]!) < 0) return null;
  return describeInset(tubes, {
    kind: 'mimic',
    mimic: kind,
    morphology: ROUND.has(kind) ? 'punctate' : 'linear',
    site: null,
    displacedHu,
    streakHu,
  });
}
