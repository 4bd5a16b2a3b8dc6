import type { Codec } from './codec.js';
import { emscriptenDecoder } from './emscripten-decoder.js';

/** JPEG 2000, by OpenJPEG. */
export const decodeJpeg2000: Codec = emscriptenDecoder(
  'JPEG 2000',
  async () => (await import('@cornerstonejs/codec-openjpeg/decodewasmjs')).default,
  'J2KDecoder',
);
