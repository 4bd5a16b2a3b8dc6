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
  const dataEnd = endOfData(compressed);
  const decoder = new Decoder();
  let decoded: Uint8Array | Uint16Array;
  try {
    const padded = padAfter(compressed, dataEnd);
    decoded = decoder.decode(padded.buffer, 0, padded.byteLength, bits / 8);
  } catch (cause) {
    throw new PixelDecodeError('JPEG lossless frame', 'a valid codestream', 'one the decoder refuses', { cause });
  }
  // Where the data ends early the library leaves the rest black, or decodes on from bytes that are not there.
  const readTo = decoder.stream?.index ?? 0;
  if (decoder.yLoc < format.rows || readTo > dataEnd + READ_AHEAD_BYTES * format.samplesPerPixel) {
    throw new PixelDecodeError('JPEG lossless frame', `data of ${format.rows} rows`, 'data that ends before');
  }
  return {
    samples: viewSamples(new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength), bits, format.signed),
    columns: format.columns,
    rows: format.rows,
    samplesPerPixel: format.samplesPerPixel,
    convertedToRgb: false,
    planar: false,
  };
};

/** More bits than any code has, so that reading ahead of the last one stays within them. */
const PADDING_BYTES = 24;
/** The library decodes one pixel more than there are: a code and a difference of at most 16 bits each, and looks ahead. */
const READ_AHEAD_BYTES = 6;

/** Offset of the EOI marker, or the length without one. */
function endOfData(compressed: Uint8Array): number {
  for (let end = compressed.length; end >= 2; end--) {
    if (compressed[end - 2] === 0xff && compressed[end - 1] === 0xd9) return end - 2;
  }
  return compressed.length;
}

/**
 * Copies a codestream with zero bits before its EOI marker. The library reads ahead, and where it meets the marker while
 * decoding the very last sample it drops that sample.
 */
function padAfter(compressed: Uint8Array, dataEnd: number): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(dataEnd + PADDING_BYTES + 2);
  padded.set(compressed.subarray(0, dataEnd));
  padded.set([0xff, 0xd9], dataEnd + PADDING_BYTES);
  return padded;
}
