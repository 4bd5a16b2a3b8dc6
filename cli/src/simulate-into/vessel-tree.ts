import type { Volume } from '@pce/detector/core/volume/volume';
import {
  add,
  distance,
  dot,
  length,
  normalize,
  perpendiculars,
  scale,
  subtract,
  type Vec3,
} from '@pce/test-support/phantom-geometry';
import type { Random } from '@pce/test-support/random';
import type { Ground } from './ground.js';
import { cellAt, placeOfCell } from './lattice.js';

/** A vessel followed through the lung, at steps of 1 mm. */
export interface Vessel {
  readonly points: readonly Vec3[];
  /** Half width at half of the contrast to the lung, mm. */
  readonly radiiMm: readonly number[];
}

/** Half-way from lung to blood, HU. */
const HALF_HU = -400;
const STEP_MM = 1;
const MOST_STEPS = 160;
/** Wider than this and it is no vessel within a lung, mm. */
const MOST_RADIUS_MM = 9;

/** Attenuation at a place, trilinear; air beyond the volume. */
export function sample({ hu, columns, rows, slices, spacingMm }: Volume, [x, y, z]: Vec3): number {
  const [u, v, w] = [x / spacingMm[0], y / spacingMm[1], z / spacingMm[2]];
  if (!(u >= 0 && v >= 0 && w >= 0 && u < columns - 1 && v < rows - 1 && w < slices - 1)) return -1000;
  const [i, j, k] = [Math.floor(u), Math.floor(v), Math.floor(w)];
  const [a, b, c] = [u - i, v - j, w - k];
  const at = (k * rows + j) * columns + i;
  const plane = columns * rows;
  const row = (n: number): number => (1 - a) * hu[n]! + a * hu[n + 1]!;
  const sheet = (n: number): number => (1 - b) * row(n) + b * row(n + columns);
  return (1 - c) * sheet(at) + c * sheet(at + plane);
}

/**
 * Finds vessels of the lungs: from random places uphill to a tube, then along it both ways.
 *
 * Arteries and veins are not told apart: cement looks the same in either.
 */
export function traceVessels(ground: Ground, random: Random, wanted: number): Vessel[] {
  const inside = [...ground.lung.keys()].filter((cell) => ground.lung[cell] && ground.depthMm[cell]! > 7);
  const vessels: Vessel[] = [];
  const taken = new Set<number>();
  for (let attempt = 0; attempt < wanted * 60 && vessels.length < wanted; attempt++) {
    const cell = inside[random.index(inside.length)]!;
    const from = climb(ground.volume, placeOfCell(ground.lattice, cell));
    if (from === null || taken.has(cellAt(ground.lattice, from))) continue;
    const axis = tubeAxis(ground.volume, from);
    if (axis === null) continue;
    const one = follow(ground, from, axis);
    const other = follow(ground, from, scale(axis, -1));
    const points = [...other.points].reverse().concat(one.points.slice(1));
    const radiiMm = [...other.radiiMm].reverse().concat(one.radiiMm.slice(1));
    if (points.length * STEP_MM < 12) continue;
    if (!points.every((point) => isWithinReach(ground, point))) continue;
    for (const point of points) taken.add(cellAt(ground.lattice, point));
    vessels.push(fromHilum(ground, { points, radiiMm }));
  }
  return vessels;
}

/** Stray air above and below the lungs is none. */
function isWithinReach({ reach }: Ground, [, , z]: Vec3): boolean {
  return reach.some(([low, high]) => z >= low && z <= high);
}

/** Two vessels that come closer than this are one and the same, mm. */
const APART_MM = 5;

/** Side branches of a stretch of a vessel, each from the axis outwards. */
export function branchesOf(ground: Ground, vessel: Vessel, from: number, to: number): Vessel[] {
  const branches: Vessel[] = [];
  for (let n = from + 2; n < to - 2; n += 2) {
    const at = vessel.points[n]!;
    const along = normalize(subtract(vessel.points[n + 1]!, vessel.points[n - 1]!));
    const r = vessel.radiiMm[n]!;
    const best = sphere(96)
      .filter((way) => Math.abs(dot(way, along)) < 0.85)
      .map((way) => ({
        way,
        hu: Math.min(...[1.5, 3, 4.5].map((mm) => sample(ground.volume, add(at, scale(way, r + mm))))),
      }))
      .reduce((a, b) => (b.hu > a.hu ? b : a));
    if (best.hu < -450) continue;
    const branch = follow(ground, add(at, scale(best.way, r + 1.5)), best.way);
    if (branch.points.length < 7 || branch.points.slice(4).some((p) => nearestMm(p, vessel.points) < 2.2)) continue;
    if (branches.some((other) => branch.points.some((point) => nearestMm(point, other.points) < APART_MM))) continue;
    branches.push({ points: [at, ...branch.points], radiiMm: [branch.radiiMm[0]!, ...branch.radiiMm] });
  }
  return branches;
}

function nearestMm(point: Vec3, others: readonly Vec3[]): number {
  return others.reduce((least, other) => Math.min(least, distance(point, other)), Infinity);
}

/** Directions spread evenly over the sphere. */
export function sphere(count: number): Vec3[] {
  return Array.from({ length: count }, (_, n) => {
    const z = 1 - (2 * n + 1) / count;
    const turn = n * Math.PI * (3 - Math.sqrt(5));
    const flat = Math.sqrt(1 - z * z);
    return [flat * Math.cos(turn), flat * Math.sin(turn), z];
  });
}

/** Steepest ascent of the smoothed attenuation; null where it ends in lung. */
function climb(volume: Volume, start: Vec3): Vec3 | null {
  let at = start;
  for (let step = 0; step < 12; step++) {
    const best = sphere(26)
      .map((way) => add(at, way))
      .reduce((a, b) => (blurred(volume, b) > blurred(volume, a) ? b : a));
    if (blurred(volume, best) <= blurred(volume, at)) break;
    at = best;
  }
  const hu = sample(volume, at);
  return hu > -300 && hu < 250 ? at : null;
}

function blurred(volume: Volume, at: Vec3): number {
  return (
    (2 * sample(volume, at) + sphere(8).reduce((sum, way) => sum + sample(volume, add(at, scale(way, 0.8))), 0)) / 10
  );
}

/** Axis of the soft tissue around a place where it is a tube in air; null otherwise. */
function tubeAxis(volume: Volume, at: Vec3): Vec3 | null {
  const scored = sphere(64)
    .filter((way) => way[2] >= 0)
    .map((way) => ({ way, hu: Math.min(...[-4, -2, 2, 4].map((mm) => sample(volume, add(at, scale(way, mm))))) }))
    .reduce((a, b) => (b.hu > a.hu ? b : a));
  if (scored.hu < HALF_HU) return null;
  const { radiusMm, isRound, airShare } = crossSection(volume, at, scored.way);
  return isRound && airShare > 0.7 && radiusMm < MOST_RADIUS_MM ? scored.way : null;
}

/** Width of a tube across its axis, whether it is round, and how much of its surroundings is aerated. */
function crossSection(volume: Volume, at: Vec3, along: Vec3): { radiusMm: number; isRound: boolean; airShare: number } {
  const [u, v] = perpendiculars(along);
  const rays = Array.from({ length: 12 }, (_, n) => {
    const angle = (2 * Math.PI * n) / 12;
    const way = add(scale(u, Math.cos(angle)), scale(v, Math.sin(angle)));
    let mm = 0.3;
    while (mm < MOST_RADIUS_MM + 1 && sample(volume, add(at, scale(way, mm))) > HALF_HU) mm += 0.3;
    return { mm, way };
  });
  const sorted = rays.map((ray) => ray.mm).sort((a, b) => a - b);
  const radiusMm = sorted[5]!;
  const air = rays.filter(({ way }) => sample(volume, add(at, scale(way, 1.6 * radiusMm + 2.5))) < -550).length;
  return { radiusMm, isRound: sorted[9]! < 1.9 * radiusMm + 0.6, airShare: air / 12 };
}

/** Steps along a vessel until it ends, widens into something else, or leaves aerated lung. */
function follow(ground: Ground, start: Vec3, direction: Vec3): Vessel {
  const { volume } = ground;
  const points: Vec3[] = [start];
  const radiiMm: number[] = [crossSection(volume, start, direction).radiusMm];
  let way = direction;
  let doubtful = 0;
  for (let step = 0; step < MOST_STEPS; step++) {
    way = bestTurn(volume, points.at(-1)!, way);
    const next = recentre(volume, add(points.at(-1)!, scale(way, STEP_MM)), way, radiiMm.at(-1)!);
    const { radiusMm, airShare } = crossSection(volume, next, way);
    const cell = cellAt(ground.lattice, next);
    if (sample(volume, next) < HALF_HU || radiusMm > MOST_RADIUS_MM || cell < 0 || !ground.lung[cell]) break;
    doubtful = airShare < 0.5 || ground.depthMm[cell]! < 4 ? doubtful + 1 : 0;
    if (doubtful > 3) break;
    points.push(next);
    radiiMm.push(0.6 * radiiMm.at(-1)! + 0.4 * radiusMm);
  }
  const keep = points.length - Math.min(doubtful, points.length - 1);
  return { points: points.slice(0, keep), radiiMm: radiiMm.slice(0, keep) };
}

function bestTurn(volume: Volume, at: Vec3, way: Vec3): Vec3 {
  const [u, v] = perpendiculars(way);
  let best = way;
  let most = -Infinity;
  for (const tilt of [0, 0.25, 0.5, 0.8]) {
    const turns = tilt === 0 ? 1 : 8;
    for (let turn = 0; turn < turns; turn++) {
      const angle = (2 * Math.PI * turn) / turns;
      const next = normalize(add(way, scale(add(scale(u, Math.cos(angle)), scale(v, Math.sin(angle))), tilt)));
      const hu = [1, 2, 3].map((mm) => Math.min(100, sample(volume, add(at, scale(next, mm)))));
      const score = hu[0]! + hu[1]! + hu[2]! - 250 * tilt;
      if (score <= most) continue;
      most = score;
      best = next;
    }
  }
  return best;
}

function recentre(volume: Volume, at: Vec3, way: Vec3, radiusMm: number): Vec3 {
  const [u, v] = perpendiculars(way);
  const reach = Math.max(1.2, Math.min(4, 1.3 * radiusMm));
  let [a, b, weights] = [0, 0, 1e-6];
  for (let p = -2; p <= 2; p++) {
    for (let q = -2; q <= 2; q++) {
      const [x, y] = [(p * reach) / 2, (q * reach) / 2];
      const weight = Math.max(0, Math.min(100, sample(volume, add(at, add(scale(u, x), scale(v, y))))) + 600);
      weights += weight;
      a += weight * x;
      b += weight * y;
    }
  }
  const shift = add(scale(u, a / weights), scale(v, b / weights));
  const mm = length(shift);
  return add(at, mm > 0.5 ? scale(shift, 0.5 / mm) : shift);
}

/** Turned so that it runs from the hilum outwards: its wider and more central end first. */
function fromHilum(ground: Ground, vessel: Vessel): Vessel {
  const hilumMm = (point: Vec3): number =>
    Math.abs(point[0] - ground.carina[0]) + Math.abs(point[2] - ground.carina[2] + 20);
  if (hilumMm(vessel.points[0]!) <= hilumMm(vessel.points.at(-1)!)) return vessel;
  return { points: [...vessel.points].reverse(), radiiMm: [...vessel.radiiMm].reverse() };
}

/** A direction across another, turned by an angle. */
export function across(along: Vec3, angle: number): Vec3 {
  const [u, v] = perpendiculars(normalize(along));
  return add(scale(u, Math.cos(angle)), scale(v, Math.sin(angle)));
}
