import type { GreyImage } from './resample-image.js';

/** Standard deviations the kernel reaches to either side. */
const REACH = 3;

/** Gaussian blur of an image; beyond its edge the nearest pixel counts. A constant image stays as it is. */
export function blurImage(image: GreyImage, sigmaPx: number): GreyImage {
  const { columns, rows } = image;
  const radius = Math.max(1, Math.ceil(REACH * sigmaPx));
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, n) =>
    Math.exp(-((n - radius) ** 2) / (2 * sigmaPx ** 2)),
  );
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  for (let n = 0; n < kernel.length; n++) kernel[n] = kernel[n]! / total;
  const across = new Float32Array(columns * rows);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      let sum = 0;
      for (let n = -radius; n <= radius; n++) {
        const at = i + n < 0 ? 0 : i + n >= columns ? columns - 1 : i + n;
        sum += kernel[n + radius]! * image.pixels[j * columns + at]!;
      }
      across[j * columns + i] = sum;
    }
  }
  const out = new Float32Array(columns * rows);
  for (let j = 0; j < rows; j++) {
    for (let n = -radius; n <= radius; n++) {
      const weight = kernel[n + radius]!;
      const from = (j + n < 0 ? 0 : j + n >= rows ? rows - 1 : j + n) * columns;
      for (let i = 0; i < columns; i++) out[j * columns + i]! += weight * across[from + i]!;
    }
  }
  return { pixels: out, columns, rows };
}
