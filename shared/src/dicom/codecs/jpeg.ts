import type { Codec } from './codec.js';
import { checkCodestream } from './codestream-header.js';
import { emscriptenDecoder } from './emscripten-decoder.js';
import { decodeExtended } from './jpeg-extended.js';

const decodeEightBits = emscriptenDecoder({
  family: 'JPEG',
  load: async () => (await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs')).default,
  decoderName: 'JPEGDecoder',
  makesRgb: ({ samplesPerPixel }) => samplesPerPixel === 3,
});

/** Precision of the samples libjpeg-turbo is built for here. */
const TURBO_BITS = 8;

/**
 * JPEG baseline, and extended of 8 bits, by libjpeg-turbo, which makes RGB of YBR; extended of 12 bits by our own decoder.
 *
 * @throws UnsupportedTransferSyntaxError for 12-bit colour and processes DICOM has retired
 */
export const decodeJpeg: Codec = async (compressed, format) => {
  const { precision } = checkCodestream(compressed, format, 'JPEG frame');
  return precision === TURBO_BITS ? decodeEightBits(compressed, format) : decodeExtended(compressed, format);
};
