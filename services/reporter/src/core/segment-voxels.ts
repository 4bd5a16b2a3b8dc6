import type { Finding, MaskSlice } from '@pce/shared/contracts/finding';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { SliceGrid } from './slice-grid.js';

/** One slice of the segmented series. */
export interface SegmentedSlice {
  readonly image: ImageReference;
  readonly grid: SliceGrid;
}

/** The voxels of a finding: pixel numbers (row x columns + column), rising, per slice that has any. */
export interface SegmentVoxels {
  /** False where they were drawn from centreline and calibre, because the result holds no mask. */
  readonly isMeasured: boolean;
  readonly slices: ReadonlyMap<SegmentedSlice, readonly number[]>;
}

const isSameImage = (a: ImageReference, b: ImageReference): boolean =>
  a.sopInstanceUid === b.sopInstanceUid && a.frameNumber === b.frameNumber;

function pixelsOf({ runs }: MaskSlice): number[] {
  const pixels: number[] = [];
  for (let at = 0; at < runs.length; at += 2) {
    for (let step = 0; step < runs[at + 1]!; step++) pixels.push(runs[at]! + step);
  }
  return pixels;
}

type Point = readonly number[];
const minus = (a: Point, b: Point): number[] => a.map((value, axis) => value - b[axis]!);
const dot = (a: Point, b: Point): number => a.reduce((sum, value, axis) => sum + value * b[axis]!, 0);

/** Squared distance of a point from the line between two others, mm2. */
function squaredDistance(point: Point, [from, to]: readonly [Point, Point]): number {
  const along = minus(to, from);
  const length2 = dot(along, along);
  const share = length2 === 0 ? 0 : Math.min(1, Math.max(0, dot(minus(point, from), along) / length2));
  const offset = minus(point, from).map((value, axis) => value - share * along[axis]!);
  return dot(offset, offset);
}

/** The finding as a tube: its centreline (or centre) and half its calibre, at least half a slice or pixel. */
function tubeOf({ centreLpsMm, centrelineLpsMm, measurements }: Finding, leastMm: number) {
  const points: Point[] = centrelineLpsMm.length > 0 ? centrelineLpsMm : centreLpsMm ? [centreLpsMm] : [];
  const lines =
    points.length === 1 ? [[points[0]!, points[0]!] as const] : points.slice(1).map((p, i) => [points[i]!, p] as const);
  return { lines, radiusMm: Math.max((measurements.calibreMm ?? 0) / 2, leastMm) };
}

/** Pixels of one slice within a tube; only those of the tube's box are looked at. */
function pixelsInTube({ grid }: SegmentedSlice, { lines, radiusMm }: ReturnType<typeof tubeOf>): number[] {
  const found = new Set<number>();
  for (const line of lines) {
    const ends = line.map((point) => grid.pixelOf(point));
    const heights = ends.map(({ outOfPlaneMm }) => outOfPlaneMm);
    if (Math.min(...heights) > radiusMm || Math.max(...heights) < -radiusMm) continue;
    const range = (values: number[], spacingMm: number, size: number) => [
      Math.max(0, Math.ceil(Math.min(...values) - radiusMm / spacingMm)),
      Math.min(size - 1, Math.floor(Math.max(...values) + radiusMm / spacingMm)),
    ];
    const [left, right] = range(
      ends.map(({ column }) => column),
      grid.columnSpacingMm,
      grid.columns,
    );
    const [top, bottom] = range(
      ends.map(({ row }) => row),
      grid.rowSpacingMm,
      grid.rows,
    );
    for (let row = top!; row <= bottom!; row++) {
      for (let column = left!; column <= right!; column++) {
        const isWithin = squaredDistance(grid.pointOf(column, row), line) <= radiusMm ** 2;
        if (isWithin) found.add(row * grid.columns + column);
      }
    }
  }
  return [...found].sort((a, b) => a - b);
}

/**
 * The voxels of a finding on the slices of its series: those the detector measured, else those of a tube along its
 * centreline, which is an approximation and is called one.
 *
 * @param sliceSpacingMm distance of neighbouring slices: a tube is never thinner, so that it is on one slice at least
 */
export function segmentVoxels(
  finding: Finding,
  slices: readonly SegmentedSlice[],
  sliceSpacingMm: number,
): SegmentVoxels {
  const mask = finding.mask ?? [];
  if (mask.length > 0) {
    const measured = slices.flatMap((slice) => {
      const part = mask.find(({ image }) => isSameImage(image, slice.image));
      return part ? [[slice, pixelsOf(part)] as const] : [];
    });
    return { isMeasured: true, slices: new Map(measured) };
  }
  const tube = tubeOf(finding, sliceSpacingMm / 2);
  const drawn = slices.map((slice) => [slice, pixelsInTube(slice, tube)] as const);
  return { isMeasured: false, slices: new Map(drawn.filter(([, pixels]) => pixels.length > 0)) };
}
