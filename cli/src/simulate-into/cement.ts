import { add, distance, normalize, scale, subtract, type Tube, type Vec3 } from '@pce/test-support/phantom-geometry';
import type { Random } from '@pce/test-support/random';
import type { Ground } from './ground.js';
import { describeInset, HU, type Inset } from './inset.js';
import { cellAt } from './lattice.js';
import { branchesOf, sample, sphere, type Vessel } from './vessel-tree.js';

export const CAST_FORMS = ['tubular', 'branching', 'beaded', 'punctate'] as const;
export type CastForm = (typeof CAST_FORMS)[number];

/** Share of the lumen's width that a cast may fill. The half-maximum width of a vessel is about its lumen. */
const FILL = 0.98;

/** Attenuation of the cement mixed for one patient, HU. Source: clinical range 10-30 % barium, 10-28 % zirconia. */
export const drawCementHu = (random: Random): number =>
  random.pick([1500, 1900, 2370, 2800, 3400, 4190, 4720, 4720, 6000, 8130]);

/** A cast of about a calibre in one of the vessels, or null where none fits. */
export function castInVessel(
  ground: Ground,
  vessels: readonly Vessel[],
  form: CastForm,
  calibreMm: number,
  hu: number,
  bloodHu: number,
  random: Random,
): Inset | null {
  for (let attempt = 0; attempt < 60; attempt++) {
    const vessel = random.pick(vessels);
    const wanted = form === 'punctate' ? 1 : Math.round(random.between(6, 32) + calibreMm);
    const from = random.index(Math.max(1, vessel.points.length - wanted - 4)) + 2;
    const to = Math.min(vessel.points.length - 2, from + wanted);
    if (to - from < Math.min(wanted, 6)) continue;
    const radii = vessel.radiiMm.slice(from, to + 1);
    const mean = radii.reduce((sum, mm) => sum + mm, 0) / radii.length;
    if (2 * mean * FILL < 0.85 * calibreMm || 2 * mean > 2.6 * calibreMm + 1) continue;
    const tubes = cutForm(ground, vessel, from, to, form, calibreMm, hu, random);
    if (tubes === null) continue;
    const what = { kind: 'pulmonary-cement-embolism', mimic: null, site: 'pulmonary-artery' } as const;
    const inset = describeInset(tubes, { ...what, morphology: form, displacedHu: bloodHu });
    return form === 'beaded'
      ? { ...inset, centrelines: [tubes.flatMap((one) => one.points)], lengthMm: spanOf(tubes) }
      : inset;
  }
  return null;
}

function cutForm(
  ground: Ground,
  vessel: Vessel,
  from: number,
  to: number,
  form: CastForm,
  calibreMm: number,
  hu: number,
  random: Random,
): Tube[] | null {
  const radius = (n: number): number => Math.min(calibreMm / 2, FILL * vessel.radiiMm[n]!);
  const stretch = (start: number, end: number): Tube => ({
    points: vessel.points.slice(start, end + 1),
    radiiMm: vessel.points.slice(start, end + 1).map((_, n) => radius(start + n)),
    hu: hu * random.between(0.85, 1.1),
  });
  if (form === 'tubular') return [stretch(from, to)];
  if (form === 'punctate') return [{ points: [vessel.points[from]!], radiiMm: [radius(from)], hu }];
  if (form === 'beaded') {
    const beads: Tube[] = [];
    for (let n = from; n < to; ) {
      const end = Math.min(to, n + 1 + random.index(4));
      beads.push(stretch(n, end));
      n = end + Math.ceil(calibreMm) + 1 + random.index(3);
    }
    return beads.length >= 3 ? beads : null;
  }
  const sides = branchesOf(ground, vessel, from, to).slice(0, 3);
  if (sides.length === 0) return null;
  const branches = sides.map((side): Tube => {
    const points = side.points.slice(0, 6 + random.index(10));
    return { points, radiiMm: points.map((_, n) => Math.min(0.45 * calibreMm, FILL * side.radiiMm[n]!)), hu };
  });
  return [stretch(from, to), ...branches];
}

function spanOf(beads: readonly Tube[]): number {
  const points = beads.flatMap((bead) => bead.points);
  const along = points.reduce((sum, point, n) => (n === 0 ? 0 : sum + distance(point, points[n - 1]!)), 0);
  return along + beads[0]!.radiiMm[0]! + beads.at(-1)!.radiiMm.at(-1)!;
}

/** A cast that winds through soft tissue between the lungs, inside a box; null where there is none. */
export function castInSoftTissue(
  ground: Ground,
  site: Inset['site'],
  box: readonly [Vec3, Vec3],
  direction: Vec3,
  lengthMm: number,
  calibreMm: number,
  hu: number,
  bloodHu: number,
  random: Random,
): Inset | null {
  const isSoft = (at: Vec3): boolean =>
    [at, ...sphere(12).map((way) => add(at, scale(way, calibreMm / 2 + 3)))].every((place) => {
      const value = sample(ground.volume, place);
      return value > -140 && value < 220;
    }) &&
    (site === 'inferior-vena-cava' || isBetweenLungs(ground, at));
  for (let attempt = 0; attempt < 400; attempt++) {
    const start = box[0].map((low, axis) => random.between(low, box[1][axis]!)) as unknown as Vec3;
    const points: Vec3[] = [start];
    let way = normalize(add(direction, scale([random.normal(), random.normal(), random.normal()], 0.4)));
    while (points.length < lengthMm && isSoft(points.at(-1)!)) {
      way = normalize(add(way, scale([random.normal(), random.normal(), random.normal()], 0.06)));
      points.push(add(points.at(-1)!, way));
    }
    if (points.length < lengthMm) continue;
    const radiiMm = points.map((_, n) => (calibreMm / 2) * (1 - 0.3 * (n / points.length)));
    const kind =
      site === 'right-heart' || site === 'pulmonary-artery' ? 'pulmonary-cement-embolism' : 'venous-cement-leak';
    return describeInset([{ points, radiiMm, hu }], {
      kind,
      mimic: null,
      morphology: 'tubular',
      site,
      displacedHu: bloodHu,
    });
  }
  return null;
}

/** Whether there is lung to the right and to the left at the same height and depth. */
function isBetweenLungs({ lattice, lung }: Ground, at: Vec3): boolean {
  const cell = cellAt(lattice, at);
  if (cell < 0) return false;
  const row = cell - (cell % lattice.nx);
  const before = lung.subarray(row, cell);
  const after = lung.subarray(cell, row + lattice.nx);
  return before.includes(1) && after.includes(2);
}

/** Where the organs between the lungs are, as boxes from the carina and the spine, with the way their vessels run. */
export function mediastinalBox(
  ground: Ground,
  site: 'main' | 'right-heart' | 'azygos-vein' | 'inferior-vena-cava',
  random: Random,
): { box: readonly [Vec3, Vec3]; direction: Vec3 } {
  const { carina: c, spine, lattice } = ground;
  const spineAt = (z: number) => spine[Math.max(0, Math.min(spine.length - 1, Math.round(z / lattice.cellMm[2])))]!;
  const around = (from: Vec3, to: Vec3): readonly [Vec3, Vec3] => [add(c, from), add(c, to)];
  switch (site) {
    case 'main':
      return random.uniform() < 0.5
        ? { box: around([-28, -28, -40], [12, -12, -15]), direction: [-1, 0.25, -0.1] }
        : { box: around([8, -60, -45], [30, -20, -10]), direction: [0.1, 0.7, 0.6] };
    case 'right-heart':
      return { box: around([-50, -85, -110], [30, -40, -60]), direction: [0.3, -0.3, -1] };
    case 'azygos-vein': {
      const at = spineAt(c[2] - 50);
      return {
        box: [
          [at.x - 9, at.y - 25, c[2] - 110],
          [at.x - 1, at.y - 18, c[2] - 45],
        ],
        direction: [0, 0, 1],
      };
    }
    case 'inferior-vena-cava': {
      const at = spineAt(c[2] - 120);
      return {
        box: [
          [at.x - 34, at.y - 50, Math.max(6, c[2] - 165)],
          [at.x - 18, at.y - 28, c[2] - 115],
        ],
        direction: [0, -0.1, 1],
      };
    }
  }
}

/** Cement in a vertebral body, with leaks beside it. */
export function vertebralCement(ground: Ground, hu: number, random: Random): Inset[] {
  const { spine, lattice, reach } = ground;
  const top = Math.max(...reach.map(([, high]) => high)) - 40;
  const z = random.between(Math.min(...reach.map(([low]) => low)) + 15, top);
  const at = (height: number) =>
    spine[Math.max(0, Math.min(spine.length - 1, Math.round(height / lattice.cellMm[2])))]!;
  const centre: Vec3 = [at(z).x, at(z).y, z];
  const within = (): Vec3 => add(centre, [random.between(-11, 11), random.between(-9, 7), random.between(-7, 7)]);
  const lumps = Array.from({ length: 8 + random.index(14) }, (): Tube => {
    const place = within();
    return {
      points: [place, add(place, [random.between(-4, 4), random.between(-3, 3), random.between(-4, 4)])],
      radiiMm: [random.between(2, 5), random.between(1, 4)],
      hu: hu * random.between(0.6, 1.1),
    };
  });
  const body = describeInset(lumps, {
    kind: 'vertebral-cement',
    mimic: null,
    morphology: 'irregular',
    site: 'vertebra',
    displacedHu: HU.bone,
  });
  const leaks: Inset[] = [];
  for (let n = random.index(3); n > 0; n--) leaks.push(leak(centre, hu, random));
  return [body, ...leaks];
}

/** Along a segmental vein around the body, or up and down before it. */
function leak([x, y, z]: Vec3, hu: number, random: Random): Inset {
  const side = random.pick([-1, 1]);
  const isSegmental = random.uniform() < 0.5;
  const points: Vec3[] = [];
  const steps = 10 + random.index(18);
  for (let n = 0; n < steps; n++) {
    const turn = -Math.PI / 2 + side * (0.2 + (1.3 * n) / 24);
    points.push(
      isSegmental
        ? [x + 20 * Math.cos(turn), y + 18 * Math.sin(turn) + 1, z + 0.15 * n]
        : [x + side * 6, y - 19 - 0.1 * n, z - 6 + n],
    );
  }
  const radius = random.between(0.8, 2);
  return describeInset([{ points, radiiMm: points.map(() => radius), hu }], {
    kind: 'venous-cement-leak',
    mimic: null,
    morphology: 'tubular',
    site: 'paravertebral-veins',
    displacedHu: HU.softTissue,
  });
}

/** Direction of a vessel at one of its points. */
export const directionAt = (vessel: Vessel, n: number): Vec3 =>
  normalize(subtract(vessel.points[Math.min(n + 1, vessel.points.length - 1)]!, vessel.points[Math.max(0, n - 1)]!));
