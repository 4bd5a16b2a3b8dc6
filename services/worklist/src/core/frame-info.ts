import type { Dataset } from '@pce/shared/dicom/dataset';
import { fittingRange, type GreyDisplay, oncePerValue, readGreyDisplay } from '@pce/shared/dicom/grey-display';
import type { LookupTable } from '@pce/shared/dicom/lookup-table';
import type { PixelFrame } from '@pce/shared/dicom/pixel-data';
import { applyVoiLut } from '@pce/shared/dicom/voi-lut';

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
  /** The image's own window, or one that holds nearly all of its values, or all that its VOI LUT gives. */
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
const INT16 = { least: -32768, most: 32767 };
const UINT16_MOST = 65_535;
/** The largest output of a VOI LUT as it is sent: a grey step of the screen is 16 of its own. [design] */
const SHOWN_MOST = 4095;

/** A frame as words and what they mean. */
export function describeFrame(frame: PixelFrame, dataset: Dataset): { info: FrameInfo; pixels: ArrayBuffer } {
  const [row, column] = spacingOf(dataset);
  const { pixels, ...shown } = frame.samplesPerPixel > 1 ? asColour(frame) : asGrey(frame, dataset);
  return {
    info: {
      columns: frame.columns,
      rows: frame.rows,
      ...shown,
      pixelSpacingMm: row !== undefined && column !== undefined && row > 0 && column > 0 ? [column, row] : null,
      isDetectorPlane: dataset.numbers('PixelSpacing').length !== 2,
      edges: edgesOf(dataset),
    },
    pixels: pixels.buffer as ArrayBuffer,
  };
}

/** The part of a frame's description that goes with its words. */
interface ShownPixels
  extends Pick<FrameInfo, 'samples' | 'slope' | 'intercept' | 'isInverted' | 'windowCentre' | 'windowWidth'> {
  pixels: Int16Array | Uint16Array | Uint8Array;
}

function asColour(frame: PixelFrame): ShownPixels {
  return { ...asRgba(frame), slope: 1, intercept: 0, isInverted: false, windowCentre: 127.5, windowWidth: 255 };
}

/**
 * A window is the page's to apply; what only a table or a curve says is done here, and the window then spans its
 * output. But a CT stays in Hounsfield units, which presets need: there a window takes the place of the table.
 */
function asGrey(frame: PixelFrame, dataset: Dataset): ShownPixels {
  const display = readGreyDisplay(dataset, frame.photometricInterpretation);
  const { voi, isInverted, linear } = display;
  const isCurve = voi !== null && (voi.kind === 'table' || voi.shape === 'SIGMOID');
  if (isCurve && dataset.string('Modality') !== 'CT') {
    const toShown = (stored: number) => Math.round(applyVoiLut(voi, display.toValue(stored)) * SHOWN_MOST);
    const window = { windowCentre: SHOWN_MOST / 2, windowWidth: SHOWN_MOST };
    return { ...mapped(frame, toShown), slope: 1, intercept: 0, isInverted, ...window };
  }
  const window = windowOf(frame, dataset, display);
  if (linear) return { ...asWords(frame), ...linear, isInverted, ...window };
  return { ...mapped(frame, display.toValue), slope: 1, intercept: 0, isInverted, ...window };
}

/** Other words for the same pixels. */
function mapped(frame: PixelFrame, toWord: (stored: number) => number) {
  return asWords({ pixels: Int32Array.from(frame.pixels, oncePerValue(toWord)) });
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

function asWords({ pixels }: Pick<PixelFrame, 'pixels'>): {
  samples: 'int16' | 'uint16';
  pixels: Int16Array | Uint16Array;
} {
  const [least, most] = extremes(pixels);
  if (least >= 0 && most > INT16.most) return { samples: 'uint16', pixels: Uint16Array.from(pixels, atMostUint16) };
  // Wider values are rare and lose what no screen shows.
  const words = new Int16Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 1) {
    words[at] = Math.min(INT16.most, Math.max(INT16.least, pixels[at] as number));
  }
  return { samples: 'int16', pixels: words };
}

function atMostUint16(value: number): number {
  return Math.min(UINT16_MOST, value);
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

function windowOf(frame: PixelFrame, dataset: Dataset, display: GreyDisplay) {
  const { voi } = display;
  if (voi?.kind === 'window') return { windowCentre: voi.center, windowWidth: Math.max(1, voi.width) };
  const { low, high } = voi ? risingPart(voi.table) : fittingRange(frame, dataset, display, CLIPPED_FRACTION);
  return { windowCentre: (low + high) / 2, windowWidth: Math.max(1, high - low) };
}

/** The inputs of a table between its flat ends. */
function risingPart({ firstInput, values }: LookupTable): { low: number; high: number } {
  const first = values.findIndex((value) => value !== values[0]);
  const last = values.findLastIndex((value) => value !== values.at(-1));
  return { low: firstInput + Math.max(0, first - 1), high: firstInput + Math.max(0, last + 1) };
}
