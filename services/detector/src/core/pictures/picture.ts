/** A grey picture: pixel (column x, row y) at `y * columns + x`, 0 black to 255 white. */
export interface GreyPicture {
  readonly columns: number;
  readonly rows: number;
  readonly grey: Uint8Array;
}

/** A mark on a picture, in its own pixels; the corner of the top left pixel is (0, 0). */
export interface Mark {
  readonly kind: 'ring' | 'box';
  readonly x: number;
  readonly y: number;
  /** Radius of the ring; half sides of the box. */
  readonly halfWidth: number;
  readonly halfHeight: number;
  /** The finding the mark is for, by its number in its own part of the exam. */
  readonly findingId: number;
  readonly showNumber: boolean;
}

/** Where values of the image go in the picture. */
export interface Window {
  /** Shown black, and below. */
  readonly from: number;
  /** Shown white, and above. */
  readonly to: number;
}

/**
 * A rectangle of an image at a given size: interpolated where enlarged, the mean of what each pixel covers where
 * reduced. Beyond the image it is black.
 *
 * @param values shape [rows, columns] of the image
 * @param left, top, width, height the rectangle, in pixels of the image
 */
export function resample(
  values: ArrayLike<number>,
  image: { columns: number; rows: number },
  area: { left: number; top: number; width: number; height: number },
  size: { columns: number; rows: number },
  window: Window,
): GreyPicture {
  const grey = new Uint8Array(size.columns * size.rows);
  const scaleX = area.width / size.columns;
  const scaleY = area.height / size.rows;
  const stepsX = Math.max(1, Math.round(scaleX));
  const stepsY = Math.max(1, Math.round(scaleY));
  for (let y = 0; y < size.rows; y++) {
    for (let x = 0; x < size.columns; x++) {
      let sum = 0;
      for (let v = 0; v < stepsY; v++) {
        const row = area.top + (y + (v + 0.5) / stepsY) * scaleY - 0.5;
        for (let u = 0; u < stepsX; u++) {
          sum += interpolate(values, image, area.left + (x + (u + 0.5) / stepsX) * scaleX - 0.5, row, window.from);
        }
      }
      grey[y * size.columns + x] = toGrey(sum / (stepsX * stepsY), window);
    }
  }
  return { ...size, grey };
}

/** Bilinear value between pixel centres; `outside` beyond the image. */
function interpolate(
  values: ArrayLike<number>,
  { columns, rows }: { columns: number; rows: number },
  column: number,
  row: number,
  outside: number,
): number {
  if (column < -0.5 || row < -0.5 || column > columns - 0.5 || row > rows - 0.5) return outside;
  const x = Math.min(Math.max(column, 0), columns - 1);
  const y = Math.min(Math.max(row, 0), rows - 1);
  const i = Math.min(Math.floor(x), Math.max(columns - 2, 0));
  const j = Math.min(Math.floor(y), Math.max(rows - 2, 0));
  const right = columns > 1 ? 1 : 0;
  const below = rows > 1 ? columns : 0;
  const at = j * columns + i;
  const top = values[at]! + (x - i) * (values[at + right]! - values[at]!);
  const bottom = values[at + below]! + (x - i) * (values[at + below + right]! - values[at + below]!);
  return top + (y - j) * (bottom - top);
}

function toGrey(value: number, { from, to }: Window): number {
  return Math.round(255 * Math.min(Math.max((value - from) / (to - from), 0), 1));
}
