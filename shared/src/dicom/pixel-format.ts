import type { Dataset } from './dataset.js';
import { DicomReadError } from './read-error.js';
import { describeAttribute, type Keyword } from './tag.js';

/** How the pixels of an image are stored. Source: PS3.3 C.7.6.3. */
export interface PixelFormat {
  readonly columns: number;
  readonly rows: number;
  readonly frames: number;
  readonly samplesPerPixel: number;
  readonly photometricInterpretation: string;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** Samples come plane by plane instead of pixel by pixel. */
  readonly planar: boolean;
}

/** Largest side of an image we decode, pixels: larger than any detector made. [design] */
const MAX_SIDE = 32768;
/** Largest frame we decode, bytes: a stitched film of the whole spine takes 160 MB. [design] */
const MAX_FRAME_BYTES = 512 * 1024 * 1024;
/** Most frames in one instance. [design] */
const MAX_FRAMES = 100_000;

/**
 * Reads and checks the Image Pixel attributes.
 *
 * @throws DicomReadError naming the attribute that is missing or cannot be
 */
export function readPixelFormat(dataset: Dataset): PixelFormat {
  const rows = required(dataset, 'Rows', 1, MAX_SIDE);
  const columns = required(dataset, 'Columns', 1, MAX_SIDE);
  const frames = dataset.has('NumberOfFrames') ? Math.max(1, optional(dataset, 'NumberOfFrames', 0, MAX_FRAMES, 1)) : 1;
  const samplesPerPixel = optional(dataset, 'SamplesPerPixel', 1, 4, 1);
  const bitsAllocated = required(dataset, 'BitsAllocated', 1, 64);
  if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) {
    throw invalid('BitsAllocated', '8, 16 or 32', bitsAllocated);
  }
  const bitsStored = optional(dataset, 'BitsStored', 1, bitsAllocated, bitsAllocated);
  const frameBytes = rows * columns * samplesPerPixel * (bitsAllocated / 8);
  if (frameBytes > MAX_FRAME_BYTES) throw invalid('Rows', `frames of at most ${MAX_FRAME_BYTES} bytes`, frameBytes);
  return {
    columns,
    rows,
    frames,
    samplesPerPixel,
    photometricInterpretation:
      dataset.string('PhotometricInterpretation') ?? (samplesPerPixel === 1 ? 'MONOCHROME2' : 'RGB'),
    bitsAllocated,
    bitsStored,
    highBit: optional(dataset, 'HighBit', bitsStored - 1, bitsAllocated - 1, bitsStored - 1),
    signed: optional(dataset, 'PixelRepresentation', 0, 1, 0) === 1,
    planar: optional(dataset, 'PlanarConfiguration', 0, 1, 0) === 1,
  };
}

/** Bytes of one uncompressed frame. */
export function frameByteLength(format: PixelFormat): number {
  return format.rows * format.columns * format.samplesPerPixel * (format.bitsAllocated / 8);
}

function required(dataset: Dataset, keyword: Keyword, low: number, high: number): number {
  if (dataset.number(keyword) === undefined) {
    throw new DicomReadError('missing-attribute', 'a value', 'none', describeAttribute(keyword));
  }
  return optional(dataset, keyword, low, high, low);
}

function optional(dataset: Dataset, keyword: Keyword, low: number, high: number, fallback: number): number {
  const value = dataset.number(keyword);
  if (value === undefined) return fallback;
  if (!Number.isInteger(value) || value < low || value > high) throw invalid(keyword, `${low} to ${high}`, value);
  return value;
}

function invalid(keyword: Keyword, expected: string, received: number): DicomReadError {
  return new DicomReadError('invalid-attribute', expected, String(received), describeAttribute(keyword));
}
