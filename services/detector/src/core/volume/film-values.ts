import type { Dataset } from '@pce/shared/dicom/dataset';
import { lookUp } from '@pce/shared/dicom/lookup-table';
import { readModalityLut } from '@pce/shared/dicom/modality-lut';
import type { PixelFrame } from '@pce/shared/dicom/pixel-data';
import { readPadding } from '@pce/shared/dicom/stored-padding';
import { applyVoiLut, readVoiLut, type VoiLut } from '@pce/shared/dicom/voi-lut';
import { FILM } from '../parameters.js';

/** The values of a film, dense bright, in 0..1. */
export interface FilmValues {
  readonly pixels: Float32Array;
  readonly remarks: readonly string[];
}

const WORD_VALUES = 65_536;

/** What the stored values mean, before they are displayed. */
type Exposure =
  /** Display values: higher is brighter but for MONOCHROME1. */
  | { readonly kind: 'display'; readonly denseIsLow: boolean }
  /** Detector signal of an image for processing; linear signal is taken to its logarithm. */
  | { readonly kind: 'signal'; readonly isLinear: boolean; readonly denseIsLow: boolean };

/**
 * Stored values of a film to 0..1 with dense bright: modality LUT, VOI LUT, then inversion where low is white.
 *
 * The result is spread over the range present, without its outermost outliers, so that the same exposure gives the
 * same values however it was stored. Padding becomes 0.
 *
 * @param frame one grey sample per pixel, at most 16 bits
 */
export function filmValues(dataset: Dataset, frame: PixelFrame): FilmValues {
  const counts = countWords(frame, dataset);
  const modality = readModalityLut(dataset);
  const exposure = describeExposure(dataset);
  const toValue = (word: number) => {
    const stored = frame.signed && word >= WORD_VALUES / 2 ? word - WORD_VALUES : word;
    const value =
      modality.kind === 'table' ? lookUp(modality.table, stored) : stored * modality.slope + modality.intercept;
    return exposure.kind === 'signal' && exposure.isLinear ? Math.log(Math.max(value, 1)) : value;
  };
  const present = presentValues(counts, toValue);
  const { voi, remarks } = exposure.kind === 'signal' ? NO_VOI : believableVoi(readVoiLut(dataset), present, exposure);
  const shown = present.map(({ word, value, count }) => ({
    word,
    count,
    value: voi ? applyVoiLut(voi, value) : value,
  }));
  const table = spread(shown, exposure.denseIsLow);
  const pixels = new Float32Array(frame.pixels.length);
  for (let at = 0; at < pixels.length; at++) pixels[at] = table[frame.pixels[at]! & 0xffff]!;
  return { pixels, remarks };
}

const NO_VOI = { voi: null, remarks: [] as string[] };

function describeExposure(dataset: Dataset): Exposure {
  const relationship = dataset.string('PixelIntensityRelationship');
  const sign = dataset.number('PixelIntensityRelationshipSign');
  const isLow = dataset.string('PhotometricInterpretation') === 'MONOCHROME1';
  if (dataset.string('PresentationIntentType') !== 'FOR PROCESSING') return { kind: 'display', denseIsLow: isLow };
  // Sign 1: a higher value is a higher X-ray intensity, so dense is low. Source: PS3.3 C.8.11.3.1.2.
  const denseIsLow = sign === undefined ? isLow : sign === 1;
  return { kind: 'signal', isLinear: relationship === 'LIN', denseIsLow };
}

/** How often each stored 16-bit word occurs, padding left out. */
function countWords(frame: PixelFrame, dataset: Dataset): Uint32Array {
  const counts = new Uint32Array(WORD_VALUES);
  for (let at = 0; at < frame.pixels.length; at++) counts[frame.pixels[at]! & 0xffff]! += 1;
  const padding = readPadding(dataset, frame.signed, frame.bitsStored);
  if (padding !== null) {
    for (let stored = padding.from; stored <= padding.to; stored++) counts[stored & 0xffff] = 0;
  }
  return counts;
}

interface PresentValue {
  readonly word: number;
  readonly value: number;
  readonly count: number;
}

/** The values that occur, in rising order. */
function presentValues(counts: Uint32Array, toValue: (word: number) => number): PresentValue[] {
  const present: PresentValue[] = [];
  counts.forEach((count, word) => {
    if (count > 0) present.push({ word, value: toValue(word), count });
  });
  return present.sort((a, b) => a.value - b.value);
}

/** A window that would hide much of the dense end, or nearly everything, was not meant for this image. */
function believableVoi(voi: VoiLut | null, present: readonly PresentValue[], { denseIsLow }: Exposure) {
  if (voi === null || voi.kind === 'table' || voi.shape === 'SIGMOID') return { voi, remarks: [] as string[] };
  const [low, high] = rangeOf(present);
  const denseEnd = denseIsLow ? voi.center - voi.width / 2 : voi.center + voi.width / 2;
  const total = present.reduce((sum, { count }) => sum + count, 0);
  const clipped = present.reduce(
    (sum, { value, count }) => ((denseIsLow ? value < denseEnd : value > denseEnd) ? sum + count : sum),
    0,
  );
  const isTooNarrow = voi.width < FILM.minWindowFraction * (high - low);
  if (!isTooNarrow && clipped <= FILM.maxClippedDenseFraction * total) return { voi, remarks: [] as string[] };
  return { voi: null, remarks: ['The window stored with the image does not fit its values and was not used.'] };
}

/** Lowest and highest value but for the outermost outliers. */
function rangeOf(sorted: readonly PresentValue[]): [number, number] {
  const cut = FILM.outlierFraction * sorted.reduce((sum, { count }) => sum + count, 0);
  return [firstBeyond(sorted, cut), firstBeyond([...sorted].reverse(), cut)];
}

/** The first value before which, itself included, more than `cut` pixels lie. */
function firstBeyond(values: readonly PresentValue[], cut: number): number {
  let passed = 0;
  for (const { value, count } of values) {
    passed += count;
    if (passed > cut) return value;
  }
  return 0;
}

/** The value in 0..1 of each stored word; 0 for words that do not occur. */
function spread(shown: readonly PresentValue[], denseIsLow: boolean): Float32Array {
  const table = new Float32Array(WORD_VALUES);
  const [low, high] = rangeOf([...shown].sort((a, b) => a.value - b.value));
  const range = high > low ? high - low : 1;
  for (const { word, value } of shown) {
    const position = Math.min(Math.max((value - low) / range, 0), 1);
    table[word] = denseIsLow ? 1 - position : position;
  }
  return table;
}
