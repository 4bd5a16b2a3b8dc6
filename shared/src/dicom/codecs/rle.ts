import { PixelDecodeError } from '../pixel-error.js';
import type { Codec } from './codec.js';
import { viewSamples } from './native.js';

const HEADER_BYTES = 64;
const MAX_SEGMENTS = 15;
/** Two bytes make a run of at most 128. */
const MOST_EXPANSION = 64;

/** RLE Lossless: one byte plane a segment, most significant byte first. Source: PS3.5 annex G. */
export const decodeRle: Codec = async (bytes, format) => {
  const pixels = format.rows * format.columns;
  const bytesPerSample = format.bitsAllocated / 8;
  const expectedSegments = format.samplesPerPixel * bytesPerSample;
  if (bytes.length < HEADER_BYTES) throw new PixelDecodeError('RLE frame', 'a header of 64 bytes', `${bytes.length}`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const segments = header.getUint32(0, true);
  if (segments !== expectedSegments || segments > MAX_SEGMENTS) {
    throw new PixelDecodeError('RLE frame', `${expectedSegments} segments`, `${segments}`);
  }
  if (bytes.length * MOST_EXPANSION < pixels * expectedSegments) {
    throw new PixelDecodeError('RLE frame', `bytes for ${pixels} pixels`, `${bytes.length} bytes`);
  }
  const out = new Uint8Array(pixels * expectedSegments);
  for (let segment = 0; segment < segments; segment++) {
    const start = header.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < segments ? header.getUint32(8 + 4 * segment, true) : bytes.length;
    if (start < HEADER_BYTES || end < start || end > bytes.length) {
      throw new PixelDecodeError('RLE frame', 'segment offsets that rise within the frame', `${start} to ${end}`);
    }
    const sample = Math.floor(segment / bytesPerSample);
    const significance = bytesPerSample - 1 - (segment % bytesPerSample);
    const first = sample * bytesPerSample + significance;
    unpackSegment(bytes, start, end, out, first, expectedSegments, pixels);
  }
  return {
    samples: viewSamples(out, format.bitsAllocated, format.signed),
    columns: format.columns,
    rows: format.rows,
    samplesPerPixel: format.samplesPerPixel,
    convertedToRgb: false,
    planar: false,
  };
};

/** PackBits into every `stride`-th byte of `out`, little endian sample order. */
function unpackSegment(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  first: number,
  stride: number,
  pixels: number,
): void {
  let at = start;
  let to = first;
  const stop = first + pixels * stride;
  while (to < stop && at < end) {
    const control = bytes[at++]!;
    if (control < 128) {
      const last = Math.min(at + control + 1, end);
      for (; at < last && to < stop; to += stride) out[to] = bytes[at++]!;
    } else if (control > 128) {
      const value = bytes[at++]!;
      for (let n = 257 - control; n > 0 && to < stop; n--, to += stride) out[to] = value;
    }
  }
  if (to < stop) {
    throw new PixelDecodeError('RLE frame', `${pixels} bytes in a segment`, `${Math.floor((to - first) / stride)}`);
  }
}
