import { CT_VOLUME } from '../parameters.js';
import type { FrameHeader, InstanceHeader } from './instance-header.js';
import {
  byOrder,
  groupByPosition,
  isPlaced,
  isSameDirection,
  isSameNumber,
  medianOf,
  repeatedFraction,
  type Slice,
  stackSlices,
} from './slice-stack.js';

/** Slices in one run need this many equal distances in a row to begin a new run. */
const PERSISTENT_GAPS = 3;
/** The usual distance of a run is that of its latest slices. */
const RECENT_GAPS = 9;
/** A distance this many times larger or smaller than the usual one of a run is another spacing. */
const OTHER_SPACING_RATIO = 1.3;

/**
 * Splits the images of one series into sets that can each be one volume.
 *
 * Images differ in kind by image type, kernel, matrix, pixel spacing, thickness, orientation and frame of reference.
 * Sets that take the same positions more than once are split by acquisition, by temporal position, or by the order
 * of their numbers. What is left is cut where the slice distance changes for good or a gap is too wide to bridge.
 *
 * @param headers images of one series
 * @returns for each set the headers, each with the frames that belong to it; unplaced frames form sets of their own
 */
export function splitSeries(headers: readonly InstanceHeader[]): InstanceHeader[][] {
  return splitByKind(headers)
    .flatMap((kind) => (kind.every(hasPlaces) ? splitRepeats(kind) : [kind]))
    .flatMap((set) => (set.every(hasPlaces) ? splitRuns(set) : [set]));
}

function hasPlaces(header: InstanceHeader): boolean {
  return header.frames.length > 0 && header.frames.every(isPlaced);
}

interface Kind {
  readonly header: InstanceHeader;
  readonly frame: FrameHeader;
  readonly members: Map<InstanceHeader, FrameHeader[]>;
}

function splitByKind(headers: readonly InstanceHeader[]): InstanceHeader[][] {
  const kinds: Kind[] = [];
  const frameless: InstanceHeader[] = [];
  for (const header of headers) {
    if (header.frames.length === 0) frameless.push(header);
    for (const frame of header.frames) {
      const known = kinds.find((kind) => isSameKind(kind, header, frame));
      const kind = known ?? { header, frame, members: new Map<InstanceHeader, FrameHeader[]>() };
      if (!known) kinds.push(kind);
      const frames = kind.members.get(header);
      if (frames) frames.push(frame);
      else kind.members.set(header, [frame]);
    }
  }
  const sets = kinds.map(({ members }) => [...members].map(([header, frames]) => ({ ...header, frames })));
  return frameless.length > 0 ? [...sets, frameless] : sets;
}

function isSameKind(kind: Kind, header: InstanceHeader, frame: FrameHeader): boolean {
  const a = kind.frame;
  return (
    kind.header.rows === header.rows &&
    kind.header.columns === header.columns &&
    kind.header.sopClassUid === header.sopClassUid &&
    a.kernel === frame.kernel &&
    a.frameOfReferenceUid === frame.frameOfReferenceUid &&
    a.imageType.join() === frame.imageType.join() &&
    isSameOrAbsent(a.sliceThicknessMm, frame.sliceThicknessMm) &&
    isSamePlane(a, frame)
  );
}

function isSamePlane(a: FrameHeader, b: FrameHeader): boolean {
  if (!isPlaced(a) || !isPlaced(b)) return isPlaced(a) === isPlaced(b);
  return (
    isSameDirection(a.rowDirection, b.rowDirection) &&
    isSameDirection(a.columnDirection, b.columnDirection) &&
    a.spacingMm.every((mm, axis) => isSameNumber(mm, b.spacingMm[axis]!))
  );
}

function isSameOrAbsent(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : isSameNumber(a, b);
}

/** One stack that takes many positions twice or more is several: told apart by the first attribute that can. */
function splitRepeats(headers: InstanceHeader[]): InstanceHeader[][] {
  const sorted = stackSlices(headers);
  if (repeatedFraction(sorted) < CT_VOLUME.repeatedSetFraction) return [headers];
  const attributes = [
    (slice: Slice) => slice.frame.acquisitionNumber,
    (slice: Slice) => slice.frame.temporalPosition,
    orderOfRepeat(sorted),
  ];
  for (const attribute of attributes) {
    const sets = partition(sorted, attribute);
    if (sets.length > 1 && sets.every((set) => repeatedFraction(set) < CT_VOLUME.repeatedSetFraction)) {
      return sets.map(headersOf);
    }
  }
  return [headers];
}

/** Numbers the repeats of each position in the order of their instance numbers. */
function orderOfRepeat(sorted: readonly Slice[]): (slice: Slice) => number {
  const order = new Map<Slice, number>();
  for (const slices of groupByPosition(sorted)) {
    [...slices].sort(byOrder).forEach((slice, index) => {
      order.set(slice, index);
    });
  }
  return (slice) => order.get(slice)!;
}

/** Cuts a stack where the slice distance changes for good, or where a gap cannot be bridged. */
function splitRuns(headers: InstanceHeader[]): InstanceHeader[][] {
  const positions = groupByPosition(stackSlices(headers));
  const gaps = positions.slice(1).map((slices, k) => slices[0]!.alongMm - positions[k]![0]!.alongMm);
  const runs: Slice[][][] = [];
  let start = 0;
  for (let k = 0; k < gaps.length; k++) {
    const own = medianOf(gaps.slice(Math.max(start, k - RECENT_GAPS), k));
    if (!isBreak(gaps, k, own)) continue;
    // Where the distance changes, the slice on the border belongs to the finer run.
    const end = own > 0 && gaps[k]! > own ? k + 1 : Math.max(start + 1, k);
    runs.push(positions.slice(start, end));
    start = end;
  }
  runs.push(positions.slice(start));
  return runs.length === 1 ? [headers] : runs.map((run) => headersOf(run.flat()));
}

function isBreak(gaps: readonly number[], k: number, ownMm: number): boolean {
  if (ownMm === 0) return false;
  const gap = gaps[k]!;
  const ratio = gap / ownMm;
  const bridgeableMm = Math.max(CT_VOLUME.maxGapMm, OTHER_SPACING_RATIO * ownMm);
  if (gap > bridgeableMm) return true;
  if (ratio < OTHER_SPACING_RATIO && ratio > 1 / OTHER_SPACING_RATIO) return false;
  const next = gaps.slice(k, k + PERSISTENT_GAPS);
  return next.length === PERSISTENT_GAPS && next.every((other) => Math.abs(other / gap - 1) < OTHER_SPACING_RATIO - 1);
}

function partition(slices: readonly Slice[], attribute: (slice: Slice) => number | null): Slice[][] {
  const sets = new Map<number | null, Slice[]>();
  for (const slice of slices) {
    const value = attribute(slice);
    const set = sets.get(value);
    if (set) set.push(slice);
    else sets.set(value, [slice]);
  }
  return [...sets.values()];
}

/** The headers of some slices, each with just those frames. */
function headersOf(slices: readonly Slice[]): InstanceHeader[] {
  const frames = new Map<string, { header: InstanceHeader; frames: FrameHeader[] }>();
  for (const { header, frame } of slices) {
    const known = frames.get(header.sopInstanceUid);
    if (known) known.frames.push(frame);
    else frames.set(header.sopInstanceUid, { header, frames: [frame] });
  }
  return [...frames.values()].map((entry) => ({ ...entry.header, frames: entry.frames }));
}
