/** Where mediastinum and lungs lie on a frontal chest film, as shares of width and height: [left, right, top, bottom]. */
const MEDIASTINUM = [0.46, 0.54, 0.35, 0.75] as const;
const LEFT_LUNG = [0.2, 0.36, 0.25, 0.55] as const;
const RIGHT_LUNG = [0.64, 0.8, 0.25, 0.55] as const;

/** How much brighter the middle of a film is than its two sides, of a range of 1. */
export interface MediastinalContrast {
  /** Over the brighter of the sides. */
  readonly overBoth: number;
  /** Over their mean. */
  readonly overMean: number;
}

/**
 * Measures the middle of a film against its sides: the mediastinum against the lungs, if it is a frontal chest.
 *
 * Tried on 131 real frontal films: over both sides 0.05 or more (median 0.3), over their mean 0.09 or more. On lateral
 * projections of four real CTs: over both -0.06 or less, over the mean -0.06 to -0.01.
 *
 * @param pixels shape [rows, columns], dense bright, in 0..1
 */
export function mediastinalContrast(pixels: Float32Array, columns: number, rows: number): MediastinalContrast {
  const [middle, left, right] = [MEDIASTINUM, LEFT_LUNG, RIGHT_LUNG].map((area) => meanIn(pixels, columns, rows, area));
  return { overBoth: middle! - Math.max(left!, right!), overMean: middle! - (left! + right!) / 2 };
}

function meanIn(
  pixels: Float32Array,
  columns: number,
  rows: number,
  [left, right, top, bottom]: readonly [number, number, number, number],
): number {
  const [firstColumn, endColumn] = [Math.floor(left * columns), Math.ceil(right * columns)];
  const [firstRow, endRow] = [Math.floor(top * rows), Math.ceil(bottom * rows)];
  let sum = 0;
  for (let j = firstRow; j < endRow; j++) for (let i = firstColumn; i < endColumn; i++) sum += pixels[j * columns + i]!;
  return sum / ((endColumn - firstColumn) * (endRow - firstRow));
}
