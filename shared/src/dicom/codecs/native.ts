import { PixelDecodeError } from '../pixel-error.js';
import { frameByteLength } from '../pixel-format.js';
import { describeAttribute } from '../tag.js';
import type { Codec, DecodedSamples } from './codec.js';

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Uncompressed pixels of either byte order. The samples are a copy, so the file's bytes can be let go. */
export const decodeNative: Codec = async (bytes, format, littleEndian) => {
  const expected = frameByteLength(format);
  if (bytes.length < expected) {
    throw new PixelDecodeError(describeAttribute('PixelData'), `${expected} bytes a frame`, `${bytes.length} bytes`);
  }
  const copy = new Uint8Array(bytes.subarray(0, expected));
  if (format.bitsAllocated > 8 && littleEndian !== HOST_IS_LITTLE_ENDIAN) swap(copy, format.bitsAllocated / 8);
  return {
    samples: viewSamples(copy, format.bitsAllocated, format.signed),
    columns: format.columns,
    rows: format.rows,
    samplesPerPixel: format.samplesPerPixel,
    convertedToRgb: false,
    planar: format.planar,
  };
};

/** A typed view of host-endian sample bytes; the buffer must begin at the first sample. */
export function viewSamples(bytes: Uint8Array, bits: 8 | 16 | 32, signed: boolean): DecodedSamples['samples'] {
  const { buffer, byteOffset, length } = bytes;
  if (bits === 8) return signed ? new Int8Array(buffer, byteOffset, length) : bytes;
  if (bits === 16) {
    return signed ? new Int16Array(buffer, byteOffset, length / 2) : new Uint16Array(buffer, byteOffset, length / 2);
  }
  return signed ? new Int32Array(buffer, byteOffset, length / 4) : new Uint32Array(buffer, byteOffset, length / 4);
}

function swap(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (size === 2) buffer.swap16();
  else buffer.swap32();
}
