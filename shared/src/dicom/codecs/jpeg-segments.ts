import { PixelDecodeError } from '../pixel-error.js';
import { type HuffmanTable, huffmanTable } from './jpeg-huffman.js';

/** Marker codes. Source: ITU-T T.81 table B.1. */
const DHT = 0xc4;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== 0xc8 && marker !== 0xcc;

/** Place of each coefficient of the zigzag sequence in its block. Source: ITU-T T.81 figure A.6. */
export const ZIGZAG = zigzag();

/** What the segments before a scan define, by destination; later ones replace earlier ones. */
export interface JpegTables {
  /** Steps in block order. */
  readonly quantization: Int32Array[];
  readonly dc: HuffmanTable[];
  readonly ac: HuffmanTable[];
  /** Units between restart markers; 0 for none. */
  restartInterval: number;
  components: readonly FrameComponent[];
}

interface FrameComponent {
  readonly id: number;
  readonly quantizationDestination: number;
  /** Width and height of the component's part of a unit, 0x11 without subsampling. */
  readonly sampling: number;
}

/** Source: ITU-T T.81 B.2.3. */
export interface ScanHeader {
  readonly components: readonly {
    /** Index among the frame's components. */
    readonly index: number;
    readonly dcDestination: number;
    readonly acDestination: number;
  }[];
  /** Start of spectral selection; in lossless processes the predictor. */
  readonly start: number;
  /** Successive approximation, low; in lossless processes the point transform. */
  readonly low: number;
  /** First byte of the entropy-coded data. */
  readonly dataStart: number;
}

export function noTables(): JpegTables {
  return { quantization: [], dc: [], ac: [], restartInterval: 0, components: [] };
}

/**
 * Reads marker segments into `tables` up to the next scan, or the end of the image.
 *
 * @param from offset of a marker
 * @returns null when no scan follows
 * @throws PixelDecodeError when the bytes are no segments
 */
export function readToScan(bytes: Uint8Array, from: number, tables: JpegTables): ScanHeader | null {
  let at = from;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker === EOI) return null;
    if (marker === 0xff || marker === SOI) {
      at += marker === SOI ? 2 : 1;
      continue;
    }
    const end = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    const segment = bytes.subarray(at + 4, end);
    if (marker === DQT) readQuantization(segment, tables.quantization);
    if (marker === DHT) readHuffman(segment, tables);
    if (marker === DRI) tables.restartInterval = ((segment[0] ?? 0) << 8) | (segment[1] ?? 0);
    if (isFrameHeader(marker)) tables.components = readComponents(segment);
    if (marker === SOS) return readScanHeader(segment, tables, end);
    at = end;
  }
  return null;
}

/** Offset of the next marker that is neither stuffing nor a restart. */
export function nextMarker(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at + 1 < bytes.length) {
    const next = bytes[at + 1]!;
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
    at += 1;
  }
  return bytes.length;
}

function readComponents(segment: Uint8Array): FrameComponent[] {
  return Array.from({ length: segment[5] ?? 0 }, (_, n) => ({
    id: segment[6 + 3 * n] ?? 0,
    sampling: segment[7 + 3 * n] ?? 0,
    quantizationDestination: segment[8 + 3 * n] ?? 0,
  }));
}

function readScanHeader(segment: Uint8Array, tables: JpegTables, dataStart: number): ScanHeader {
  const count = segment[0] ?? 0;
  const components = Array.from({ length: count }, (_, n) => ({
    index: tables.components.findIndex(({ id }) => id === segment[1 + 2 * n]),
    dcDestination: (segment[2 + 2 * n] ?? 0) >> 4,
    acDestination: (segment[2 + 2 * n] ?? 0) & 15,
  }));
  if (count === 0 || components.some(({ index }) => index < 0)) {
    throw new PixelDecodeError('JPEG frame', 'a scan of its components', 'a scan of others');
  }
  return { components, start: segment[1 + 2 * count] ?? 0, low: (segment[3 + 2 * count] ?? 0) & 15, dataStart };
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

function readHuffman(segment: Uint8Array, tables: JpegTables): void {
  let at = 0;
  while (at + 17 <= segment.length) {
    const target = segment[at]! >> 4 === 0 ? tables.dc : tables.ac;
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    target[segment[at]! & 15] = huffmanTable(counts, segment.subarray(at + 17, at + 17 + total));
    at += 17 + total;
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
