import type { Codec } from './codec.js';
import { emscriptenDecoder } from './emscripten-decoder.js';
import { hasComponentTransform } from './jpeg-2000.js';

/** High-throughput JPEG 2000, by OpenJPH. */
export const decodeHtj2k: Codec = emscriptenDecoder({
  family: 'HTJ2K',
  load: async () => (await import('@cornerstonejs/codec-openjph/wasmjs')).default,
  decoderName: 'HTJ2KDecoder',
  makesRgb: hasComponentTransform,
});
