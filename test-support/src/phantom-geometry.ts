/** A point or direction in patient coordinates: LPS, millimetres. */
export type Vec3 = readonly [number, number, number];

export const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vec3, factor: number): Vec3 => [a[0] * factor, a[1] * factor, a[2] * factor];
export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const length = (a: Vec3): number => Math.hypot(a[0], a[1], a[2]);
export const distance = (a: Vec3, b: Vec3): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
export const mix = (a: Vec3, b: Vec3, t: number): Vec3 => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];
export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** Unit vector; a null vector becomes head-ward. */
export function normalize(a: Vec3): Vec3 {
  const size = length(a);
  return size > 1e-9 ? scale(a, 1 / size) : [0, 0, 1];
}

/** Two unit vectors perpendicular to `direction` and to each other. */
export function perpendiculars(direction: Vec3): [Vec3, Vec3] {
  const helper: Vec3 = Math.abs(direction[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0];
  const first = normalize(cross(direction, helper));
  return [first, cross(direction, first)];
}

/** A curve with a radius at each point, filled with one attenuation. */
export interface Tube {
  readonly points: readonly Vec3[];
  readonly radiiMm: readonly number[];
  readonly hu: number;
  /** Cross-section is stretched along z by this factor (ribs are higher than thick). @default 1 */
  readonly stretchZ?: number;
}

export interface Ellipsoid {
  readonly center: Vec3;
  readonly semiAxesMm: Vec3;
  /** Directions of the semi-axes; the patient axes when absent. */
  readonly axes?: readonly [Vec3, Vec3, Vec3];
  readonly hu: number;
}

/** Orthonormal axes with the first along `long`. */
export function axesAlong(long: Vec3): [Vec3, Vec3, Vec3] {
  const first = normalize(long);
  const [second, third] = perpendiculars(first);
  return [first, second, third];
}

/**
 * Approximate signed distance to an ellipsoid in millimetres, negative inside: first order in the distance,
 * exact on the surface.
 */
export function ellipsoidDistanceMm(shape: Ellipsoid, p: Vec3): number {
  const local = subtract(p, shape.center);
  let q = 0;
  let gradient = 0;
  for (let axis = 0; axis < 3; axis++) {
    const direction = shape.axes?.[axis];
    const coordinate = direction ? dot(local, direction) : local[axis]!;
    const semi = shape.semiAxesMm[axis]!;
    q += (coordinate / semi) ** 2;
    gradient += (coordinate / semi ** 2) ** 2;
  }
  return (q - 1) / (2 * Math.sqrt(gradient) + 1e-9);
}

/** Length of a polyline in millimetres. */
export function polylineLength(points: readonly Vec3[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) sum += distance(points[i - 1]!, points[i]!);
  return sum;
}

/** Points at equal steps of at most `stepMm` along a Catmull-Rom curve through `knots`. */
export function smoothCurve(knots: readonly Vec3[], stepMm: number): Vec3[] {
  const out: Vec3[] = [];
  for (let i = 0; i + 1 < knots.length; i++) {
    const p0 = knots[Math.max(0, i - 1)]!;
    const p1 = knots[i]!;
    const p2 = knots[i + 1]!;
    const p3 = knots[Math.min(knots.length - 1, i + 2)]!;
    const steps = Math.max(1, Math.ceil(distance(p1, p2) / stepMm));
    for (let s = 0; s < steps; s++) out.push(catmullRom(p0, p1, p2, p3, s / steps));
  }
  out.push(knots[knots.length - 1]!);
  return out;
}

function catmullRom(p0: Vec3, p1: Vec3, p2: Vec3, p3: Vec3, t: number): Vec3 {
  const at = (axis: 0 | 1 | 2): number => {
    const [a, b, c, d] = [p0[axis], p1[axis], p2[axis], p3[axis]];
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t);
  };
  return [at(0), at(1), at(2)];
}

/** A tube of one radius. */
export const tube = (points: readonly Vec3[], radiusMm: number, hu: number): Tube => ({
  points,
  radiiMm: points.map(() => radiusMm),
  hu,
});
