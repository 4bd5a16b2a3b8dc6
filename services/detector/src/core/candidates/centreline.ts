import type { Volume } from '../volume/volume.js';

/** A component's centreline as paths of voxel indices: the longest first, then its branches. */
export interface Centreline {
  readonly paths: readonly (readonly number[])[];
  /** Length of all paths, millimetres. */
  readonly lengthMm: number;
}

/**
 * Finds the longest geodesic path through a component, then branches from what is far from the paths found so far.
 *
 * @param voxels flat indices of one 26-connected component
 * @param minBranchMm shorter branches are bumps of the surface
 * @param minBranchWidths nor is a branch shorter than this many widths of the component: a ball has none
 */
export function traceCentreline(
  volume: Volume,
  voxels: Int32Array,
  minBranchMm: number,
  minBranchWidths: number,
): Centreline {
  const indexOf = new Map<number, number>();
  voxels.forEach((voxel, index) => {
    indexOf.set(voxel, index);
  });
  const neighbours = neighbourOffsets(volume);
  const search = (sources: readonly number[]) => distancesFrom(sources, voxels, indexOf, neighbours);
  const first = farthest(search([0]).distance);
  const fromFirst = search([first]);
  const end = farthest(fromFirst.distance);
  const paths = [walkBack(fromFirst.previous, end)];
  let lengthMm = fromFirst.distance[end]!;
  const [di, dj, dk] = volume.spacingMm;
  const widthMm = 2 * Math.sqrt((voxels.length * di * dj * dk) / (Math.PI * Math.max(lengthMm, di)));
  const shortestMm = Math.max(minBranchMm, minBranchWidths * widthMm);
  while (paths.length < MAX_PATHS) {
    const { distance, previous } = search(paths.flat());
    const tip = farthest(distance);
    if (distance[tip]! < shortestMm) break;
    lengthMm += distance[tip]!;
    paths.push(walkBack(previous, tip));
  }
  return { paths: paths.map((path) => path.map((index) => voxels[index]!)), lengthMm };
}

/** More branches than a subsegmental tree shows at CT resolution. */
const MAX_PATHS = 12;

interface Search {
  readonly distance: Float64Array;
  readonly previous: Int32Array;
}

function neighbourOffsets(volume: Volume): { offset: number; mm: number }[] {
  const [di, dj, dk] = volume.spacingMm;
  const offsets: { offset: number; mm: number }[] = [];
  for (let c = -1; c <= 1; c++) {
    for (let b = -1; b <= 1; b++) {
      for (let a = -1; a <= 1; a++) {
        if (a === 0 && b === 0 && c === 0) continue;
        offsets.push({ offset: (c * volume.rows + b) * volume.columns + a, mm: Math.hypot(a * di, b * dj, c * dk) });
      }
    }
  }
  return offsets;
}

/** Shortest distances within the component, by relaxing a queue until nothing changes. */
function distancesFrom(
  sources: readonly number[],
  voxels: Int32Array,
  indexOf: ReadonlyMap<number, number>,
  neighbours: readonly { offset: number; mm: number }[],
): Search {
  const distance = new Float64Array(voxels.length).fill(Number.POSITIVE_INFINITY);
  const previous = new Int32Array(voxels.length).fill(-1);
  let frontier = [...sources];
  for (const source of sources) distance[source] = 0;
  while (frontier.length > 0) {
    const next = new Set<number>();
    for (const index of frontier) {
      for (const { offset, mm } of neighbours) {
        const other = indexOf.get(voxels[index]! + offset);
        if (other === undefined || distance[index]! + mm >= distance[other]! - 1e-9) continue;
        distance[other] = distance[index]! + mm;
        previous[other] = index;
        next.add(other);
      }
    }
    frontier = [...next];
  }
  return { distance, previous };
}

function farthest(distance: Float64Array): number {
  let best = 0;
  for (let index = 1; index < distance.length; index++) {
    if (Number.isFinite(distance[index]!) && distance[index]! > distance[best]!) best = index;
  }
  return best;
}

function walkBack(previous: Int32Array, end: number): number[] {
  const path: number[] = [];
  for (let at = end; at !== -1; at = previous[at]!) path.push(at);
  return path.reverse();
}
