import type { PixelFormat } from '../pixel-format.js';
import type { Codec } from './codec.js';
import { emscriptenDecoder } from './emscripten-decoder.js';

/** The codestream's own colour transform, which every decoder undoes. Source: PS3.3 C.7.6.3.1.2. */
export const hasComponentTransform = ({ photometricInterpretation }: PixelFormat): boolean =>
  photometricInterpretation === 'YBR_RCT' || photometricInterpretation === 'YBR_ICT';

/** JPEG 2000, by OpenJPEG. */
export const decodeJpeg2000: Codec = emscriptenDecoder({
  family: 'JPEG 2000',
  load: async () => (await import('@cornerstonejs/codec-openjpeg/decodewasmjs')).default,
  decoderName: 'J2KDecoder',
  makesRgb: hasComponentTransform,
});
