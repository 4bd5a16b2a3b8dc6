import { blockOf } from '../anatomy/coarse-grid.js';
import type { Lungs } from '../anatomy/coarse-lungs.js';
import { CT_CANDIDATES, CT_VOLUME } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { traceCentreline } from './centreline.js';
import { findDenseComponents } from './dense-components.js';
import { type CandidateShape, measureShape } from './measure.js';

/** A dense thing in the lungs, measured. */
export interface CtCandidate {
  readonly voxels: Int32Array;
  /** Centrelines as voxel indices, the longest first. */
  readonly paths: readonly (readonly number[])[];
  readonly shape: CandidateShape;
  readonly peakHu: number;
  readonly depthMm: number;
  readonly shareInLungs: number;
  readonly continuesAsVessel: boolean;
  /** More than one piece in a line. */
  readonly isBeaded: boolean;
}

/** Finds and measures what is denser than blood in the lungs. Beads in a line are one candidate. */
export function findCtCandidates(volume: Volume, lungs: Lungs, bloodPoolHu: number): CtCandidate[] {
  const isThick = volume.spacingMm[2] > CT_VOLUME.thinSliceMm;
  const floorHu = isThick ? CT_CANDIDATES.minSeedThickHu : CT_CANDIDATES.minSeedHu;
  const seedHu = Math.max(floorHu, bloodPoolHu + CT_CANDIDATES.aboveBloodHu);
  const components = findDenseComponents(volume, lungs, seedHu, seedHu * CT_CANDIDATES.growShare);
  const single = components.map(({ voxels, peakHu, shareInLungs }): CtCandidate => {
    const line = traceCentreline(volume, voxels, CT_CANDIDATES.minBranchMm, CT_CANDIDATES.minBranchWidths);
    return {
      voxels,
      paths: line.paths,
      shape: measureShape(volume, voxels, peakHu, line),
      peakHu,
      shareInLungs,
      depthMm: deepest(volume, lungs, voxels),
      continuesAsVessel: continuesAsVessel(volume, line.paths[0]!),
      isBeaded: false,
    };
  });
  return joinBeads(volume, single);
}

function deepest(volume: Volume, lungs: Lungs, voxels: Int32Array): number {
  let depth = 0;
  for (const at of voxels) {
    const [i, j, k] = ijkOf(volume, at);
    depth = Math.max(depth, lungs.depthMm[blockOf(lungs.grid, i, j, k)]!);
  }
  return depth;
}

/** Column, row and slice of a flat index. */
export function ijkOf(volume: Volume, at: number): [number, number, number] {
  const { columns, rows } = volume;
  return [at % columns, Math.floor(at / columns) % rows, Math.floor(at / (columns * rows))];
}

/** Attenuation of a vessel's soft tissue, partial volume included. */
const VESSEL_HU = [-300, 200] as const;
/** How far beyond the end of a cast its vessel is looked for. */
const BEYOND_MM = [3, 5, 7] as const;

/** Whether soft tissue goes on in line with the path, beyond either of its ends. */
function continuesAsVessel(volume: Volume, path: readonly number[]): boolean {
  const points = path.map((at) => ijkOf(volume, at));
  return goesOn(volume, points) || goesOn(volume, [...points].reverse());
}

function goesOn(volume: Volume, points: readonly [number, number, number][]): boolean {
  const end = points.at(-1)!;
  const before = points.at(-Math.min(points.length, 6))!;
  const direction = end.map((value, axis) => (value - before[axis]!) * volume.spacingMm[axis]!);
  const norm = Math.hypot(...direction);
  if (norm === 0) return false;
  const found = BEYOND_MM.filter((mm) => {
    const [i, j, k] = end.map((value, axis) => value + (direction[axis]! / norm) * (mm / volume.spacingMm[axis]!));
    return brightestNear(volume, Math.round(i!), Math.round(j!), Math.round(k!));
  });
  return found.length >= 2;
}

function brightestNear(volume: Volume, i: number, j: number, k: number): boolean {
  const { columns, rows, slices, hu } = volume;
  if (i < 1 || j < 1 || k < 0 || i + 1 >= columns || j + 1 >= rows || k >= slices) return false;
  let highest = Number.NEGATIVE_INFINITY;
  for (let dj = -1; dj <= 1; dj++) {
    for (let di = -1; di <= 1; di++) highest = Math.max(highest, hu[(k * rows + j + dj) * columns + i + di]!);
  }
  return highest > VESSEL_HU[0] && highest < VESSEL_HU[1];
}

/** Pieces larger than this are no beads. */
const MAX_BEAD_MM3 = 250;
/** A row of beads spreads across its line at most this share of along it. */
const MAX_BEAD_SPREAD = 0.3;

/** Joins small pieces that follow each other in a line at gaps of a few millimetres. */
function joinBeads(volume: Volume, candidates: readonly CtCandidate[]): CtCandidate[] {
  const groups: CtCandidate[] = [...candidates];
  for (let a = 0; a < groups.length; a++) {
    for (let b = a + 1; b < groups.length; b++) {
      const joined = tryJoin(volume, groups[a]!, groups[b]!);
      if (joined === null) continue;
      groups[a] = joined;
      groups.splice(b, 1);
      b = a;
    }
  }
  return groups;
}

function tryJoin(volume: Volume, a: CtCandidate, b: CtCandidate): CtCandidate | null {
  if (a.shape.volumeMm3 > MAX_BEAD_MM3 || b.shape.volumeMm3 > MAX_BEAD_MM3) return null;
  const gapMm = smallestGapMm(volume, a, b);
  if (gapMm > CT_CANDIDATES.maxBeadGapMm) return null;
  const line = fitLine([...pointsMm(volume, a), ...pointsMm(volume, b)]);
  if (line.spreadMm > MAX_BEAD_SPREAD * line.extentMm) return null;
  const calibreMm = Math.max(a.shape.calibreMm, b.shape.calibreMm);
  const widthMm = Math.max(a.shape.lengthMm / a.shape.slenderness, b.shape.lengthMm / b.shape.slenderness);
  const weight = a.voxels.length / (a.voxels.length + b.voxels.length);
  return {
    voxels: Int32Array.from([...a.voxels, ...b.voxels]),
    paths: [...a.paths, ...b.paths],
    shape: {
      lengthMm: line.extentMm,
      calibreMm,
      volumeMm3: a.shape.volumeMm3 + b.shape.volumeMm3,
      slenderness: line.extentMm / widthMm,
      branchCount: a.shape.branchCount + b.shape.branchCount,
      aeratedShare: weight * a.shape.aeratedShare + (1 - weight) * b.shape.aeratedShare,
      surroundHu: weight * a.shape.surroundHu + (1 - weight) * b.shape.surroundHu,
    },
    peakHu: Math.max(a.peakHu, b.peakHu),
    depthMm: Math.max(a.depthMm, b.depthMm),
    shareInLungs: weight * a.shareInLungs + (1 - weight) * b.shareInLungs,
    continuesAsVessel: a.continuesAsVessel || b.continuesAsVessel,
    isBeaded: true,
  };
}

type Point = readonly [number, number, number];

function pointsMm(volume: Volume, candidate: CtCandidate): Point[] {
  return candidate.paths.flat().map((at) => {
    const [i, j, k] = ijkOf(volume, at);
    return [i * volume.spacingMm[0], j * volume.spacingMm[1], k * volume.spacingMm[2]] as const;
  });
}

function smallestGapMm(volume: Volume, a: CtCandidate, b: CtCandidate): number {
  const others = pointsMm(volume, b);
  let smallest = Number.POSITIVE_INFINITY;
  for (const [x, y, z] of pointsMm(volume, a)) {
    for (const [u, v, w] of others) smallest = Math.min(smallest, Math.hypot(x - u, y - v, z - w));
  }
  return smallest;
}

/** Principal axis of a point cloud by power iteration: extent along it and standard deviation across it. */
function fitLine(points: readonly Point[]): { extentMm: number; spreadMm: number } {
  const n = points.length;
  const mean = [0, 1, 2].map((axis) => points.reduce((sum, point) => sum + point[axis]!, 0) / n);
  const centred = points.map((point) => point.map((value, axis) => value - mean[axis]!));
  let axis = [1e-9, 0, 0];
  for (const p of centred) if (Math.hypot(...p) > Math.hypot(...axis)) axis = p;
  for (let round = 0; round < 30; round++) {
    const next = [0, 0, 0];
    for (const p of centred) {
      const along = p[0]! * axis[0]! + p[1]! * axis[1]! + p[2]! * axis[2]!;
      for (let d = 0; d < 3; d++) next[d]! += along * p[d]!;
    }
    const norm = Math.hypot(...next) || 1;
    axis = next.map((value) => value / norm);
  }
  const along = centred.map((p) => p[0]! * axis[0]! + p[1]! * axis[1]! + p[2]! * axis[2]!);
  const across = centred.map((p, index) => Math.max(0, Math.hypot(...p) ** 2 - along[index]! ** 2));
  return {
    extentMm: Math.max(...along) - Math.min(...along),
    spreadMm: Math.sqrt(across.reduce((sum, value) => sum + value, 0) / n),
  };
}
