/** A grey image: pixel (i, j) at `j * columns + i`. */
export interface GreyImage {
  readonly pixels: Float32Array;
  readonly columns: number;
  readonly rows: number;
}

/**
 * Shrinks an image by averaging the area each new pixel covers.
 *
 * @param factor old pixels along one new pixel, at least 1; pixel (i, j) of the result covers old columns
 *   `i * factor` to `(i + 1) * factor`
 */
export function shrinkImage(image: GreyImage, factor: number): GreyImage {
  if (!(factor >= 1)) throw new RangeError(`shrinkImage: expected a factor of at least 1; received ${factor}`);
  const columns = Math.max(1, Math.floor(image.columns / factor));
  const rows = Math.max(1, Math.floor(image.rows / factor));
  const across = new Float32Array(columns * image.rows);
  for (let j = 0; j < image.rows; j++) {
    const line = image.pixels.subarray(j * image.columns, (j + 1) * image.columns);
    shrinkLine(line, 1, 0, across, 1, j * columns, columns, factor);
  }
  const out = new Float32Array(columns * rows);
  for (let i = 0; i < columns; i++) shrinkLine(across, columns, i, out, columns, i, rows, factor);
  return { pixels: out, columns, rows };
}

function shrinkLine(
  from: Float32Array,
  fromStride: number,
  fromStart: number,
  to: Float32Array,
  toStride: number,
  toStart: number,
  count: number,
  factor: number,
): void {
  const length = from.length;
  for (let n = 0; n < count; n++) {
    const start = n * factor;
    const end = start + factor;
    let sum = 0;
    for (let p = Math.floor(start); p < end; p++) {
      const at = fromStart + p * fromStride;
      if (at >= length) break;
      sum += from[at]! * (Math.min(end, p + 1) - Math.max(start, p));
    }
    to[toStart + n * toStride] = sum / factor;
  }
}
