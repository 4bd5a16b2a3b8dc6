import type { Codec } from './codec.js';
import { emscriptenDecoder } from './emscripten-decoder.js';

/** JPEG-LS lossless and near-lossless, by CharLS. */
export const decodeJpegLs: Codec = emscriptenDecoder({
  family: 'JPEG-LS',
  load: async () => (await import('@cornerstonejs/codec-charls/decodewasmjs')).default,
  decoderName: 'JpegLSDecoder',
  makesRgb: () => false,
});
