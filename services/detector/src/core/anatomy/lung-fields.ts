import { blurImage } from '../imaging/gaussian-blur-image.js';
import { labelComponents } from '../imaging/label-components.js';
import { type GreyImage, shrinkImage } from '../imaging/resample-image.js';
import { FILM_LINES } from '../parameters.js';

/** Where lung is seen on a film, on a small grid over the image. */
export interface LungFields {
  readonly mask: Uint8Array;
  readonly columns: number;
  readonly rows: number;
  /** Image pixels along one pixel of the mask. */
  readonly factor: number;
  readonly firstRow: number;
  readonly lastRow: number;
  /** Column between the fields. */
  readonly midlineColumn: number;
  /** False: no outline was found, and standard fields stand in. */
  readonly isOutlined: boolean;
}

/**
 * Finds the lung fields: the largest dark regions that do not reach the image's edge. Where there are none, as when the
 * lungs run into dark surroundings, two standard fields stand in if they are darker than what lies between them.
 *
 * @returns null when the film shows neither
 */
export function findLungFields(image: GreyImage): LungFields | null {
  const factor = Math.max(1, Math.max(image.columns, image.rows) / FILM_LINES.fieldSidePx);
  const small = blurImage(shrinkImage(image, factor), 2);
  for (const share of DARK_SHARES) {
    const mask = darkRegions(small, share);
    if (mask === null) continue;
    return describeFields(mask, small.columns, small.rows, factor, true);
  }
  const standard = standardFields(small);
  return standard === null ? null : describeFields(standard, small.columns, small.rows, factor, false);
}

/** Two ellipses where the lungs of a centred chest film lie; shares of width and height. [design] */
const STANDARD_FIELDS = [
  { x: 0.29, y: 0.45, halfWidth: 0.13, halfHeight: 0.26 },
  { x: 0.71, y: 0.45, halfWidth: 0.13, halfHeight: 0.26 },
] as const;
/** Strip of the mediastinum and spine between them. */
const BETWEEN = { x: 0.5, y: 0.55, halfWidth: 0.06, halfHeight: 0.2 } as const;
/** How much darker the fields must be, of the film's range. [design] */
const DARKER_BY = 0.06;

function standardFields(small: GreyImage): Uint8Array | null {
  const { columns, rows, pixels } = small;
  const between = meanWithin(small, BETWEEN);
  const [one, other] = STANDARD_FIELDS.map((field) => between - meanWithin(small, field)) as [number, number];
  if (Math.max(one, other) < DARKER_BY || Math.min(one, other) < 0) return null;
  const mask = new Uint8Array(pixels.length);
  for (let at = 0; at < mask.length; at++) {
    const x = ((at % columns) + 0.5) / columns;
    const y = (Math.floor(at / columns) + 0.5) / rows;
    if (STANDARD_FIELDS.some((field) => isWithin(field, x, y))) mask[at] = 1;
  }
  return mask;
}

interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}
const isWithin = (ellipse: Ellipse, x: number, y: number): boolean =>
  ((x - ellipse.x) / ellipse.halfWidth) ** 2 + ((y - ellipse.y) / ellipse.halfHeight) ** 2 <= 1;

function meanWithin({ columns, rows, pixels }: GreyImage, ellipse: Ellipse): number {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < pixels.length; at++) {
    if (!isWithin(ellipse, ((at % columns) + 0.5) / columns, (Math.floor(at / columns) + 0.5) / rows)) continue;
    sum += pixels[at]!;
    count += 1;
  }
  return sum / count;
}

/** Shares of the central part of the film taken as dark, tried in turn. */
const DARK_SHARES = [0.5, 0.42, 0.35, 0.28] as const;
/** Margin of the image left out when the threshold is chosen: collimation and arms. */
const MARGIN = 0.08;

function darkRegions(small: GreyImage, share: number): Uint8Array | null {
  const { columns, rows, pixels } = small;
  const values: number[] = [];
  for (let j = Math.round(rows * MARGIN); j < rows * (1 - MARGIN); j++) {
    for (let i = Math.round(columns * MARGIN); i < columns * (1 - MARGIN); i++) values.push(pixels[j * columns + i]!);
  }
  values.sort((a, b) => a - b);
  const threshold = values[Math.floor(values.length * share)]!;
  const dark = Uint8Array.from(pixels, (value) => (value < threshold ? 1 : 0));
  const { labels, sizes } = labelComponents(dark, columns, rows, 1);
  const touching = labelsOnEdge(labels, columns, rows);
  const area = columns * rows;
  const fields = sizes
    .map((size, label) => ({ size, label }))
    .filter(({ size, label }) => label > 0 && !touching.has(label) && size >= FILM_LINES.minFieldShare * area)
    .sort((a, b) => b.size - a.size)
    .slice(0, 2);
  const total = fields.reduce((sum, { size }) => sum + size, 0);
  if (fields.length === 0 || total > FILM_LINES.maxFieldShare * area) return null;
  if (fields.length === 1 && fields[0]!.size < 3 * FILM_LINES.minFieldShare * area) return null;
  const keep = new Set(fields.map(({ label }) => label));
  return Uint8Array.from(labels, (label) => (keep.has(label) ? 1 : 0));
}

function labelsOnEdge(labels: Int32Array, columns: number, rows: number): Set<number> {
  const touching = new Set<number>();
  for (let i = 0; i < columns; i++) touching.add(labels[i]!).add(labels[(rows - 1) * columns + i]!);
  for (let j = 0; j < rows; j++) touching.add(labels[j * columns]!).add(labels[j * columns + columns - 1]!);
  return touching;
}

function describeFields(
  mask: Uint8Array,
  columns: number,
  rows: number,
  factor: number,
  isOutlined: boolean,
): LungFields {
  let firstRow = rows;
  let lastRow = 0;
  let firstColumn = columns;
  let lastColumn = 0;
  mask.forEach((inside, at) => {
    if (inside === 0) return;
    const j = Math.floor(at / columns);
    const i = at % columns;
    firstRow = Math.min(firstRow, j);
    lastRow = Math.max(lastRow, j);
    firstColumn = Math.min(firstColumn, i);
    lastColumn = Math.max(lastColumn, i);
  });
  return { mask, columns, rows, factor, firstRow, lastRow, midlineColumn: (firstColumn + lastColumn) / 2, isOutlined };
}

/** Whether a point of the image, in its pixels, lies in a lung field. */
export function isInField(fields: LungFields, x: number, y: number): boolean {
  const i = Math.floor(x / fields.factor);
  const j = Math.floor(y / fields.factor);
  return i >= 0 && j >= 0 && i < fields.columns && j < fields.rows && fields.mask[j * fields.columns + i] !== 0;
}
