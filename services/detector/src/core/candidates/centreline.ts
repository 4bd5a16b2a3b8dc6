import type { Volume } from '../volume/volume.js';
import { NEIGHBOURS, type VoxelGraph } from './voxel-graph.js';

/** A point between voxels, in millimetres along columns, rows and slices. */
export type PointMm = readonly [number, number, number];

/** A component's centreline: the longest path first, then its branches. */
export interface Centreline {
  readonly paths: readonly (readonly PointMm[])[];
  /** Of all paths, to the ends of the core voxels, mm. */
  readonly lengthMm: number;
}

/** What is too short for a branch. */
export interface BranchLimits {
  readonly minBranchMm: number;
  /** In widths of the component: a ball has no branches. */
  readonly minBranchWidths: number;
}

/** More branches than a subsegmental tree shows at CT resolution. */
const MAX_PATHS = 12;

/**
 * Finds the longest way through the core of a component, then branches from what is far from the ways found so far,
 * and draws them through the middle of the attenuation around them.
 *
 * @param core 1 for the nodes that belong to the cast
 */
export function traceCentreline(
  volume: Volume,
  graph: VoxelGraph,
  core: Uint8Array,
  backgroundHu: number,
  limits: BranchLimits,
): Centreline {
  const densest = graph.voxels.reduce(
    (best, voxel, node) => (volume.hu[voxel]! > volume.hu[graph.voxels[best]!]! ? node : best),
    0,
  );
  const search = (sources: readonly number[]): Search => distancesFrom(sources, graph, core);
  const reachable = search([densest]);
  const first = farthest(reachable.distance);
  const fromFirst = search([first]);
  const end = farthest(fromFirst.distance);
  const ways = [walkBack(fromFirst.previous, end)];
  const coreCount = core.reduce((sum, inside) => sum + inside, 0);
  const [dx, dy, dz] = volume.spacingMm;
  const widthMm = 2 * Math.sqrt((coreCount * dx * dy * dz) / (Math.PI * Math.max(fromFirst.distance[end]!, dx)));
  const shortestMm = Math.max(limits.minBranchMm, limits.minBranchWidths * widthMm);
  while (ways.length < MAX_PATHS) {
    const { distance, previous } = search(ways.flat());
    const tip = farthest(distance);
    if (distance[tip]! - widthMm / 2 < shortestMm) break;
    ways.push(walkBack(previous, tip));
  }
  const reachMm = Math.max(Math.max(...volume.spacingMm), Math.min(widthMm, 6) * 0.75);
  const paths = ways.map((way) =>
    smoothPath(way.map((node) => centroidNear(volume, graph, node, backgroundHu, reachMm))),
  );
  const halfVoxelMm = (volume.spacingMm[0] + volume.spacingMm[1] + volume.spacingMm[2]) / 6;
  const lengthMm = paths.reduce(
    (sum, path, index) =>
      sum +
      pathLengthMm(path) +
      missingAtEnd(volume, graph, core, path, reachMm) +
      (index === 0 ? missingAtEnd(volume, graph, core, [...path].reverse(), reachMm) : 0) +
      (index === 0 ? 2 : 1) * halfVoxelMm,
    0,
  );
  return { paths, lengthMm };
}

interface Search {
  readonly distance: Float64Array;
  readonly previous: Int32Array;
}

/** Shortest distances within the core, by relaxing a queue until nothing changes. */
function distancesFrom(sources: readonly number[], graph: VoxelGraph, core: Uint8Array): Search {
  const { neighbours, stepMm } = graph;
  const distance = new Float64Array(core.length).fill(Infinity);
  const previous = new Int32Array(core.length).fill(-1);
  let frontier = [...sources];
  const queued = new Uint8Array(core.length);
  for (const source of sources) distance[source] = 0;
  while (frontier.length > 0) {
    const next: number[] = [];
    for (const node of frontier) {
      queued[node] = 0;
      for (let step = 0; step < NEIGHBOURS; step++) {
        const other = neighbours[node * NEIGHBOURS + step]!;
        if (other < 0 || !core[other]) continue;
        const mm = distance[node]! + stepMm[step]!;
        if (mm >= distance[other]! - 1e-9) continue;
        distance[other] = mm;
        previous[other] = node;
        if (!queued[other]) next.push(other);
        queued[other] = 1;
      }
    }
    frontier = next;
  }
  return { distance, previous };
}

function farthest(distance: Float64Array): number {
  let best = distance.findIndex((mm) => Number.isFinite(mm));
  for (let node = best + 1; node < distance.length; node++) {
    if (Number.isFinite(distance[node]!) && distance[node]! > distance[best]!) best = node;
  }
  return best;
}

function walkBack(previous: Int32Array, end: number): number[] {
  const way: number[] = [];
  for (let at = end; at !== -1; at = previous[at]!) way.push(at);
  return way.reverse();
}

/** Centre in millimetres of a voxel. */
export function voxelMm(volume: Volume, at: number): PointMm {
  const { columns, rows, spacingMm } = volume;
  return [
    (at % columns) * spacingMm[0],
    (Math.floor(at / columns) % rows) * spacingMm[1],
    Math.floor(at / (columns * rows)) * spacingMm[2],
  ];
}

/** Mean place, weighted by attenuation above the background, of the component's voxels around a node. */
function centroidNear(volume: Volume, graph: VoxelGraph, node: number, backgroundHu: number, reachMm: number): PointMm {
  const centre = voxelMm(volume, graph.voxels[node]!);
  const sum = [0, 0, 0];
  let weights = 0;
  const seen = new Set<number>([node]);
  const stack = [node];
  while (stack.length > 0) {
    const at = stack.pop()!;
    const point = voxelMm(volume, graph.voxels[at]!);
    const weight = Math.max(1, volume.hu[graph.voxels[at]!]! - backgroundHu);
    weights += weight;
    for (let axis = 0; axis < 3; axis++) sum[axis]! += weight * point[axis]!;
    for (let step = 0; step < NEIGHBOURS; step++) {
      const other = graph.neighbours[at * NEIGHBOURS + step]!;
      if (other < 0 || seen.has(other)) continue;
      const next = voxelMm(volume, graph.voxels[other]!);
      if (distanceMm(next, centre) > reachMm) continue;
      seen.add(other);
      stack.push(other);
    }
  }
  return [sum[0]! / weights, sum[1]! / weights, sum[2]! / weights];
}

/** Mean of each point and its neighbours, the ends kept. */
function smoothPath(points: readonly PointMm[]): PointMm[] {
  return points.map((point, index) => {
    const before = points[index - 1];
    const after = points[index + 1];
    if (!before || !after) return point;
    return [0, 1, 2].map((axis) => (before[axis]! + point[axis]! + after[axis]!) / 3) as unknown as PointMm;
  });
}

export function distanceMm(a: PointMm, b: PointMm): number {
  const x = a[0] - b[0];
  const y = a[1] - b[1];
  const z = a[2] - b[2];
  // Math.hypot guards against overflow and is several times slower.
  return Math.sqrt(x * x + y * y + z * z);
}

export function pathLengthMm(path: readonly PointMm[]): number {
  return path.reduce((sum, point, index) => (index === 0 ? 0 : sum + distanceMm(point, path[index - 1]!)), 0);
}

/** Distance of a path's ends over its length: 1 when straight or a point. */
export function chordOf(path: readonly PointMm[]): number {
  const lengthMm = pathLengthMm(path);
  return lengthMm > 0 ? distanceMm(path[0]!, path.at(-1)!) / lengthMm : 1;
}

/** Unit vector out of the end of a path, taken over its last few millimetres; null for a path without extent. */
export function endDirection(path: readonly PointMm[], overMm: number): PointMm | null {
  const end = path.at(-1)!;
  const start = path.findLast((point) => distanceMm(point, end) >= overMm) ?? path[0]!;
  const length = distanceMm(start, end);
  if (length < 1e-6) return null;
  return [(end[0] - start[0]) / length, (end[1] - start[1]) / length, (end[2] - start[2]) / length];
}

/** How far core voxels reach beyond the end of a path, along its direction. */
function missingAtEnd(
  volume: Volume,
  graph: VoxelGraph,
  core: Uint8Array,
  path: readonly PointMm[],
  reachMm: number,
): number {
  const direction = endDirection(path, 3);
  if (direction === null) return 0;
  const end = path.at(-1)!;
  let farthestMm = 0;
  for (let node = 0; node < core.length; node++) {
    if (!core[node]) continue;
    const point = voxelMm(volume, graph.voxels[node]!);
    if (distanceMm(point, end) > 2 * reachMm) continue;
    const along = [0, 1, 2].reduce((sum, axis) => sum + (point[axis]! - end[axis]!) * direction[axis]!, 0);
    farthestMm = Math.max(farthestMm, along);
  }
  return farthestMm;
}
