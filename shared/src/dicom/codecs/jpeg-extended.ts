import { PixelDecodeError, UnsupportedTransferSyntaxError } from '../pixel-error.js';
import type { PixelFormat } from '../pixel-format.js';
import type { DecodedSamples } from './codec.js';
import { checkCodestream } from './codestream-header.js';
import { inverseDct } from './inverse-dct.js';
import { EntropyReader, type HuffmanTable, huffmanTable } from './jpeg-huffman.js';

const JPEG_EXTENDED = '1.2.840.10008.1.2.4.51';
/** Marker codes. Source: ITU-T T.81 table B.1. */
const SOF1 = 0xc1;
const DHT = 0xc4;
const SOI = 0xd8;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
/** Place of each coefficient of the zigzag sequence in its block. Source: ITU-T T.81 figure A.6. */
const ZIGZAG = zigzag();

interface Tables {
  /** By destination. Coefficients in block order. */
  readonly quantization: Int32Array[];
  readonly dc: HuffmanTable[];
  readonly ac: HuffmanTable[];
  restartInterval: number;
}

interface Scan {
  readonly quantization: Int32Array;
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
  /** Blocks between restart markers; 0 for none. */
  readonly restartInterval: number;
  /** First byte of the entropy-coded data. */
  readonly dataStart: number;
}

/**
 * Decodes grey JPEG of the extended sequential process with 12-bit samples, which libjpeg-turbo of our build does not.
 *
 * @throws UnsupportedTransferSyntaxError for colour and for other processes (progressive, arithmetic coding)
 * @throws PixelDecodeError
 * Source: ITU-T T.81 annexes A, B, F.
 */
export function decodeExtended(compressed: Uint8Array, format: PixelFormat): DecodedSamples {
  const { frameMarker, precision } = checkCodestream(compressed, format, 'JPEG frame');
  if (frameMarker !== SOF1 || precision !== 12 || format.samplesPerPixel !== 1) {
    throw new UnsupportedTransferSyntaxError(JPEG_EXTENDED, `JPEG of another process with ${precision}-bit samples`);
  }
  const samples = decodeScan(compressed, readTables(compressed), format, precision);
  const { columns, rows } = format;
  return { samples, columns, rows, samplesPerPixel: 1, convertedToRgb: false, planar: false };
}

/** Reads the marker segments up to the one scan a grey image has. */
function readTables(bytes: Uint8Array): Scan {
  const tables: Tables = { quantization: [], dc: [], ac: [], restartInterval: 0 };
  let at = 0;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff || marker === SOI) {
      at += marker === SOI ? 2 : 1;
      continue;
    }
    const end = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    const segment = bytes.subarray(at + 4, end);
    if (marker === DQT) readQuantization(segment, tables.quantization);
    if (marker === DHT) readHuffman(segment, tables);
    if (marker === DRI) tables.restartInterval = (segment[0]! << 8) | segment[1]!;
    if (marker === SOS) return scanOf(bytes, segment, tables, end);
    at = end;
  }
  throw new PixelDecodeError('JPEG frame', 'a start of scan', 'none');
}

function scanOf(bytes: Uint8Array, header: Uint8Array, tables: Tables, dataStart: number): Scan {
  const destinations = header[2] ?? 0;
  const quantization = tables.quantization[quantizationDestination(bytes)];
  const dc = tables.dc[destinations >> 4];
  const ac = tables.ac[destinations & 15];
  if (quantization === undefined || dc === undefined || ac === undefined) {
    throw new PixelDecodeError('JPEG frame', 'the tables its scan names', 'not all of them');
  }
  return { quantization, dc, ac, restartInterval: tables.restartInterval, dataStart };
}

/** The table the frame header gives its one component. */
function quantizationDestination(bytes: Uint8Array): number {
  for (let at = 2; at + 12 < bytes.length; at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)) {
    if (bytes[at + 1] === SOF1) return bytes[at + 12]!;
  }
  return 0;
}

function readQuantization(segment: Uint8Array, tables: Int32Array[]): void {
  let at = 0;
  while (at < segment.length) {
    const isWide = segment[at]! >> 4 !== 0;
    const table = new Int32Array(64);
    tables[segment[at]! & 15] = table;
    at += 1;
    for (let k = 0; k < 64; k++, at += isWide ? 2 : 1) {
      table[ZIGZAG[k]!] = isWide ? ((segment[at] ?? 0) << 8) | (segment[at + 1] ?? 0) : (segment[at] ?? 0);
    }
  }
}

function readHuffman(segment: Uint8Array, tables: Tables): void {
  let at = 0;
  while (at + 17 <= segment.length) {
    const target = segment[at]! >> 4 === 0 ? tables.dc : tables.ac;
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    target[segment[at]! & 15] = huffmanTable(counts, segment.subarray(at + 17, at + 17 + total));
    at += 17 + total;
  }
}

/** Decodes block by block, left to right and top to bottom. Source: ITU-T T.81 F.2.2, A.3. */
function decodeScan(bytes: Uint8Array, scan: Scan, format: PixelFormat, precision: number): Uint16Array {
  const { columns, rows } = format;
  const samples = new Uint16Array(columns * rows);
  const reader = new EntropyReader(bytes, scan.dataStart);
  const block = new Float64Array(64);
  const wide = Math.ceil(columns / 8);
  const blocks = wide * Math.ceil(rows / 8);
  let dc = 0;
  for (let b = 0; b < blocks; b++) {
    if (scan.restartInterval > 0 && b > 0 && b % scan.restartInterval === 0) {
      reader.restart();
      dc = 0;
    }
    dc += reader.signedValue(reader.symbol(scan.dc));
    block.fill(0);
    block[0] = dc * scan.quantization[0]!;
    readCoefficients(reader, scan, block);
    inverseDct(block);
    placeBlock(block, samples, { left: (b % wide) * 8, top: Math.floor(b / wide) * 8, columns, rows, precision });
  }
  return samples;
}

/** Reads the 63 AC coefficients and undoes their quantization. Source: ITU-T T.81 F.2.2.2. */
function readCoefficients(reader: EntropyReader, scan: Scan, block: Float64Array): void {
  for (let k = 1; k < 64; k++) {
    const symbol = reader.symbol(scan.ac);
    const size = symbol & 15;
    const zeros = symbol >> 4;
    if (size === 0 && zeros !== 15) return;
    k += zeros;
    if (size === 0) continue;
    const place = ZIGZAG[k] ?? 0;
    block[place] = reader.signedValue(size) * scan.quantization[place]!;
  }
}

interface Placement {
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  readonly precision: number;
}

/** Undoes the level shift and keeps what of the block lies in the image. Source: ITU-T T.81 A.3.1. */
function placeBlock(block: Float64Array, samples: Uint16Array, place: Placement): void {
  const { left, top, columns, rows } = place;
  const middle = 2 ** (place.precision - 1);
  const most = 2 ** place.precision - 1;
  const width = Math.min(8, columns - left);
  const height = Math.min(8, rows - top);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = Math.round(block[y * 8 + x]! + middle);
      samples[(top + y) * columns + left + x] = Math.min(Math.max(value, 0), most);
    }
  }
}

function zigzag(): Uint8Array {
  const order = new Uint8Array(64);
  let k = 0;
  for (let diagonal = 0; diagonal < 15; diagonal++) {
    const low = Math.max(0, diagonal - 7);
    const high = Math.min(diagonal, 7);
    for (let n = low; n <= high; n++) {
      // Even diagonals run up and to the right.
      const row = diagonal % 2 === 0 ? diagonal - n : n;
      order[k++] = row * 8 + (diagonal - row);
    }
  }
  return order;
}
