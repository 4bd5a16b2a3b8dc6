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
  const samples = format.rows * format.columns * format.samplesPerPixel;
  if (compressed.length * 8 < samples) {
    throw new PixelDecodeError(
      'JPEG lossless frame',
      `a bit for each of ${samples} samples`,
      `${compressed.length} bytes`,
    );
  }
  const bits = precision <= 8 ? 8 : 16;
  try {
    const padded = padBeforeEnd(compressed);
    const decoded = new Decoder().decode(padded.buffer, 0, padded.byteLength, bits / 8);
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

/** More bits than any code has, so that reading ahead of the last one stays within them. */
const PADDING_BYTES = 16;

/**
 * Copies a codestream with zero bits before its EOI marker. The library reads ahead, and where it meets the marker while
 * decoding the very last sample it drops that sample.
 */
function padBeforeEnd(compressed: Uint8Array): Uint8Array<ArrayBuffer> {
  let end = compressed.length;
  while (end >= 2 && !(compressed[end - 2] === 0xff && compressed[end - 1] === 0xd9)) end -= 1;
  const body = end >= 2 ? end - 2 : compressed.length;
  const padded = new Uint8Array(body + PADDING_BYTES + 2);
  padded.set(compressed.subarray(0, body));
  padded.set([0xff, 0xd9], body + PADDING_BYTES);
  return padded;
}
