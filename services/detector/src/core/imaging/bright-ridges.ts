import { blurImage } from './gaussian-blur-image.js';
import type { GreyImage } from './resample-image.js';

/** How strongly each pixel lies on a bright line, and at which width. */
export interface Ridges {
  /** Scale-normalised curvature across the line, in units of the image; 0 where there is no bright line. */
  readonly strength: Float32Array;
  /** Index of the scale with the strongest response. */
  readonly scale: Uint8Array;
}

/**
 * Largest second-derivative response to bright lines over several scales.
 *
 * A line curves across and not along: the response is -sigma^2 times the smaller Hessian eigenvalue, less what curves
 * in the other direction, so that dots and edges answer weakly.
 *
 * @param sigmasPx standard deviations; a line of width w answers best near w / 3.5
 * Source: Lindeberg 1998, doi:10.1023/A:1008097225773.
 */
export function brightRidges(image: GreyImage, sigmasPx: readonly number[]): Ridges {
  const { columns, rows } = image;
  const strength = new Float32Array(columns * rows);
  const scale = new Uint8Array(columns * rows);
  sigmasPx.forEach((sigma, index) => {
    const { pixels } = blurImage(image, sigma);
    const square = sigma * sigma;
    for (let j = 1; j + 1 < rows; j++) {
      for (let i = 1; i + 1 < columns; i++) {
        const at = j * columns + i;
        const centre = 2 * pixels[at]!;
        const xx = pixels[at - 1]! + pixels[at + 1]! - centre;
        const yy = pixels[at - columns]! + pixels[at + columns]! - centre;
        const xy =
          (pixels[at - columns - 1]! +
            pixels[at + columns + 1]! -
            pixels[at - columns + 1]! -
            pixels[at + columns - 1]!) /
          4;
        const half = (xx + yy) / 2;
        const root = Math.sqrt(((xx - yy) / 2) ** 2 + xy * xy);
        const across = -(half - root);
        const along = Math.abs(half + root);
        const response = square * (across - along);
        if (response > strength[at]!) {
          strength[at] = response;
          scale[at] = index;
        }
      }
    }
  });
  return { strength, scale };
}
