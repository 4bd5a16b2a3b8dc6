import { CT_CANDIDATES } from '../parameters.js';
import type { Volume } from '../volume/volume.js';
import { areAlikeRods } from './alike-rods.js';
import { distanceMm, type PointMm, pathLengthMm } from './centreline.js';
import type { CtCandidate } from './ct-candidates.js';
import { findVesselEnds, huAt } from './vessel-evidence.js';

/** Joins small pieces that follow each other in a line at gaps of a few millimetres which a vessel bridges. */
export function joinBeads(volume: Volume, candidates: readonly CtCandidate[], bloodHu: number): CtCandidate[] {
  const groups: CtCandidate[] = [...candidates];
  for (let a = 0; a < groups.length; a++) {
    for (let b = a + 1; b < groups.length && !isLarge(groups[a]!); b++) {
      const joined = tryJoin(volume, groups[a]!, groups[b]!, bloodHu);
      if (joined === null) continue;
      groups[a] = joined;
      groups.splice(b, 1);
      b = a;
    }
  }
  return groups;
}

function tryJoin(volume: Volume, a: CtCandidate, b: CtCandidate, bloodHu: number): CtCandidate | null {
  if (isLarge(b) || areAlikeRods(a, b)) return null;
  if (boxGapMm(a, b) > CT_CANDIDATES.maxBeadGapMm) return null;
  const gap = smallestGap(a, b);
  if (gap.mm > CT_CANDIDATES.maxBeadGapMm || !isBridged(volume, gap.from, gap.to)) return null;
  const path = joinPaths(a.paths[0]!, b.paths[0]!);
  const chordMm = distanceMm(path[0]!, path.at(-1)!);
  const lengthMm = pathLengthMm(path);
  const leastChord = gap.mm > CT_CANDIDATES.closeBeadGapMm ? CT_CANDIDATES.leastFarChord : CT_CANDIDATES.leastBeadChord;
  if (chordMm < leastChord * lengthMm) return null;
  const endsMm = (a.lengthMm - pathLengthMm(a.paths[0]!)) / 2 + (b.lengthMm - pathLengthMm(b.paths[0]!)) / 2;
  const widthMm = Math.max(a.lengthMm / a.slenderness, b.lengthMm / b.slenderness);
  const weight = a.voxels.length / (a.voxels.length + b.voxels.length);
  const mix = (of: (one: CtCandidate) => number): number => weight * of(a) + (1 - weight) * of(b);
  const voxels = new Int32Array(a.voxels.length + b.voxels.length);
  voxels.set(a.voxels);
  voxels.set(b.voxels, a.voxels.length);
  return {
    voxels,
    paths: [path, ...a.paths.slice(1), ...b.paths.slice(1)],
    lengthMm: lengthMm + endsMm,
    calibreMm: Math.max(a.calibreMm, b.calibreMm),
    volumeMm3: a.volumeMm3 + b.volumeMm3,
    slenderness: (lengthMm + endsMm) / widthMm,
    branchCount: a.branchCount + b.branchCount,
    chord: chordMm / lengthMm,
    flatness: mix((one) => one.flatness),
    peakHu: Math.max(a.peakHu, b.peakHu),
    materialHu: Math.max(a.materialHu, b.materialHu),
    surround: {
      aeratedShare: mix((one) => one.surround.aeratedShare),
      medianHu: mix((one) => one.surround.medianHu),
      streakShare: mix((one) => one.surround.streakShare),
    },
    place: weight >= 0.5 ? a.place : b.place,
    shareInLungs: mix((one) => one.shareInLungs),
    shareInChest: mix((one) => one.shareInChest),
    shareInSpine: mix((one) => one.shareInSpine),
    shareBesideSpine: mix((one) => one.shareBesideSpine),
    depthMm: Math.max(a.depthMm, b.depthMm),
    ...findVesselEnds(volume, path, bloodHu),
    pieces: a.pieces + b.pieces,
  };
}

const isLarge = (candidate: CtCandidate): boolean => candidate.volumeMm3 > CT_CANDIDATES.maxBeadMm3;

/** Distance of the boxes around two longest paths: a cheap lower bound of their gap. */
function boxGapMm(a: CtCandidate, b: CtCandidate): number {
  const apart = [0, 1, 2].map((axis) => {
    const range = (candidate: CtCandidate): [number, number] => {
      let low = Infinity;
      let high = -Infinity;
      for (const path of candidate.paths) {
        for (const point of path) {
          low = Math.min(low, point[axis]!);
          high = Math.max(high, point[axis]!);
        }
      }
      return [low, high];
    };
    const [lowA, highA] = range(a);
    const [lowB, highB] = range(b);
    return Math.max(0, lowB - highA, lowA - highB);
  });
  return Math.hypot(...apart);
}

function smallestGap(a: CtCandidate, b: CtCandidate): { mm: number; from: PointMm; to: PointMm } {
  let smallest = { mm: Infinity, from: a.paths[0]![0]!, to: b.paths[0]![0]! };
  for (const from of a.paths.flat()) {
    for (const to of b.paths.flat()) {
      const mm = distanceMm(from, to);
      if (mm < smallest.mm) smallest = { mm, from, to };
    }
  }
  return smallest;
}

/** Whether soft tissue fills the gap: between two granulomas lies air. */
function isBridged(volume: Volume, from: PointMm, to: PointMm): boolean {
  for (const share of [0.25, 0.5, 0.75]) {
    const at = [0, 1, 2].map((axis) => from[axis]! + share * (to[axis]! - from[axis]!)) as unknown as PointMm;
    if (huAt(volume, at) < CT_CANDIDATES.bridgeFromHu) return false;
  }
  return true;
}

/** The four ways to put two paths end to end: the one with the smallest gap. */
function joinPaths(a: readonly PointMm[], b: readonly PointMm[]): PointMm[] {
  const ways = [
    [a, b],
    [a, [...b].reverse()],
    [[...a].reverse(), b],
    [[...a].reverse(), [...b].reverse()],
  ] as const;
  const gapOf = ([first, second]: readonly [readonly PointMm[], readonly PointMm[]]): number =>
    distanceMm(first.at(-1)!, second[0]!);
  const best = ways.reduce(
    (closest, way) => (gapOf(way) < gapOf(closest) ? way : closest),
    ways[0] as (typeof ways)[number],
  );
  return [...best[0], ...best[1]];
}
