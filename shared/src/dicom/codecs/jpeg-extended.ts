import { PixelDecodeError, UnsupportedTransferSyntaxError } from '../pixel-error.js';
import type { PixelFormat } from '../pixel-format.js';
import type { DecodedSamples } from './codec.js';
import { checkCodestream } from './codestream-header.js';
import { inverseDct } from './inverse-dct.js';
import { EntropyReader, type HuffmanTable } from './jpeg-huffman.js';
import { noTables, readToScan, ZIGZAG } from './jpeg-segments.js';

const JPEG_EXTENDED = '1.2.840.10008.1.2.4.51';
/** Start of frame, extended sequential, Huffman coding. Source: ITU-T T.81 table B.1. */
const SOF1 = 0xc1;

interface Scan {
  readonly quantization: Int32Array;
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
  readonly restartInterval: number;
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
  const samples = decodeScan(compressed, readScan(compressed), format, precision);
  const { columns, rows } = format;
  return { samples, columns, rows, samplesPerPixel: 1, convertedToRgb: false, planar: false };
}

/** The one scan a grey image has, with the tables it names. */
function readScan(compressed: Uint8Array): Scan {
  const tables = noTables();
  const header = readToScan(compressed, 0, tables);
  if (header === null) throw new PixelDecodeError('JPEG frame', 'a start of scan', 'none');
  const [component] = header.components;
  const quantization = tables.quantization[tables.components[0]!.quantizationDestination];
  const dc = tables.dc[component!.dcDestination];
  const ac = tables.ac[component!.acDestination];
  if (quantization === undefined || dc === undefined || ac === undefined) {
    throw new PixelDecodeError('JPEG frame', 'the tables its scan names', 'not all of them');
  }
  return { quantization, dc, ac, restartInterval: tables.restartInterval, dataStart: header.dataStart };
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
