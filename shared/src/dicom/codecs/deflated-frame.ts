import { inflateRawSync } from 'node:zlib';
import { PixelDecodeError } from '../pixel-error.js';
import { frameByteLength } from '../pixel-format.js';
import type { Codec } from './codec.js';
import { decodeNative } from './native.js';

/** Each frame deflated on its own. Source: PS3.5 section A.4.13. */
export const decodeDeflatedFrame: Codec = async (compressed, format) => {
  const expected = frameByteLength(format);
  try {
    // One byte more may come out: a frame of odd length is padded.
    const frame = inflateRawSync(compressed, { maxOutputLength: expected + (expected % 2) });
    return await decodeNative(frame, format, true);
  } catch (cause) {
    if (cause instanceof PixelDecodeError) throw cause;
    throw new PixelDecodeError('deflated frame', `${expected} bytes inflated`, 'bytes that do not inflate to them', {
      cause,
    });
  }
};
