import type { Finding } from '@pce/shared/contracts/finding';
import type { PointPx } from './geometry.js';
import type { Radiograph } from './radiograph.js';
import type { Affine, Volume } from './volume.js';

/**
 * One of the eight ways to lay an image: columns and rows exchanged first, then mirrored. It takes the pixel (i, j)
 * of the turned image from the image as stored.
 */
interface Turn {
  readonly exchange: boolean;
  readonly mirrorColumns: boolean;
  readonly mirrorRows: boolean;
}

/** An image turned as people look at it, and the way back for what is found in it. */
export interface Standardised<Image> {
  readonly image: Image;
  /** Moves the regions of a finding back onto the image as stored. */
  readonly toStored: (finding: Finding) => Finding;
}

/**
 * Turns the slices of a volume so that columns count towards the patient's left and rows towards the back, whatever
 * the patient's position on the table was. Patient coordinates stay as they are.
 */
export function standardiseVolume(volume: Volume): Standardised<Volume> {
  const a = volume.voxelToLpsMm;
  const exchange = Math.abs(a[0]!) < Math.abs(a[4]!);
  const [xOfColumn, yOfRow] = exchange ? [a[1]!, a[4]!] : [a[0]!, a[5]!];
  const turn = { exchange, mirrorColumns: xOfColumn < 0, mirrorRows: yOfRow < 0 };
  if (isIdentity(turn)) return { image: volume, toStored: (finding) => finding };
  const { columns, rows, slices, spacingMm } = volume;
  const size = columns * rows;
  const hu = new Int16Array(volume.hu.length);
  for (let k = 0; k < slices; k++) {
    turnPlane(volume.hu.subarray(k * size, (k + 1) * size), hu.subarray(k * size, (k + 1) * size), columns, rows, turn);
  }
  const image: Volume = {
    ...volume,
    hu,
    columns: exchange ? rows : columns,
    rows: exchange ? columns : rows,
    spacingMm: exchange ? [spacingMm[1], spacingMm[0], spacingMm[2]] : spacingMm,
    voxelToLpsMm: turnAffine(a, columns, rows, turn),
  };
  return { image, toStored: moveBack(turn, columns, rows) };
}

/** Turns a film so that the head is on top and the patient's left on the right, as far as its orientation is known. */
export function standardiseRadiograph(radiograph: Radiograph): Standardised<Radiograph> {
  const { columns, rows, headIsOn = null, patientLeftIsOn } = radiograph;
  const exchange = headIsOn === 'left' || headIsOn === 'right';
  const turn = {
    exchange,
    mirrorColumns: !exchange && patientLeftIsOn === 'left',
    mirrorRows: headIsOn === 'bottom' || headIsOn === 'right',
  };
  if (isIdentity(turn)) return { image: radiograph, toStored: (finding) => finding };
  const pixels = new Float32Array(radiograph.pixels.length);
  turnPlane(radiograph.pixels, pixels, columns, rows, turn);
  const { spacingMm } = radiograph;
  const image: Radiograph = {
    ...radiograph,
    pixels,
    columns: exchange ? rows : columns,
    rows: exchange ? columns : rows,
    spacingMm: exchange && spacingMm !== null ? [spacingMm[1], spacingMm[0]] : spacingMm,
    patientLeftIsOn: turn.mirrorColumns ? 'right' : patientLeftIsOn,
    headIsOn: headIsOn === null ? null : 'top',
  };
  return { image, toStored: moveBack(turn, columns, rows) };
}

function isIdentity({ exchange, mirrorColumns, mirrorRows }: Turn): boolean {
  return !exchange && !mirrorColumns && !mirrorRows;
}

/** Copies one plane of `columns` x `rows` stored pixels, turned. */
function turnPlane<Plane extends Int16Array | Float32Array>(
  stored: Plane,
  turned: Plane,
  columns: number,
  rows: number,
  turn: Turn,
): void {
  const newColumns = turn.exchange ? rows : columns;
  const newRows = turn.exchange ? columns : rows;
  for (let j = 0; j < newRows; j++) {
    const p = turn.mirrorRows ? newRows - 1 - j : j;
    for (let i = 0; i < newColumns; i++) {
      const q = turn.mirrorColumns ? newColumns - 1 - i : i;
      turned[j * newColumns + i] = turn.exchange ? stored[q * columns + p]! : stored[p * columns + q]!;
    }
  }
}

function turnAffine(affine: Affine, columns: number, rows: number, turn: Turn): Affine {
  const turned = Float64Array.from(affine);
  const newColumns = turn.exchange ? rows : columns;
  const newRows = turn.exchange ? columns : rows;
  for (let axis = 0; axis < 3; axis++) {
    const at = axis * 4;
    const alongColumns = affine[at + (turn.exchange ? 1 : 0)]!;
    const alongRows = affine[at + (turn.exchange ? 0 : 1)]!;
    turned[at] = turn.mirrorColumns ? -alongColumns : alongColumns;
    turned[at + 1] = turn.mirrorRows ? -alongRows : alongRows;
    turned[at + 3] =
      affine[at + 3]! +
      (turn.mirrorColumns ? (newColumns - 1) * alongColumns : 0) +
      (turn.mirrorRows ? (newRows - 1) * alongRows : 0);
  }
  return turned;
}

/** Image coordinates have their origin at a corner, so a mirror takes x to width - x. */
function moveBack(turn: Turn, columns: number, rows: number): (finding: Finding) => Finding {
  const newColumns = turn.exchange ? rows : columns;
  const newRows = turn.exchange ? columns : rows;
  const back = ([x, y]: PointPx): [number, number] => {
    const u = turn.mirrorColumns ? newColumns - x : x;
    const v = turn.mirrorRows ? newRows - y : y;
    return turn.exchange ? [v, u] : [u, v];
  };
  return (finding) => ({
    ...finding,
    regions: finding.regions.map((region) => ({ ...region, pointsPx: region.pointsPx.map(back) })),
  });
}
