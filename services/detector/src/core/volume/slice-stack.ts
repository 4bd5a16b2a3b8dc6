import { CT_VOLUME } from '../parameters.js';
import { cross, dot, norm, type PointLpsMm } from './geometry.js';
import type { FrameHeader, InstanceHeader } from './instance-header.js';

/** A frame that says where it lies: what a stack is made of. */
export interface PlacedFrame extends FrameHeader {
  readonly positionLpsMm: PointLpsMm;
  readonly rowDirection: PointLpsMm;
  readonly columnDirection: PointLpsMm;
  readonly spacingMm: readonly [number, number];
}

/** One slice of a CT image set. */
export interface Slice {
  readonly header: InstanceHeader;
  readonly frame: PlacedFrame;
  /** Distance from the origin along the stack's normal, millimetres. */
  readonly alongMm: number;
}

/** Whether a frame says where it lies and how large its pixels are. */
export function isPlaced(frame: FrameHeader): frame is PlacedFrame {
  return (
    frame.positionLpsMm !== null &&
    frame.rowDirection !== null &&
    frame.columnDirection !== null &&
    frame.spacingMm !== null &&
    norm(cross(frame.rowDirection, frame.columnDirection)) > 1 - CT_VOLUME.sameDirectionSine
  );
}

/** Normal of the slice plane, turned to point to the head where the plane is not parallel to the body axis. */
export function headwardNormal(frame: PlacedFrame): PointLpsMm {
  const normal = cross(frame.rowDirection, frame.columnDirection);
  return normal[2] < 0 ? [-normal[0], -normal[1], -normal[2]] : normal;
}

/** Angle between the slice plane and the axial plane, degrees. */
export function obliquenessDegrees(frame: PlacedFrame): number {
  return (Math.acos(Math.min(1, headwardNormal(frame)[2])) * 180) / Math.PI;
}

/** Whether two unit vectors point the same way. */
export function isSameDirection(a: PointLpsMm, b: PointLpsMm): boolean {
  return dot(a, b) > 0 && norm(cross(a, b)) < CT_VOLUME.sameDirectionSine;
}

/** Whether two numbers agree but for the rounding of decimal strings. */
export function isSameNumber(a: number, b: number): boolean {
  return Math.abs(a - b) <= CT_VOLUME.sameNumberFraction * Math.max(Math.abs(a), Math.abs(b));
}

/** The placed frames of image headers, sorted from the feet to the head; equal positions by instance number. */
export function stackSlices(headers: readonly InstanceHeader[]): Slice[] {
  const placed = headers.flatMap((header) =>
    header.frames.filter(isPlaced).map((frame) => ({ header, frame: frame as PlacedFrame })),
  );
  const first = placed[0];
  if (!first) return [];
  const normal = headwardNormal(first.frame);
  return placed
    .map(({ header, frame }) => ({ header, frame, alongMm: dot(frame.positionLpsMm, normal) }))
    .sort((a, b) => a.alongMm - b.alongMm || byOrder(a, b));
}

/** Order of acquisition as far as it is known, then a fixed one. */
export function byOrder(a: Slice, b: Slice): number {
  const numbers = (a.header.instanceNumber ?? 0) - (b.header.instanceNumber ?? 0);
  if (numbers !== 0) return numbers;
  const frames = a.frame.frameIndex - b.frame.frameIndex;
  if (a.header === b.header || frames !== 0) return frames;
  return a.header.sopInstanceUid < b.header.sopInstanceUid ? -1 : 1;
}

/**
 * The usual distance of neighbouring slices: the median of those that are not repeats.
 *
 * @param sorted slices in stack order
 * @returns millimetres; 0 when all lie at one position
 */
export function usualSpacingMm(sorted: readonly Slice[]): number {
  const gaps: number[] = [];
  for (let k = 1; k < sorted.length; k++) {
    const gap = sorted[k]!.alongMm - sorted[k - 1]!.alongMm;
    if (gap > MIN_GAP_MM) gaps.push(gap);
  }
  return medianOf(gaps);
}

/** Below this two positions differ by rounding only: positions are written to 0.001 mm or better. */
const MIN_GAP_MM = 0.02;

/** Middle value; the lower of the two middle ones of an even count; 0 of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** Slices of a sorted stack by position: repeats of one position are together. */
export function groupByPosition(sorted: readonly Slice[]): Slice[][] {
  const toleranceMm = Math.max(MIN_GAP_MM, CT_VOLUME.samePositionFraction * usualSpacingMm(sorted));
  const positions: Slice[][] = [];
  for (const slice of sorted) {
    const last = positions.at(-1);
    if (last && slice.alongMm - last[0]!.alongMm <= toleranceMm) last.push(slice);
    else positions.push([slice]);
  }
  return positions;
}

/** Share of positions that hold more than one slice. */
export function repeatedFraction(sorted: readonly Slice[]): number {
  const positions = groupByPosition(sorted);
  return positions.filter((slices) => slices.length > 1).length / Math.max(1, positions.length);
}
