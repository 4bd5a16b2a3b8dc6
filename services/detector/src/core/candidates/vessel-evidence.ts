import { CT_VESSELS } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { endDirection, type PointMm } from './centreline.js';

/** How many of the two ends of a path a vessel goes on from, in line with it: 0, 1 or 2. */
export function countVesselEnds(volume: Volume, path: readonly PointMm[], bloodHu: number): number {
  return [path, [...path].reverse()].filter((way) => goesOn(volume, way, bloodHu)).length;
}

/** Looks along rays of a narrow cone: one of them must stay in soft tissue with air beside it. */
function goesOn(volume: Volume, path: readonly PointMm[], bloodHu: number): boolean {
  const direction = endDirection(path, CT_VESSELS.directionMm);
  if (direction === null) return false;
  const end = path.at(-1)!;
  const [u, v] = perpendicular(direction);
  for (const tilt of CT_VESSELS.coneTilts) {
    const turns = tilt === 0 ? 1 : CT_VESSELS.coneTurns;
    for (let turn = 0; turn < turns; turn++) {
      const angle = (2 * Math.PI * turn) / turns;
      const ray = [0, 1, 2].map(
        (axis) => direction[axis]! + tilt * (Math.cos(angle) * u[axis]! + Math.sin(angle) * v[axis]!),
      );
      const length = Math.hypot(...ray);
      if (isVessel(volume, end, ray.map((value) => value / length) as unknown as PointMm, bloodHu)) return true;
    }
  }
  return false;
}

function isVessel(volume: Volume, from: PointMm, ray: PointMm, bloodHu: number): boolean {
  const [u, v] = perpendicular(ray);
  let soft = 0;
  let beside = 0;
  for (const mm of CT_VESSELS.beyondMm) {
    const at = [0, 1, 2].map((axis) => from[axis]! + mm * ray[axis]!) as unknown as PointMm;
    const hu = huAt(volume, at);
    if (hu > CT_VESSELS.softFromHu && hu < bloodHu + CT_VESSELS.aboveBloodHu) soft++;
    let air = 0;
    for (let turn = 0; turn < 8; turn++) {
      const angle = (Math.PI * turn) / 4;
      const side = [0, 1, 2].map(
        (axis) => at[axis]! + CT_VESSELS.besideMm * (Math.cos(angle) * u[axis]! + Math.sin(angle) * v[axis]!),
      ) as unknown as PointMm;
      if (huAt(volume, side) < CT_VESSELS.aeratedBelowHu) air++;
    }
    if (air >= CT_VESSELS.airBeside) beside++;
  }
  const needed = CT_VESSELS.beyondMm.length - 1;
  return soft >= needed && beside >= needed;
}

/** Two unit vectors across a third. */
function perpendicular(direction: PointMm): readonly [PointMm, PointMm] {
  const smallest = [0, 1, 2].reduce(
    (best, axis) => (Math.abs(direction[axis]!) < Math.abs(direction[best]!) ? axis : best),
    0,
  );
  const helper: PointMm = [smallest === 0 ? 1 : 0, smallest === 1 ? 1 : 0, smallest === 2 ? 1 : 0];
  const u = normalise(cross(direction, helper));
  return [u, cross(direction, u)];
}

function cross(a: PointMm, b: PointMm): PointMm {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function normalise(a: PointMm): PointMm {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
}

/** Attenuation between voxels, trilinear; air beyond the volume. */
export function huAt(volume: Volume, point: PointMm): number {
  const { hu, columns, rows, slices, spacingMm } = volume;
  const x = point[0] / spacingMm[0];
  const y = point[1] / spacingMm[1];
  const z = point[2] / spacingMm[2];
  if (x < 0 || y < 0 || z < 0 || x > columns - 1 || y > rows - 1 || z > slices - 1) return -1000;
  const i = Math.min(columns - 2, Math.floor(x));
  const j = Math.min(rows - 2, Math.floor(y));
  const k = Math.min(slices - 2, Math.floor(z));
  const plane = columns * rows;
  const at = k * plane + j * columns + i;
  const a = x - i;
  const b = y - j;
  const c = z - k;
  const low =
    (1 - b) * ((1 - a) * hu[at]! + a * hu[at + 1]!) + b * ((1 - a) * hu[at + columns]! + a * hu[at + columns + 1]!);
  const high =
    (1 - b) * ((1 - a) * hu[at + plane]! + a * hu[at + plane + 1]!) +
    b * ((1 - a) * hu[at + plane + columns]! + a * hu[at + plane + columns + 1]!);
  return (1 - c) * low + c * high;
}
