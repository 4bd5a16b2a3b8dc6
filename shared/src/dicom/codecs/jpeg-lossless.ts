import { Decoder } from 'jpeg-lossless-decoder-js';
import { PixelDecodeError } from '../pixel-error.js';
import type { Codec } from './codec.js';
import { checkCodestream } from './codestream-header.js';
import { viewSamples } from './native.js';

/** Start of frame of the lossless sequential process. Source: ITU-T T.81 table B.1. */
const SOF3 = 0xc3;

/** JPEG lossless, all predictors (process 14 and its first-order selection). */
export const decodeJpegLossless: Codec = async (compressed, format) => {
  const { frameMarker, precision } = checkCodestream(compressed, format, 'JPEG lossless frame');
  if (frameMarker !== SOF3) {
    throw new PixelDecodeError('JPEG lossless frame', 'a lossless JPEG codestream', 'another JPEG process');
  }
  const bits = precision <= 8 ? 8 : 16;
  try {
    const buffer = compressed.buffer as ArrayBuffer;
    const decoded = new Decoder().decode(buffer, compressed.byteOffset, compressed.byteLength, bits / 8);
    return {
      samples: viewSamples(new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength), bits, format.signed),
      columns: format.columns,
      rows: format.rows,
      samplesPerPixel: format.samplesPerPixel,
      convertedToRgb: false,
      planar: false,
    };
  } catch (cause) {
    throw new PixelDecodeError('JPEG lossless frame', 'a valid codestream', 'one the decoder refuses', { cause });
  }
};
