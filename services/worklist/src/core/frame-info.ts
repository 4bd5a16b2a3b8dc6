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
  /** Letters at the left and the upper edge, such as "R" and "A"; null when unknown. */
  edges: { left: string; top: string } | null;
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
      edges: edgesOf(dataset),
    },
    pixels: pixels.buffer as ArrayBuffer,
  };
}

/** [row spacing, column spacing]. Source: PS3.3 10.7.1.3. */
function spacingOf(dataset: Dataset): number[] {
  const pixel = dataset.numbers('PixelSpacing');
  return pixel.length === 2 ? pixel : dataset.numbers('ImagerPixelSpacing');
}

/** Letters of the patient's axes, the positive direction first. Source: PS3.3 C.7.6.1.1.1. */
const AXES = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
] as const;
const OPPOSITE: Readonly<Record<string, string>> = { L: 'R', R: 'L', P: 'A', A: 'P', H: 'F', F: 'H' };

function edgesOf(dataset: Dataset): FrameInfo['edges'] {
  const [toTheRight, down] = directionsOf(dataset);
  if (!toTheRight || !down) return null;
  return { left: oppositeOf(toTheRight), top: oppositeOf(down) };
}

/** Where a row runs to and where a column runs to. */
function directionsOf(dataset: Dataset): (string | undefined)[] {
  const cosines = dataset.numbers('ImageOrientationPatient');
  if (cosines.length !== 6) return dataset.strings('PatientOrientation');
  return [cosines.slice(0, 3), cosines.slice(3)].map((direction) => {
    const main = direction.map(Math.abs).indexOf(Math.max(...direction.map(Math.abs)));
    return AXES[main]?.[(direction[main] ?? 0) > 0 ? 0 : 1];
  });
}

function oppositeOf(direction: string): string {
  return [...direction].map((letter) => OPPOSITE[letter] ?? '').join('');
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
