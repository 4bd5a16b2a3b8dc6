import type { Anatomy } from './phantom-anatomy.js';
import {
  add,
  distance,
  mix,
  normalize,
  perpendiculars,
  polylineLength,
  scale,
  smoothCurve,
  subtract,
  type Tube,
  type Vec3,
} from './phantom-geometry.js';
import { cementHu } from './phantom-materials.js';
import type { Lobe } from './phantom-torso.js';
import type { Branch } from './phantom-vessels.js';
import type { Random } from './random.js';
import type { TruthObject } from './truth.js';

/** Weight percent of barium sulfate in usual radiopaque cement. Source: design notes on the disease, 10 to 30 %. */
const USUAL_BARIUM_PERCENT = 19;
/** Largest share of the lumen a cast fills. */
const LUMEN_SHARE = 0.96;
const KEEP_APART_MM = 14;

/** A cement embolus to simulate; what is left out is drawn by seed. */
export interface EmbolusSpec {
  readonly morphology: 'tubular' | 'branching' | 'beaded' | 'punctate';
  /** Largest diameter. @default nearly that of an artery of 1.2 to 3.6 mm */
  readonly calibreMm?: number;
  /** Along the centreline; branching casts add up their branches. */
  readonly lengthMm?: number;
  /** @default 'segmental-or-smaller' */
  readonly level?: 'central' | 'lobar' | 'segmental-or-smaller' | 'right-heart';
  readonly lobe?: Lobe;
  /** Weight percent of barium sulfate. @default 19 */
  readonly bariumPercent?: number;
}

/** Something simulated into the anatomy: its geometry, and the truth about it except what depends on the image. */
export interface Placed {
  readonly kind: TruthObject['kind'];
  readonly mimic: string | null;
  readonly morphology: TruthObject['morphology'];
  readonly site: TruthObject['site'];
  readonly tubes: readonly Tube[];
  readonly centrelines: readonly (readonly Vec3[])[];
  readonly calibreMm: number;
  readonly lengthMm: number;
  readonly materialHu: number;
  /** Null when it is not cement. */
  readonly bariumPercent: number | null;
  /** Attenuation around it, to judge whether it shows. */
  readonly surroundHu: number;
}

/** The path walked so far with the radius of the artery at each point. */
interface Walk {
  readonly points: Vec3[];
  readonly lumenRadii: number[];
}

/** Follows the thicker child from a branch until `lengthMm` is walked or the tree ends. */
function walkDown(tree: readonly Branch[], start: number, lengthMm: number): Walk {
  const points: Vec3[] = [];
  const lumenRadii: number[] = [];
  let walked = 0;
  let index: number | undefined = start;
  while (index !== undefined && walked < lengthMm) {
    const branch: Branch = tree[index]!;
    for (const point of branch.points.slice(points.length === 0 ? 0 : 1)) {
      const previous = points[points.length - 1];
      if (previous) walked += distance(previous, point);
      points.push(point);
      lumenRadii.push(branch.radiusMm);
      if (walked >= lengthMm) break;
    }
    index = branch.children.reduce<number | undefined>(
      (best, child) => (best === undefined || tree[child]!.radiusMm > tree[best]!.radiusMm ? child : best),
      undefined,
    );
  }
  return trimTo({ points, lumenRadii }, lengthMm);
}

function trimTo(walk: Walk, lengthMm: number): Walk {
  const excess = polylineLength(walk.points) - lengthMm;
  const n = walk.points.length;
  if (excess <= 0 || n < 2) return walk;
  const last = distance(walk.points[n - 2]!, walk.points[n - 1]!);
  const points = [...walk.points];
  points[n - 1] = mix(points[n - 2]!, points[n - 1]!, Math.max(0.05, 1 - excess / last));
  return { points, lumenRadii: walk.lumenRadii };
}

const castTube = (walk: Walk, radiusMm: number, hu: number): Tube => ({
  points: walk.points,
  radiiMm: walk.lumenRadii.map((lumen) => Math.min(radiusMm, lumen * LUMEN_SHARE)),
  hu,
});

/** Tip to tip: the axis and the half caps at both ends. */
const tipToTip = (t: Tube): number => polylineLength(t.points) + t.radiiMm[0]! + t.radiiMm[t.radiiMm.length - 1]!;

/** Cuts a cast into beads of 2 to 4 mm with gaps of 0.8 to 2.2 mm. */
function beads(t: Tube, random: Random): Tube[] {
  const dense = smoothCurve(t.points, 0.4);
  const out: Tube[] = [];
  let i = 0;
  while (i < dense.length) {
    const count = Math.max(3, Math.round(random.between(2, 4) / 0.4));
    const points = dense.slice(i, i + count);
    const radius = Math.max(...t.radiiMm) * random.between(0.72, 1);
    const middle = (points.length - 1) / 2;
    const radiiMm = points.map((_, k) => radius * (1 - (0.3 * Math.abs(k - middle)) / Math.max(1, middle)));
    if (points.length >= 2) out.push({ points, radiiMm, hu: t.hu });
    i += count + Math.round(random.between(0.8, 2.2) / 0.4 + (2 * radius) / 0.4);
  }
  return out;
}

interface ArteryChoice {
  readonly index: number;
  readonly calibreMm: number;
}

/** A random artery that suits the spec and is not near another embolus. */
function chooseArtery(anatomy: Anatomy, spec: EmbolusSpec, taken: readonly Vec3[], random: Random): ArteryChoice {
  const { arteries } = anatomy.vessels;
  const level = spec.level ?? 'segmental-or-smaller';
  const calibre = spec.calibreMm ?? random.between(1.2, 3.6) * LUMEN_SHARE;
  const wide = level === 'lobar' ? 3.4 : calibre / 2 / LUMEN_SHARE;
  const fits = (branch: Branch, slack: number, apart: number): boolean => {
    const middle = branch.points[Math.floor(branch.points.length / 2)]!;
    if (level === 'segmental-or-smaller' && branch.radiusMm > 3) return false;
    if (branch.radiusMm < wide || branch.radiusMm > wide * slack) return false;
    if (spec.lobe && branch.lobe !== spec.lobe) return false;
    if (spec.morphology === 'branching' && branch.children.length < 2) return false;
    return taken.every((point) => distance(point, middle) > apart);
  };
  const attempts: [number, number][] = [
    [1.35, KEEP_APART_MM],
    [1.9, KEEP_APART_MM],
    [3, 6],
    [8, 0],
  ];
  for (const [slack, apart] of attempts) {
    const candidates = arteries.map((_, i) => i).filter((i) => i > 4 && fits(arteries[i]!, slack, apart));
    if (candidates.length > 0) return { index: random.pick(candidates), calibreMm: calibre };
  }
  throw new RangeError(
    `simulated embolus: no artery for calibre ${calibre.toFixed(1)} mm in ${spec.lobe ?? 'any lobe'}`,
  );
}

function peripheralTubes(
  anatomy: Anatomy,
  spec: EmbolusSpec,
  choice: ArteryChoice,
  hu: number,
  random: Random,
): Tube[] {
  const { arteries } = anatomy.vessels;
  const radius = choice.calibreMm / 2;
  if (spec.morphology === 'punctate') {
    const walk = walkDown(arteries, choice.index, (spec.lengthMm ?? choice.calibreMm * 1.2) - choice.calibreMm + 0.2);
    return [castTube(walk, radius, hu)];
  }
  if (spec.morphology === 'branching') {
    const total = spec.lengthMm ?? random.between(16, 36);
    const parent = arteries[choice.index]!;
    const stemLength = Math.min(polylineLength(parent.points), total * 0.45);
    const back = walkDown([{ ...parent, points: [...parent.points].reverse(), children: [] }], 0, stemLength);
    const rest = (total - stemLength) / parent.children.length;
    const arms = parent.children.map((child) => walkDown(arteries, child, Math.max(4, rest)));
    return [back, ...arms].map((walk) => castTube(walk, radius, hu));
  }
  const lengthMm = (spec.lengthMm ?? random.between(8, 30)) - 2 * radius;
  const cast = castTube(walkDown(arteries, choice.index, Math.max(1, lengthMm)), radius, hu);
  return spec.morphology === 'beaded' ? beads(cast, random) : [cast];
}

/** A cast lying along a central artery or in the right heart, thinner than the lumen and off its axis. */
function centralTubes(anatomy: Anatomy, spec: EmbolusSpec, hu: number, random: Random): Tube[] {
  const radius = (spec.calibreMm ?? random.between(2.5, 4.5)) / 2;
  const lengthMm = spec.lengthMm ?? random.between(18, 45);
  if (spec.level === 'right-heart') {
    const knots: Vec3[] = [
      [-24, -8, -44],
      [-20, -14, -58],
      [-10, -26, -68],
      [6, -38, -74],
      [22, -48, -80],
    ];
    const jitter: Vec3 = [random.between(-3, 3), random.between(-3, 3), random.between(-3, 3)];
    const path = smoothCurve(
      knots.map((knot) => add(knot, jitter)),
      2,
    );
    return [
      castTube(trimTo({ points: cutLength(path, lengthMm), lumenRadii: path.map(() => 20) }, lengthMm), radius, hu),
    ];
  }
  const branch =
    anatomy.vessels.arteries[spec.lobe?.startsWith('left') ? random.pick([2, 4]) : random.pick([1, 2, 3, 4])]!;
  const path = smoothCurve(branch.points, 2);
  const [u, v] = perpendiculars(normalize(subtract(path[path.length - 1]!, path[0]!)));
  const angle = random.between(0, 2 * Math.PI);
  const off = (branch.radiusMm - radius) * random.between(0.2, 0.8);
  const shift = add(scale(u, Math.cos(angle) * off), scale(v, Math.sin(angle) * off));
  const points = cutLength(
    path.map((p) => add(p, shift)),
    lengthMm,
  );
  return [castTube({ points, lumenRadii: points.map(() => branch.radiusMm) }, radius, hu)];
}

function cutLength(path: readonly Vec3[], lengthMm: number): Vec3[] {
  let walked = 0;
  const out: Vec3[] = [path[0]!];
  for (let i = 1; i < path.length && walked < lengthMm; i++) {
    walked += distance(path[i - 1]!, path[i]!);
    out.push(path[i]!);
  }
  return out;
}

/** Puts one embolus into the arteries or the right heart. */
export function placeEmbolus(anatomy: Anatomy, spec: EmbolusSpec, taken: readonly Vec3[], random: Random): Placed {
  const bariumPercent = spec.bariumPercent ?? USUAL_BARIUM_PERCENT;
  const hu = cementHu(bariumPercent);
  const central = spec.level === 'central' || spec.level === 'right-heart';
  const tubes = central
    ? centralTubes(anatomy, spec, hu, random)
    : peripheralTubes(anatomy, spec, chooseArtery(anatomy, spec, taken, random), hu, random);
  return {
    kind: 'pulmonary-cement-embolism',
    mimic: null,
    morphology: central ? 'tubular' : spec.morphology,
    site: spec.level === 'right-heart' ? 'right-heart' : 'pulmonary-artery',
    tubes,
    centrelines: spec.morphology === 'beaded' ? [tubes.flatMap((t) => t.points)] : tubes.map((t) => t.points),
    calibreMm: 2 * Math.max(...tubes.flatMap((t) => t.radiiMm)),
    lengthMm: castLength(spec.morphology, tubes),
    materialHu: hu,
    bariumPercent,
    surroundHu: spec.level === 'right-heart' ? anatomy.blood.rightHeart : anatomy.blood.pulmonaryArtery,
  };
}

function castLength(morphology: EmbolusSpec['morphology'], tubes: readonly Tube[]): number {
  const first = tubes[0]!;
  const last = tubes[tubes.length - 1]!;
  if (morphology === 'beaded')
    return polylineLength(tubes.flatMap((t) => t.points)) + first.radiiMm[0]! + last.radiiMm[last.radiiMm.length - 1]!;
  if (morphology === 'branching')
    return tubes.reduce((sum, t) => sum + polylineLength(t.points) + t.radiiMm[t.radiiMm.length - 1]!, 0);
  return tipToTip(first);
}

export interface VertebralCementSpec {
  /** Such as 'T12'. */
  readonly level: string;
  readonly bariumPercent?: number;
}

/** Cement in a vertebral body: an interdigitated cloud of drops inside the shell. */
export function placeVertebralCement(anatomy: Anatomy, spec: VertebralCementSpec, random: Random): Placed {
  const vertebra = anatomy.skeleton.vertebrae.find((v) => v.name === spec.level);
  if (!vertebra) throw new RangeError(`vertebral cement: expected a level from C6 to L5; received ${spec.level}`);
  const bariumPercent = spec.bariumPercent ?? 25;
  const hu = cementHu(bariumPercent);
  const tubes: Tube[] = [];
  const drop = (center: Vec3, radius: number) => tubes.push({ points: [center], radiiMm: [radius], hu });
  for (let n = 0; n < 9; n++) {
    const radius = random.between(2.2, Math.min(6, vertebra.halfHeightMm * 0.6));
    const room = (half: number) => Math.max(0, half - 2 - radius) * random.between(-1, 1);
    drop(
      add(vertebra.center, [room(vertebra.halfWidthMm), room(vertebra.halfDepthMm), room(vertebra.halfHeightMm)]),
      radius,
    );
  }
  drop(vertebra.center, Math.min(6.5, vertebra.halfHeightMm * 0.55));
  const height = 2 * vertebra.halfHeightMm;
  return {
    kind: 'vertebral-cement',
    mimic: null,
    morphology: 'irregular',
    site: 'vertebra',
    tubes,
    centrelines: [[vertebra.center]],
    calibreMm: height,
    lengthMm: 2 * vertebra.halfWidthMm,
    materialHu: hu,
    bariumPercent,
    surroundHu: 200,
  };
}

export interface LeakSpec {
  /** The vertebra it comes from, such as 'T12'. */
  readonly level: string;
  readonly vein: 'paravertebral' | 'azygos' | 'inferior-vena-cava';
  readonly lengthMm?: number;
  readonly calibreMm?: number;
}

/** Cement in the veins beside or before the spine: a thin vertical cast. */
export function placeLeak(anatomy: Anatomy, spec: LeakSpec, random: Random): Placed {
  const vertebra = anatomy.skeleton.vertebrae.find((v) => v.name === spec.level);
  if (!vertebra) throw new RangeError(`venous leak: expected a level from C6 to L5; received ${spec.level}`);
  const radius = (spec.calibreMm ?? random.between(1.4, 3)) / 2;
  const lengthMm = spec.lengthMm ?? random.between(18, 45);
  const hu = cementHu(USUAL_BARIUM_PERCENT);
  const [, y, z] = vertebra.center;
  const side = random.pick([1, -1]);
  const along: Vec3[] = [];
  if (spec.vein === 'paravertebral') {
    const x = side * (vertebra.halfWidthMm + radius + 1);
    along.push([x * 0.8, y - vertebra.halfDepthMm - radius, z], [x, y - vertebra.halfDepthMm * 0.55, z + 3]);
    for (let h = 8; h <= lengthMm; h += 6)
      along.push([x + side * random.between(0, 2), y - vertebra.halfDepthMm * 0.5, z + h]);
  } else {
    const path = spec.vein === 'azygos' ? anatomy.paths.azygos : anatomy.paths.inferiorVenaCava;
    const start = path.reduce((best, p, i) => (Math.abs(p[2] - z) < Math.abs(path[best]![2] - z) ? i : best), 0);
    const headward = spec.vein === 'azygos' ? path.slice(0, start + 1).reverse() : path.slice(0, start + 1).reverse();
    along.push(...cutLength(headward.length > 1 ? headward : [...path].reverse(), lengthMm));
  }
  const points = smoothCurve(along, 2);
  const t: Tube = { points, radiiMm: points.map(() => radius * random.between(0.8, 1)), hu };
  const site = {
    paravertebral: 'paravertebral-veins',
    azygos: 'azygos-vein',
    'inferior-vena-cava': 'inferior-vena-cava',
  } as const;
  return {
    kind: 'venous-cement-leak',
    mimic: null,
    morphology: 'linear',
    site: site[spec.vein],
    tubes: [t],
    centrelines: [points],
    calibreMm: 2 * Math.max(...t.radiiMm),
    lengthMm: tipToTip(t),
    materialHu: hu,
    bariumPercent: USUAL_BARIUM_PERCENT,
    surroundHu: anatomy.blood.inferiorVenaCava,
  };
}

/** Volume of tubes, each piece a frustum, with half spheres at the ends of each tube. */
export function tubesVolumeMm3(tubes: readonly Tube[]): number {
  let sum = 0;
  for (const t of tubes) {
    const last = t.points.length - 1;
    for (let i = 0; i < last; i++) {
      const [a, b] = [t.radiiMm[i]!, t.radiiMm[i + 1]!];
      sum += (Math.PI / 3) * distance(t.points[i]!, t.points[i + 1]!) * (a * a + a * b + b * b);
    }
    sum += ((2 * Math.PI) / 3) * (t.radiiMm[0]! ** 3 + t.radiiMm[last]! ** 3);
  }
  return sum;
}
