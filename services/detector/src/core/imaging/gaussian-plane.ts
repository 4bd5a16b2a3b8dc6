import { kernels } from './kernels.js';
import type { GreyImage } from './resample-image.js';

const FLOAT_BYTES = 4;

/**
 * Gaussian blur in WebAssembly; beyond the edge the nearest pixel counts.
 *
 * @param reachSigmas standard deviations the kernel reaches to either side
 */
export function blurPlane(image: GreyImage, sigmaPx: number, reachSigmas = 3): GreyImage {
  const { columns, rows, pixels } = image;
  const radius = Math.max(1, Math.round(reachSigmas * sigmaPx));
  const weights = gaussianWeights(sigmaPx, radius);
  const wasm = kernels();
  const [first, second, weightsAt] = wasm.layOut([pixels.byteLength, pixels.byteLength, weights.byteLength]);
  const floats = new Float32Array(wasm.memory.buffer);
  floats.set(pixels, first! / FLOAT_BYTES);
  floats.set(weights, weightsAt! / FLOAT_BYTES);
  wasm.smoothX(first!, second!, weightsAt!, radius, columns, rows, 1);
  wasm.smoothY(second!, first!, weightsAt!, radius, columns, rows, 1);
  return { columns, rows, pixels: floats.slice(first! / FLOAT_BYTES, first! / FLOAT_BYTES + pixels.length) };
}

/** The radius + 1 weights of a symmetric kernel that add up to 1, centre first. */
function gaussianWeights(sigmaPx: number, radius: number): Float32Array {
  const raw = Array.from({ length: radius + 1 }, (_, n) => Math.exp((-n * n) / (2 * sigmaPx * sigmaPx)));
  const total = raw.reduce((sum, weight, n) => sum + (n === 0 ? weight : 2 * weight), 0);
  return Float32Array.from(raw, (weight) => weight / total);
}
