import type { NotAnalysable } from '@pce/shared/contracts/exam-outcome';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import { CT_VOLUME } from '../parameters.js';
import { refuseStack } from './ct-image-set.js';
import { addScaled, dot, norm, type PointLpsMm, stackAffine, subtract } from './geometry.js';
import { type InstanceHeader, referenceTo } from './instance-header.js';
import { notAnalysable } from './reason.js';
import { type GridSlot, layGrid, refuseGap, refuseMissing, type SliceGrid } from './slice-grid.js';
import { InstanceUnavailableError, type LoadFile, SliceLoader } from './slice-loader.js';
import { headwardNormal, isSameDirection, isSameNumber, medianOf, type Slice, stackSlices } from './slice-stack.js';
import { findClippingHu, refuseWithoutAir } from './value-checks.js';
import type { Volume } from './volume.js';

/** An image of the stack that could not be read; its place was filled from its neighbours. */
export interface BrokenSlice {
  readonly image: ImageReference;
  readonly error: unknown;
}

export interface AssembledVolume {
  readonly kind: 'volume';
  readonly volume: Volume;
  readonly broken: readonly BrokenSlice[];
}

/**
 * Makes a volume in Hounsfield units of the images of one CT image set.
 *
 * Slices are sorted by position along their normal towards the head; repeats are dropped, a few missing or broken
 * ones interpolated, uneven distances resampled. A gantry tilt stays in the affine as a shear. What cannot be put
 * right within the bounds of `CT_VOLUME` is not analysable. Slices are decoded one at a time into the volume.
 *
 * @param headers images of one set, each with the frames that belong to it (see `splitSeries`)
 */
export async function assembleCtVolume(
  headers: readonly InstanceHeader[],
  load: LoadFile,
): Promise<AssembledVolume | NotAnalysable> {
  const slices = stackSlices(headers);
  const refusal = refuseStack(headers, slices) ?? refuseMixture(slices);
  if (refusal !== null) return refusal;
  const line = fitLine(slices);
  if (line.kind === 'not-analysable') return line;
  const grid = layGrid(slices);
  if (grid.kind === 'not-analysable') return grid;
  const { rows, columns } = headers[0]!;
  if (grid.slots.length * rows * columns > CT_VOLUME.maxVoxels) return tooLarge(grid.slots.length, rows, columns);
  const filled = await fillVolume(grid, rows * columns, load);
  if (filled.kind === 'not-analysable') return filled;
  const volume = describeVolume(slices, grid, line, filled);
  return { kind: 'volume', volume, broken: filled.broken };
}

/** Images of different planes, matrices or pixel sizes are not one stack. */
function refuseMixture(slices: readonly Slice[]): NotAnalysable | null {
  const { header, frame } = slices[0]!;
  for (const slice of slices) {
    const isSameMatrix = slice.header.rows === header.rows && slice.header.columns === header.columns;
    const isSamePlane =
      isSameDirection(slice.frame.rowDirection, frame.rowDirection) &&
      isSameDirection(slice.frame.columnDirection, frame.columnDirection);
    const isSameSpacing = slice.frame.spacingMm.every((mm, axis) => isSameNumber(mm, frame.spacingMm[axis]!));
    if (isSameMatrix && isSamePlane && isSameSpacing) continue;
    const what = isSameMatrix ? (isSamePlane ? 'pixel spacings' : 'orientations') : 'matrices';
    return notAnalysable('mixed-slices', 'CT slices', 'one matrix, orientation and pixel spacing', `several ${what}`);
  }
  return null;
}

/** The straight line on which the corners of all slices lie. */
interface StackLine {
  readonly kind: 'line';
  readonly firstMm: PointLpsMm;
  /** Movement per millimetre along the slice normal. */
  readonly perMm: PointLpsMm;
  readonly tiltDegrees: number;
}

function fitLine(slices: readonly Slice[]): StackLine | NotAnalysable {
  const first = slices[0]!;
  const last = slices.at(-1)!;
  const firstMm = first.frame.positionLpsMm;
  const alongMm = last.alongMm - first.alongMm;
  const perMm = addScaled([0, 0, 0], 1 / alongMm, subtract(last.frame.positionLpsMm, firstMm));
  for (const { frame, alongMm: at } of slices) {
    const strayMm = norm(subtract(frame.positionLpsMm, addScaled(firstMm, at - first.alongMm, perMm)));
    if (strayMm > CT_VOLUME.maxStrayMm) {
      const expected = `within ${CT_VOLUME.maxStrayMm} mm of a straight line`;
      return notAnalysable('slices-stray', 'Positions of CT slices', expected, `one ${strayMm.toFixed(1)} mm away`);
    }
  }
  const cosine = dot(perMm, headwardNormal(first.frame)) / norm(perMm);
  const tiltDegrees = (Math.acos(Math.min(1, cosine)) * 180) / Math.PI;
  if (tiltDegrees > CT_VOLUME.maxTiltDegrees) {
    const expected = `at most ${CT_VOLUME.maxTiltDegrees} degrees`;
    return notAnalysable('gantry-tilt', 'Gantry tilt', expected, `${tiltDegrees.toFixed(1)} degrees`);
  }
  return { kind: 'line', firstMm, perMm, tiltDegrees };
}

function tooLarge(slices: number, rows: number, columns: number): NotAnalysable {
  const expected = `at most ${CT_VOLUME.maxVoxels} voxels`;
  return notAnalysable('volume-too-large', 'CT volume', expected, `${columns} x ${rows} x ${slices}`);
}

interface FilledVolume {
  readonly kind: 'filled';
  readonly hu: Int16Array;
  readonly clippedAtHu: number;
  readonly broken: readonly BrokenSlice[];
}

async function fillVolume(grid: SliceGrid, sliceSize: number, load: LoadFile): Promise<FilledVolume | NotAnalysable> {
  const hu = new Int16Array(grid.slots.length * sliceSize);
  const loader = new SliceLoader(load);
  const broken = new Map<Slice, BrokenSlice>();
  const empty: number[] = [];
  for (const [k, slot] of grid.slots.entries()) {
    const target = hu.subarray(k * sliceSize, (k + 1) * sliceSize);
    if (!(await fillSlot(slot, target, loader, broken))) empty.push(k);
  }
  const refusal = refuseEmpty(empty, grid, [...broken.values()]) ?? refuseWithoutAir(hu);
  if (refusal !== null) return refusal;
  fillEmpty(hu, sliceSize, empty, grid.slots.length);
  const clippedAtHu = findClippingHu(hu, loader.largestHu, loader.storedLimitHu);
  return { kind: 'filled', hu, clippedAtHu, broken: [...broken.values()] };
}

/** Fills one slot from its images; false when one of them is broken. */
async function fillSlot(
  slot: GridSlot,
  target: Int16Array,
  loader: SliceLoader,
  broken: Map<Slice, BrokenSlice>,
): Promise<boolean> {
  const attempt = async <Result>(slice: Slice, read: () => Promise<Result>): Promise<Result | null> => {
    if (broken.has(slice)) return null;
    try {
      return await read();
    } catch (error) {
      if (error instanceof InstanceUnavailableError) throw error;
      broken.set(slice, { image: referenceTo(slice.header, slice.frame), error });
      return null;
    }
  };
  if (slot.kind === 'image') {
    return (await attempt(slot.slice, async () => loader.write(slot.slice, target).then(() => true))) ?? false;
  }
  const lower = await attempt(slot.lower, () => loader.hounsfield(slot.lower));
  const upper = await attempt(slot.upper, () => loader.hounsfield(slot.upper));
  if (lower === null || upper === null) return false;
  blend(lower, upper, slot.weight, target);
  return true;
}

function blend(lower: Int16Array, upper: Int16Array, weight: number, target: Int16Array): void {
  for (let at = 0; at < target.length; at++) {
    target[at] = Math.round(lower[at]! + weight * (upper[at]! - lower[at]!));
  }
}

function refuseEmpty(empty: readonly number[], grid: SliceGrid, broken: readonly BrokenSlice[]): NotAnalysable | null {
  const count = grid.slots.length;
  if (empty.length === count) {
    const { error } = broken[0]!;
    const received = error instanceof Error ? error.message : 'an error';
    return notAnalysable('undecodable', 'CT slices', 'images that can be decoded', `none; the first: ${received}`);
  }
  let run = 0;
  let longest = 0;
  for (let k = 0; k < count; k++) {
    run = empty.includes(k) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  if (longest === 0) return null;
  return refuseGap((longest + 1) * grid.spacingMm, 0) ?? refuseMissing(empty.length, count);
}

/** Fills empty slots between their nearest full neighbours, those at an end from the one there is. */
function fillEmpty(hu: Int16Array, sliceSize: number, empty: readonly number[], count: number): void {
  const sliceAt = (k: number) => hu.subarray(k * sliceSize, (k + 1) * sliceSize);
  for (const k of empty) {
    let below = k - 1;
    while (below >= 0 && empty.includes(below)) below -= 1;
    let above = k + 1;
    while (above < count && empty.includes(above)) above += 1;
    if (below < 0) sliceAt(k).set(sliceAt(above));
    else if (above >= count) sliceAt(k).set(sliceAt(below));
    else blend(sliceAt(below), sliceAt(above), (k - below) / (above - below), sliceAt(k));
  }
}

function describeVolume(slices: readonly Slice[], grid: SliceGrid, line: StackLine, filled: FilledVolume): Volume {
  const { header, frame } = slices[0]!;
  const stepMm = addScaled([0, 0, 0], grid.spacingMm, line.perMm);
  const thicknesses = slices.flatMap((slice) => slice.frame.sliceThicknessMm ?? []);
  const tilt =
    line.tiltDegrees > CT_VOLUME.tiltRemarkDegrees ? [`Gantry tilt of ${line.tiltDegrees.toFixed(1)} degrees.`] : [];
  const count = filled.broken.length;
  const unread =
    count > 0 ? [`${count} slice${count === 1 ? '' : 's'} could not be decoded, filled by interpolation.`] : [];
  return {
    hu: filled.hu,
    columns: header.columns,
    rows: header.rows,
    slices: grid.slots.length,
    spacingMm: [frame.spacingMm[0], frame.spacingMm[1], norm(stepMm)],
    voxelToLpsMm: stackAffine(frame.rowDirection, frame.columnDirection, frame.spacingMm, line.firstMm, stepMm),
    sliceThicknessMm: thicknesses.length > 0 ? medianOf(thicknesses) : null,
    clippedAtHu: filled.clippedAtHu,
    sliceImages: grid.slots.map((slot) => {
      const nearest = slot.kind === 'image' ? slot.slice : slot.weight < 0.5 ? slot.lower : slot.upper;
      return referenceTo(nearest.header, nearest.frame);
    }),
    seriesInstanceUid: header.seriesInstanceUid,
    frameOfReferenceUid: frame.frameOfReferenceUid,
    remarks: [...grid.remarks, ...tilt, ...unread],
  };
}
