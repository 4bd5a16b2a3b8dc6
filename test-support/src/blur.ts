/** Half of a sampled Gaussian, normalised over both halves: weight of the centre first. */
export function gaussianKernel(sigmaPx: number): Float32Array {
  const reach = Math.max(1, Math.ceil(3 * sigmaPx));
  const kernel = new Float32Array(reach + 1);
  let sum = 0;
  for (let i = 0; i <= reach; i++) {
    kernel[i] = Math.exp(-(i * i) / (2 * sigmaPx * sigmaPx));
    sum += i === 0 ? kernel[i]! : 2 * kernel[i]!;
  }
  return kernel.map((weight) => weight / sum);
}

/** Share of the standard deviation of white noise that is left after blurring along both axes. */
export function noiseGain(kernel: Float32Array): number {
  let squares = 0;
  kernel.forEach((weight, i) => {
    squares += (i === 0 ? 1 : 2) * weight * weight;
  });
  return squares;
}

/**
 * Blurs an image along both axes; beyond the border the border's own value counts.
 *
 * @param image [rows, columns], overwritten with the result
 * @param scratch as large as the image
 */
export function blurInPlace(
  image: Float32Array,
  scratch: Float32Array,
  columns: number,
  rows: number,
  kernel: Float32Array,
): void {
  for (let j = 0; j < rows; j++) blurLine(image, scratch, j * columns, 1, columns, kernel);
  blurColumns(scratch, image, columns, rows, kernel);
}

function blurLine(
  from: Float32Array,
  to: Float32Array,
  start: number,
  stride: number,
  count: number,
  kernel: Float32Array,
): void {
  const reach = kernel.length - 1;
  const last = count - 1;
  for (let i = 0; i < count; i++) {
    let sum = kernel[0]! * from[start + i * stride]!;
    for (let k = 1; k <= reach; k++) {
      const a = Math.max(i - k, 0);
      const b = Math.min(i + k, last);
      sum += kernel[k]! * (from[start + a * stride]! + from[start + b * stride]!);
    }
    to[start + i * stride] = sum;
  }
}

/** Along columns, row by row, so that memory is read in order. */
function blurColumns(from: Float32Array, to: Float32Array, columns: number, rows: number, kernel: Float32Array): void {
  const reach = kernel.length - 1;
  for (let j = 0; j < rows; j++) {
    const out = j * columns;
    for (let i = 0; i < columns; i++) to[out + i] = kernel[0]! * from[out + i]!;
    for (let k = 1; k <= reach; k++) {
      const above = Math.max(0, j - k) * columns;
      const below = Math.min(rows - 1, j + k) * columns;
      const weight = kernel[k]!;
      for (let i = 0; i < columns; i++) to[out + i] = to[out + i]! + weight * (from[above + i]! + from[below + i]!);
    }
  }
}
