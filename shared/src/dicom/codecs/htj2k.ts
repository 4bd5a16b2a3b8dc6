import type { Codec } from './codec.js';
import { emscriptenDecoder } from './emscripten-decoder.js';

/** High-throughput JPEG 2000, by OpenJPH. */
export const decodeHtj2k: Codec = emscriptenDecoder(
  'HTJ2K',
  async () => (await import('@cornerstonejs/codec-openjph/wasmjs')).default,
  'HTJ2KDecoder',
);
