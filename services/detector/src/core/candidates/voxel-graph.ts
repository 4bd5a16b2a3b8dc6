import type { Volume } from '../volume/volume.js';

/** The voxels of one component with their neighbours within it. */
export interface VoxelGraph {
  /** Flat indices into the volume, by node. */
  readonly voxels: Int32Array;
  /** Node of each of the 26 neighbours of a node, -1 where there is none: 26 per node. */
  readonly neighbours: Int32Array;
  /** Length of each of the 26 steps, mm. */
  readonly stepMm: Float64Array;
}

/** Number of neighbours of a voxel across faces, edges and corners. */
export const NEIGHBOURS = 26;

/** Links the voxels of a component that touch, across corners too. */
export function buildVoxelGraph(volume: Volume, voxels: Int32Array): VoxelGraph {
  const { columns, rows, slices, spacingMm } = volume;
  const nodeOf = new Map<number, number>();
  voxels.forEach((voxel, node) => {
    nodeOf.set(voxel, node);
  });
  const steps: [number, number, number][] = [];
  for (let c = -1; c <= 1; c++) {
    for (let b = -1; b <= 1; b++) for (let a = -1; a <= 1; a++) if (a || b || c) steps.push([a, b, c]);
  }
  const neighbours = new Int32Array(voxels.length * NEIGHBOURS).fill(-1);
  voxels.forEach((voxel, node) => {
    const i = voxel % columns;
    const j = Math.floor(voxel / columns) % rows;
    const k = Math.floor(voxel / (columns * rows));
    steps.forEach(([a, b, c], step) => {
      const isInside = i + a >= 0 && i + a < columns && j + b >= 0 && j + b < rows && k + c >= 0 && k + c < slices;
      if (isInside) neighbours[node * NEIGHBOURS + step] = nodeOf.get(voxel + (c * rows + b) * columns + a) ?? -1;
    });
  });
  const stepMm = Float64Array.from(steps, ([a, b, c]) =>
    Math.hypot(a * spacingMm[0], b * spacingMm[1], c * spacingMm[2]),
  );
  return { voxels, neighbours, stepMm };
}

/**
 * Marks the nodes at or above half the way from the background to the largest value near them: what of a blurred cast
 * is cast, whether it is thick here and thin there.
 */
export function halfMaximumNodes(volume: Volume, graph: VoxelGraph, backgroundHu: number, reachMm: number): Uint8Array {
  const { voxels, neighbours } = graph;
  let peak = Float64Array.from(voxels, (voxel) => volume.hu[voxel]!);
  const rounds = Math.max(1, Math.round(reachMm / Math.max(...volume.spacingMm)));
  for (let round = 0; round < rounds; round++) {
    const wider = peak.slice();
    for (let node = 0; node < voxels.length; node++) {
      for (let step = 0; step < NEIGHBOURS; step++) {
        const other = neighbours[node * NEIGHBOURS + step]!;
        if (other >= 0 && peak[other]! > wider[node]!) wider[node] = peak[other]!;
      }
    }
    peak = wider;
  }
  const core = new Uint8Array(voxels.length);
  for (let node = 0; node < core.length; node++) {
    if (volume.hu[voxels[node]!]! >= (peak[node]! + backgroundHu) / 2) core[node] = 1;
  }
  return core;
}
