import type { Codec, DecodedSamples } from './codecs/codec.js';
import { CODECS } from './codecs/registry.js';
import { encapsulatedFrame } from './encapsulated-frames.js';
import type { DicomFile, PixelDataElement } from './part10.js';
import { PixelDecodeError, UnsupportedTransferSyntaxError } from './pixel-error.js';
import { frameByteLength, type PixelFormat, readPixelFormat } from './pixel-format.js';
import { DicomReadError } from './read-error.js';
import { describeAttribute } from './tag.js';

const PIXEL_DATA = describeAttribute('PixelData');

/**
 * The stored values of one frame: sign-extended, bits beyond Bits Stored (old overlays) masked off, samples
 * interleaved. Sample s of pixel (column i, row j) is at `(j * columns + i) * samplesPerPixel + s`.
 */
export interface PixelFrame {
  readonly columns: number;
  readonly rows: number;
  readonly samplesPerPixel: number;
  readonly pixels: Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;
  readonly bitsStored: number;
  readonly signed: boolean;
  /** "RGB" where a codec has converted; else what the file says. */
  readonly photometricInterpretation: string;
}

/** Frames in the image, 1 where it does not say. */
export function frameCount(file: DicomFile): number {
  return readPixelFormat(file.dataset).frames;
}

/**
 * Decodes one frame.
 *
 * @param frameIndex from 0
 * @throws DicomReadError when the image attributes are missing or impossible
 * @throws UnsupportedTransferSyntaxError without a decoder
 * @throws PixelDecodeError when the pixels are not what the header says
 */
export async function decodeFrame(file: DicomFile, frameIndex: number): Promise<PixelFrame> {
  const format = readPixelFormat(file.dataset);
  if (!Number.isInteger(frameIndex) || frameIndex < 0 || frameIndex >= format.frames) {
    throw new RangeError(`frameIndex: expected 0 to ${format.frames - 1}; received ${frameIndex}`);
  }
  const codec = codecOf(file);
  const decoded = await codec(frameBytes(file, format, frameIndex), format, file.transferSyntax.littleEndian);
  const interleaved = inSignOf(decoded.planar ? interleave(decoded) : decoded.samples, format.signed);
  return {
    columns: decoded.columns,
    rows: decoded.rows,
    samplesPerPixel: decoded.samplesPerPixel,
    pixels: extractStoredBits(interleaved, format),
    bitsStored: format.bitsStored,
    signed: format.signed,
    photometricInterpretation: decoded.convertedToRgb ? 'RGB' : format.photometricInterpretation,
  };
}

function codecOf(file: DicomFile): Codec {
  const { codec, name } = file.transferSyntax;
  if (file.pixelData === null) {
    throw new DicomReadError('missing-attribute', 'an image', 'no pixel data', describeAttribute('PixelData'));
  }
  if (file.pixelData.keyword !== 'PixelData') {
    throw new PixelDecodeError('pixel data', 'integer pixels', 'floating point pixels');
  }
  if (codec === null) throw new UnsupportedTransferSyntaxError(file.transferSyntaxUid, name);
  return CODECS[codec];
}

function frameBytes(file: DicomFile, format: PixelFormat, frameIndex: number): Uint8Array {
  const element = file.pixelData!;
  if (file.transferSyntax.encapsulated) {
    return encapsulatedFrame(element, frameIndex, format.frames, extendedOffsets(file));
  }
  if (element.encapsulated) {
    throw new PixelDecodeError(PIXEL_DATA, `pixels of ${file.transferSyntax.name}`, 'compressed fragments');
  }
  if (format.photometricInterpretation === 'YBR_FULL_422') {
    throw new PixelDecodeError(PIXEL_DATA, 'a value for each sample', 'uncompressed YBR_FULL_422 colour');
  }
  const length = frameByteLength(format);
  const start = frameIndex * length;
  const present = Math.min(element.byteLength, element.bytes.length - element.offset);
  if (format.frames * length > present) {
    throw new PixelDecodeError(PIXEL_DATA, `${format.frames} frames of ${length} bytes`, `${present} bytes`);
  }
  const isSwapped = format.bitsAllocated === 8 && element.inWords && !file.transferSyntax.littleEndian;
  if (isSwapped) return unswapPairs(element, start, length);
  return element.bytes.subarray(element.offset + start, element.offset + start + length);
}

/** Bytes out of big endian words. Source: PS3.5 section 7.3. */
function unswapPairs(element: PixelDataElement, start: number, length: number): Uint8Array {
  const first = start - (start % 2);
  const last = start + length + ((start + length) % 2);
  const words = Buffer.from(element.bytes.slice(element.offset + first, element.offset + last));
  if (words.length % 2 === 0) words.swap16();
  return words.subarray(start - first, start - first + length);
}

/** Values of Extended Offset Table: 64-bit, little endian in every encapsulated syntax. */
function extendedOffsets(file: DicomFile): number[] {
  const bytes = file.dataset.bytes('ExtendedOffsetTable');
  if (bytes === undefined) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, index) => Number(view.getBigUint64(index * 8, true)));
}

/** The same bits read with or without sign. A codestream may disagree with Pixel Representation, which decides. */
function inSignOf(samples: DecodedSamples['samples'], signed: boolean): DecodedSamples['samples'] {
  const { buffer, byteOffset, length } = samples;
  switch (samples.BYTES_PER_ELEMENT) {
    case 1:
      return signed ? new Int8Array(buffer, byteOffset, length) : new Uint8Array(buffer, byteOffset, length);
    case 2:
      return signed ? new Int16Array(buffer, byteOffset, length) : new Uint16Array(buffer, byteOffset, length);
    default:
      return signed ? new Int32Array(buffer, byteOffset, length) : new Uint32Array(buffer, byteOffset, length);
  }
}

function interleave(decoded: DecodedSamples): DecodedSamples['samples'] {
  const { samples, samplesPerPixel } = decoded;
  const pixels = decoded.rows * decoded.columns;
  const out = samples.slice();
  for (let s = 0; s < samplesPerPixel; s++) {
    for (let p = 0; p < pixels; p++) out[p * samplesPerPixel + s] = samples[s * pixels + p]!;
  }
  return out;
}

/**
 * Keeps the stored bits of each sample, in place: shifts High Bit down, masks or sign-extends.
 * Source: PS3.5 section 8.1.1.
 */
function extractStoredBits(samples: PixelFrame['pixels'], format: PixelFormat): PixelFrame['pixels'] {
  const width = samples.BYTES_PER_ELEMENT * 8;
  const shift = format.highBit + 1 - format.bitsStored;
  if ((format.bitsStored >= width && shift === 0) || format.bitsStored === 32) return samples;
  const up = 32 - Math.min(format.bitsStored, width);
  if (format.signed) {
    for (let i = 0; i < samples.length; i++) samples[i] = ((samples[i]! >> shift) << up) >> up;
  } else {
    const mask = 0xffffffff >>> up;
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i]! >> shift) & mask;
  }
  return samples;
}
