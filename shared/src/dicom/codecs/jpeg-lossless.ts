import { PixelDecodeError } from '../pixel-error.js';
import type { PixelFormat } from '../pixel-format.js';
import type { Codec } from './codec.js';
import { checkCodestream } from './codestream-header.js';
import { EntropyReader, type HuffmanTable } from './jpeg-huffman.js';
import { type JpegTables, nextMarker, noTables, readToScan, type ScanHeader } from './jpeg-segments.js';
import { viewSamples } from './native.js';

/** Start of frame of the lossless sequential process, Huffman coding. Source: ITU-T T.81 table B.1. */
const SOF3 = 0xc3;
const NO_SUBSAMPLING = 0x11;
const WHAT = 'JPEG lossless frame';

/**
 * JPEG lossless, all predictors (process 14 and its first-order selection), any number of components and scans.
 *
 * Source: ITU-T T.81 annex H.
 */
export const decodeJpegLossless: Codec = async (compressed, format) => {
  const { frameMarker, precision } = checkCodestream(compressed, format, WHAT);
  if (frameMarker !== SOF3) throw new PixelDecodeError(WHAT, 'a lossless JPEG codestream', 'another JPEG process');
  const count = format.rows * format.columns * format.samplesPerPixel;
  if (compressed.length * 8 < count) {
    throw new PixelDecodeError(WHAT, `a bit for each of ${count} samples`, `${compressed.length} bytes`);
  }
  const samples = decodeScans(compressed, format, precision);
  const stored = precision <= 8 ? Uint8Array.from(samples) : new Uint8Array(samples.buffer);
  return {
    samples: viewSamples(stored, precision <= 8 ? 8 : 16, format.signed),
    columns: format.columns,
    rows: format.rows,
    samplesPerPixel: format.samplesPerPixel,
    convertedToRgb: false,
    planar: false,
  };
};

function decodeScans(compressed: Uint8Array, format: PixelFormat, precision: number): Uint16Array {
  const samples = new Uint16Array(format.rows * format.columns * format.samplesPerPixel);
  const tables = noTables();
  const seen = new Set<number>();
  let at = 0;
  while (seen.size < format.samplesPerPixel) {
    const header = readToScan(compressed, at, tables);
    if (header === null) {
      throw new PixelDecodeError(WHAT, `scans of ${format.samplesPerPixel} components`, `scans of ${seen.size}`);
    }
    if (tables.components.some(({ sampling }) => sampling !== NO_SUBSAMPLING && format.samplesPerPixel > 1)) {
      throw new PixelDecodeError(WHAT, 'components of equal size', 'subsampled ones');
    }
    decodeScan(compressed, scanOf(header, tables, format, precision), samples);
    for (const { index } of header.components) seen.add(index);
    at = nextMarker(compressed, header.dataStart);
  }
  return samples;
}

interface Scan {
  readonly dataStart: number;
  readonly columns: number;
  readonly rows: number;
  /** Samples from one pixel to the next. */
  readonly stride: number;
  /** Place within a pixel and table, of each component of the scan. */
  readonly components: readonly { readonly index: number; readonly table: HuffmanTable }[];
  /** 1 to 7. Source: ITU-T T.81 table H.1. */
  readonly predictor: number;
  readonly pointTransform: number;
  /** Prediction of the first sample: half the range. */
  readonly middle: number;
  readonly restartRows: number;
}

function scanOf(header: ScanHeader, tables: JpegTables, format: PixelFormat, precision: number): Scan {
  const components = header.components.map(({ index, dcDestination }) => {
    const table = tables.dc[dcDestination];
    if (table === undefined) throw new PixelDecodeError(WHAT, 'the tables its scan names', 'not all of them');
    return { index, table };
  });
  const restartRows = tables.restartInterval / format.columns;
  if (header.start < 1 || header.start > 7 || !Number.isInteger(restartRows)) {
    throw new PixelDecodeError(WHAT, 'a predictor of 1 to 7 and whole rows between restarts', 'others');
  }
  return {
    dataStart: header.dataStart,
    columns: format.columns,
    rows: format.rows,
    stride: format.samplesPerPixel,
    components,
    predictor: header.start,
    pointTransform: header.low,
    middle: precision > header.low ? 2 ** (precision - header.low - 1) : 0,
    restartRows,
  };
}

/** Decodes the scan's components into their places of `samples`, pixel by pixel. */
function decodeScan(bytes: Uint8Array, scan: Scan, samples: Uint16Array): void {
  const { columns, rows, stride, components, predictor, middle, restartRows } = scan;
  const reader = new EntropyReader(bytes, scan.dataStart);
  const width = columns * stride;
  for (let row = 0; row < rows; row++) {
    const isRestart = restartRows > 0 && row > 0 && row % restartRows === 0;
    if (isRestart) reader.restart();
    const isFirst = row === 0 || isRestart;
    for (let column = 0; column < columns; column++) {
      for (let n = 0; n < components.length; n++) {
        const { index, table } = components[n]!;
        const at = row * width + column * stride + index;
        let prediction: number;
        if (isFirst) prediction = column === 0 ? middle : samples[at - stride]!;
        else if (column === 0) prediction = samples[at - width]!;
        else
          prediction = predict(predictor, samples[at - stride]!, samples[at - width]!, samples[at - width - stride]!);
        samples[at] = prediction + reader.difference(table);
      }
    }
  }
  if (scan.pointTransform > 0) shiftUp(samples, scan);
}

/** Prediction from the samples left, above, and above left. Source: ITU-T T.81 table H.1. */
function predict(predictor: number, left: number, above: number, aboveLeft: number): number {
  switch (predictor) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return aboveLeft;
    case 4:
      return left + above - aboveLeft;
    case 5:
      return left + ((above - aboveLeft) >> 1);
    case 6:
      return above + ((left - aboveLeft) >> 1);
    default:
      return (left + above) >> 1;
  }
}

/** Undoes the point transform, which drops low bits. Source: ITU-T T.81 H.2.1. */
function shiftUp(samples: Uint16Array, scan: Scan): void {
  for (const { index } of scan.components) {
    for (let at = index; at < samples.length; at += scan.stride) samples[at] = samples[at]! << scan.pointTransform;
  }
}
