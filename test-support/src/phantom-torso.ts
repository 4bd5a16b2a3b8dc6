import { type Ellipsoid, ellipsoidDistanceMm, type Vec3 } from './phantom-geometry.js';
import { seededRandom } from './random.js';

/**
 * The shape of one phantom's trunk, in LPS millimetres: x to the left, y to the back, z to the head, the tracheal
 * carina near the origin. All sizes are of an adult in full inspiration, varied by seed.
 */
export interface Torso {
  readonly seed: number;
  /** Overall size, 1 for the average. */
  readonly size: number;
  /** Half-width and half-depth of the inner chest wall at its widest. */
  readonly cageHalfWidthMm: number;
  readonly cageHalfDepthMm: number;
  readonly apexZ: number;
  /** Height of the right and left diaphragm dome. */
  readonly domeZ: { readonly right: number; readonly left: number };
  /** Fat between skin and muscle. */
  readonly fatMm: number;
  readonly heart: readonly Ellipsoid[];
  readonly arms: 'up' | 'down';
}

/** Below this height the chest wall keeps its width. */
const CAGE_SHOULDER_Z = -40;
const CAGE_EXPONENT = 2.2;

export function makeTorso(seed: number, arms: 'up' | 'down'): Torso {
  const random = seededRandom(seed, 'torso');
  const size = random.between(0.94, 1.05);
  const heartSize = random.between(0.92, 1.08) * size;
  const domeRight = random.between(-104, -92) * size;
  const axis: Vec3 = [0.72, -0.42, -0.55];
  const long: [Vec3, Vec3, Vec3] = orthonormal(axis);
  return {
    seed,
    size,
    cageHalfWidthMm: 133 * size,
    cageHalfDepthMm: random.between(82, 90) * size,
    apexZ: 92 * size,
    domeZ: { right: domeRight, left: domeRight - random.between(8, 16) },
    fatMm: random.between(10, 22),
    arms,
    heart: [
      { center: [26, -24, -66], semiAxesMm: [62 * heartSize, 47 * heartSize, 44 * heartSize], axes: long, hu: 0 },
      { center: [-17, -16, -60], semiAxesMm: [27 * heartSize, 34 * heartSize, 40 * heartSize], hu: 0 },
    ],
  };
}

function orthonormal(direction: Vec3): [Vec3, Vec3, Vec3] {
  const size = Math.hypot(...direction);
  const a: Vec3 = [direction[0] / size, direction[1] / size, direction[2] / size];
  const flat = Math.hypot(a[0], a[1]);
  const b: Vec3 = [-a[1] / flat, a[0] / flat, 0];
  const c: Vec3 = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  return [a, b, c];
}

/** Inner surface of the rib cage at one height: an ellipse. */
export interface CageSection {
  readonly halfWidth: number;
  readonly halfDepth: number;
  readonly centerY: number;
}

/** @returns null above the apex */
export function cageSection(torso: Torso, z: number): CageSection | null {
  const t = Math.max(0, (z - CAGE_SHOULDER_Z) / (torso.apexZ - CAGE_SHOULDER_Z));
  if (t >= 1) return null;
  const shrink = Math.sqrt(1 - t ** CAGE_EXPONENT);
  const lower = Math.max(0, (CAGE_SHOULDER_Z - z) / 200);
  return {
    halfWidth: torso.cageHalfWidthMm * shrink * (1 - 0.1 * lower),
    halfDepth: torso.cageHalfDepthMm * shrink,
    centerY: 34 * t * t,
  };
}

/** Signed distance to the inner chest wall within the axial plane, negative inside; first order. */
export function cageDistanceMm(section: CageSection | null, x: number, y: number): number {
  if (!section) return 50;
  const u = x / section.halfWidth;
  const v = (y - section.centerY) / section.halfDepth;
  const q = u * u + v * v;
  const gradient = Math.hypot(u / section.halfWidth, v / section.halfDepth);
  return (q - 1) / (2 * gradient + 1e-6);
}

/** Height of the diaphragm over (x, y): two domes, steep at their edges, deepest behind. */
export function diaphragmZ(torso: Torso, x: number, y: number): number {
  const right = x < 0;
  const top = right ? torso.domeZ.right : torso.domeZ.left;
  const center = right ? -66 : 66;
  const lateral = Math.abs(x) > Math.abs(center) ? 72 : 90;
  const across = Math.abs(x - center) / lateral;
  const along = y > -8 ? (y + 8) / 84 : (-8 - y) / 92;
  const depth = y > -8 ? 62 : 34;
  return top - 46 * across ** 2.6 - depth * along ** 2.2;
}

/** Spine: centre line of the vertebral bodies, kyphotic. */
export function spineY(z: number): number {
  return 64 - ((z + 35) / 120) ** 2 * 17 + Math.max(0, -z - 160) * 0.05;
}

/** Half-width of the mediastinum's fatty core: wide around the hila and spine, thin behind the sternum. */
export function mediastinumHalfWidthMm(y: number, z: number): number {
  const behindSternum = Math.min(1, Math.max(0, (y + 72) / 40));
  const upper = z > 45 ? Math.max(0.75, 1 - (z - 45) / 160) : 1;
  return (5 + 23 * behindSternum) * upper;
}

/**
 * Signed distance to the surface of the lungs (both), millimetres, negative inside; approximate.
 * Hilar vessels are not cut out.
 */
export function lungDistanceMm(torso: Torso, p: Vec3): number {
  const [x, y, z] = p;
  const wall = cageDistanceMm(cageSection(torso, z), x, y);
  const floor = diaphragmZ(torso, x, y) - z;
  const core = mediastinumHalfWidthMm(y, z) - Math.abs(x);
  const bodyOfVertebra = 24 - Math.hypot(x, y - spineY(z));
  let distanceMm = Math.max(wall, floor, core, bodyOfVertebra);
  for (const part of torso.heart) distanceMm = Math.max(distanceMm, -ellipsoidDistanceMm(part, p));
  return distanceMm;
}

export type Lobe = 'right-upper' | 'right-middle' | 'right-lower' | 'left-upper' | 'left-lower';

/** Lobe by the planes of the fissures: oblique from T3 behind to the anterior diaphragm, horizontal at the hilum. */
export function lobeAt(p: Vec3): Lobe {
  const [x, y, z] = p;
  const oblique = 45 - ((82 - y) * 140) / 145;
  if (z < oblique) return x < 0 ? 'right-lower' : 'left-lower';
  if (x >= 0) return 'left-upper';
  return z < -14 ? 'right-middle' : 'right-upper';
}

/** Lowest and highest point of the lungs, for the zones: thirds of the height. */
export function lungHeightRange(torso: Torso): { bottom: number; top: number } {
  return { bottom: Math.max(torso.domeZ.right, torso.domeZ.left) - 52, top: torso.apexZ };
}

export function zoneAt(torso: Torso, z: number): 'upper' | 'middle' | 'lower' {
  const { bottom, top } = lungHeightRange(torso);
  const t = (z - bottom) / (top - bottom);
  if (t > 2 / 3) return 'upper';
  return t > 1 / 3 ? 'middle' : 'lower';
}

/** Outline of the skin at one height: a squircle. */
export function skinSection(torso: Torso, z: number): { halfWidth: number; halfDepth: number; centerY: number } {
  const base = torso.cageHalfWidthMm + 22 + torso.fatMm * 0.8;
  const depth = torso.cageHalfDepthMm + 22 + torso.fatMm * 0.7;
  const shoulder = torso.arms === 'down' ? 30 : 6;
  if (z < 20) return { halfWidth: base, halfDepth: depth, centerY: 8 };
  const t = Math.min(1, (z - 20) / 70);
  const neck = Math.min(1, Math.max(0, (z - 92) / 45));
  const wide = base + shoulder * t;
  const width = wide + (62 - wide) * neck ** 0.55;
  const chestDepth = depth - 22 * t;
  return { halfWidth: width, halfDepth: chestDepth + (66 - chestDepth) * neck, centerY: 8 + 14 * t };
}
