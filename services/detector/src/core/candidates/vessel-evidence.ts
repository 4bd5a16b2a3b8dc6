import { CT_VESSELS } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { endDirection, type PointMm } from './centreline.js';

/** The vessel that a path lies in, as far as it shows beyond its ends. */
export interface VesselEnds {
  /** How far it goes on from the start and the end of the path, 0 to `CT_VESSELS.followMm`. */
  readonly vesselRunsMm: readonly [number, number];
  /** From how many of the two ends it goes on far enough to be a vessel. */
  readonly vesselEnds: number;
}

/**
 * Looks for a vessel in line with a path, beyond either end.
 *
 * It is followed in steps, each in the direction within a cone that keeps deepest in soft tissue, until it ends in lung,
 * in what is denser than blood, or where no lung lies beside it.
 */
export function findVesselEnds(volume: Volume, path: readonly PointMm[], bloodHu: number): VesselEnds {
  const vesselRunsMm = [
    followFromEnd(volume, [...path].reverse(), bloodHu),
    followFromEnd(volume, path, bloodHu),
  ] as const;
  return { vesselRunsMm, vesselEnds: vesselRunsMm.filter((mm) => mm >= CT_VESSELS.goesOnMm).length };
}

function followFromEnd(volume: Volume, path: readonly PointMm[], bloodHu: number): number {
  let direction = endDirection(path, CT_VESSELS.directionMm);
  if (direction === null) return 0;
  const step = CT_VESSELS.stepMm;
  let at = along(path.at(-1)!, direction, CT_VESSELS.beyondEndMm);
  for (let mm = 0; mm < CT_VESSELS.fadesMm && huAt(volume, at) > bloodHu + CT_VESSELS.aboveBloodHu; mm += 0.5) {
    at = along(at, direction, 0.5);
  }
  let run = 0;
  while (run < CT_VESSELS.followMm) {
    const tilts = run === 0 ? CT_VESSELS.firstTilts : CT_VESSELS.nextTilts;
    const next = deepestWay(volume, at, direction, tilts, bloodHu);
    const place = along(at, next, step);
    if (!isInVessel(volume, place, next, bloodHu)) break;
    at = place;
    direction = next;
    run += step;
  }
  return run;
}

function along(from: PointMm, direction: PointMm, mm: number): PointMm {
  return [from[0] + mm * direction[0], from[1] + mm * direction[1], from[2] + mm * direction[2]];
}

/** The direction in a cone along which the next millimetres are most like blood; turning costs. */
function deepestWay(volume: Volume, at: PointMm, axis: PointMm, tilts: readonly number[], bloodHu: number): PointMm {
  const [u, v] = perpendicular(axis);
  let best = axis;
  let most = -Infinity;
  for (const tilt of tilts) {
    const turns = tilt === 0 ? 1 : CT_VESSELS.coneTurns;
    for (let turn = 0; turn < turns; turn++) {
      const angle = (2 * Math.PI * turn) / turns;
      const [a, b] = [tilt * Math.cos(angle), tilt * Math.sin(angle)];
      const way = normalise([
        axis[0] + a * u[0] + b * v[0],
        axis[1] + a * u[1] + b * v[1],
        axis[2] + a * u[2] + b * v[2],
      ]);
      let score = -CT_VESSELS.turnCostHu * tilt;
      for (const mm of CT_VESSELS.aheadMm) score += Math.min(bloodHu, huAt(volume, along(at, way, mm)));
      if (score <= most) continue;
      most = score;
      best = way;
    }
  }
  return best;
}

/** Soft tissue or blood, with lung on most sides. */
function isInVessel(volume: Volume, at: PointMm, direction: PointMm, bloodHu: number): boolean {
  const hu = huAt(volume, at);
  if (hu < CT_VESSELS.softFromHu || hu > bloodHu + CT_VESSELS.aboveBloodHu) return false;
  const [u, v] = perpendicular(direction);
  let air = 0;
  for (let turn = 0; turn < 8; turn++) {
    const [a, b] = [Math.cos((Math.PI * turn) / 4), Math.sin((Math.PI * turn) / 4)];
    const side: PointMm = [a * u[0] + b * v[0], a * u[1] + b * v[1], a * u[2] + b * v[2]];
    if (CT_VESSELS.besideMm.some((mm) => huAt(volume, along(at, side, mm)) < CT_VESSELS.aeratedBelowHu)) air++;
  }
  return air >= CT_VESSELS.airBeside;
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
