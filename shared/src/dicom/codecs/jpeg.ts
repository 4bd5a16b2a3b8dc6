import { UnsupportedTransferSyntaxError } from '../pixel-error.js';
import type { Codec } from './codec.js';
import { checkCodestream } from './codestream-header.js';
import { emscriptenDecoder } from './emscripten-decoder.js';

const decodeEightBits = emscriptenDecoder({
  family: 'JPEG',
  load: async () => (await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs')).default,
  decoderName: 'JPEGDecoder',
  makesRgb: ({ samplesPerPixel }) => samplesPerPixel === 3,
});

const JPEG_EXTENDED = '1.2.840.10008.1.2.4.51';
/** Precision of the samples libjpeg-turbo is built for here. */
const DECODABLE_BITS = 8;

/**
 * JPEG baseline, and extended of 8 bits, by libjpeg-turbo, which makes RGB of YBR.
 *
 * @throws UnsupportedTransferSyntaxError for 12-bit samples, which no npm decoder reads
 */
export const decodeJpeg: Codec = async (compressed, format) => {
  const { precision } = checkCodestream(compressed, format, 'JPEG frame');
  if (precision === DECODABLE_BITS) return decodeEightBits(compressed, format);
  throw new UnsupportedTransferSyntaxError(JPEG_EXTENDED, `JPEG with ${precision}-bit samples`);
};
