import type { Dataset } from '@pce/shared/dicom/dataset';
import type { PixelFrame } from '@pce/shared/dicom/pixel-data';

/** What a page needs besides the pixels to draw and measure an image. */
export interface FrameInfo {
  columns: number;
  rows: number;
  /** How the pixels come: little endian words, or red, green, blue, opaque. */
  samples: 'int16' | 'uint16' | 'rgba';
  /** Shown value = sample * slope + intercept; Hounsfield units on CT. Source: PS3.3 C.11.1. */
  slope: number;
  intercept: number;
  /** Small values are bright. */
  isInverted: boolean;
  /** The image's own window, or one that holds nearly all of its values. */
  windowCentre: number;
  windowWidth: number;
  /** Between neighbouring pixels along a row and along a column; null when unknown. */
  pixelSpacingMm: [number, number] | null;
  /** Millimetres are those of the detector, not of the patient. */
  isDetectorPlane: boolean;
}

/** Left out at either end when a window is made from values: markers, collimator edges. [design] */
const CLIPPED_FRACTION = 0.005;
/** One value in so many is looked at for that. */
const SAMPLE_STRIDE = 17;
const INT16 = { least: -32768, most: 32767 };

/** A frame as words and what they mean. */
export function describeFrame(frame: PixelFrame, dataset: Dataset): { info: FrameInfo; pixels: ArrayBuffer } {
  const slope = dataset.number('RescaleSlope') || 1;
  const intercept = dataset.number('RescaleIntercept') ?? 0;
  const { samples, pixels } = frame.samplesPerPixel > 1 ? asRgba(frame) : asWords(frame);
  const isGrey = samples !== 'rgba';
  const [row, column] = spacingOf(dataset);
  return {
    info: {
      columns: frame.columns,
      rows: frame.rows,
      samples,
      slope: isGrey ? slope : 1,
      intercept: isGrey ? intercept : 0,
      isInverted: frame.photometricInterpretation === 'MONOCHROME1',
      ...(isGrey ? windowOf(frame, dataset, slope, intercept) : { windowCentre: 127.5, windowWidth: 255 }),
      pixelSpacingMm: row !== undefined && column !== undefined && row > 0 && column > 0 ? [column, row] : null,
      isDetectorPlane: dataset.numbers('PixelSpacing').length !== 2,
    },
    pixels: pixels.buffer as ArrayBuffer,
  };
}

/** [row spacing, column spacing]. Source: PS3.3 10.7.1.3. */
function spacingOf(dataset: Dataset): number[] {
  const pixel = dataset.numbers('PixelSpacing');
  return pixel.length === 2 ? pixel : dataset.numbers('ImagerPixelSpacing');
}

function asWords({ pixels }: PixelFrame): { samples: 'int16' | 'uint16'; pixels: Int16Array | Uint16Array } {
  if (pixels instanceof Uint16Array && Math.max(...extremes(pixels)) > INT16.most) {
    return { samples: 'uint16', pixels: pixels.slice() };
  }
  // Wider values are rare and lose what no screen shows.
  const words = new Int16Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 1) {
    words[at] = Math.min(INT16.most, Math.max(INT16.least, pixels[at] as number));
  }
  return { samples: 'int16', pixels: words };
}

function extremes(values: PixelFrame['pixels']): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

function asRgba({ pixels, samplesPerPixel, bitsStored }: PixelFrame): { samples: 'rgba'; pixels: Uint8Array } {
  const count = pixels.length / samplesPerPixel;
  const shift = Math.max(0, bitsStored - 8);
  const rgba = new Uint8Array(count * 4).fill(255);
  for (let at = 0; at < count; at += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      rgba[at * 4 + channel] = (pixels[at * samplesPerPixel + channel] as number) >> shift;
    }
  }
  return { samples: 'rgba', pixels: rgba };
}

/** Source: PS3.3 C.11.2.1.2. */
function windowOf({ pixels }: PixelFrame, dataset: Dataset, slope: number, intercept: number) {
  const windowCentre = dataset.number('WindowCenter');
  const windowWidth = dataset.number('WindowWidth');
  if (windowCentre !== undefined && windowWidth !== undefined && windowWidth >= 1) return { windowCentre, windowWidth };
  const some = pixels.filter((_, at) => at % SAMPLE_STRIDE === 0).sort();
  const at = (fraction: number) => (some[Math.floor(fraction * (some.length - 1))] ?? 0) * slope + intercept;
  const [low, high] = [at(CLIPPED_FRACTION), at(1 - CLIPPED_FRACTION)];
  return { windowCentre: (low + high) / 2, windowWidth: Math.max(1, Math.abs(high - low)) };
}
