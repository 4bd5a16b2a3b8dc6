import { PixelDecodeError } from '../pixel-error.js';
import type { PixelFormat } from '../pixel-format.js';

/** What a codestream says of itself, read before decoding it. */
export interface CodestreamHeader {
  readonly columns: number;
  readonly rows: number;
  readonly components: number;
  readonly precision: number;
  /** JPEG start-of-frame marker code (0xc0 baseline ... 0xf7 JPEG-LS), null for JPEG 2000. */
  readonly frameMarker: number | null;
}

const SOC_SIZ = [0xff, 0x4f, 0xff, 0x51] as const;
/** JP2 box signature: some senders wrap the codestream although PS3.5 A.4.4 forbids it. */
const JP2_SIGNATURE = [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50] as const;
/** Boxes before a wrapped codestream take a few hundred bytes. [design] */
const MOST_BOX_BYTES = 4096;
/** Marker codes. Source: ITU-T T.800 table A.2. */
const START_OF_TILE_PART = 0xff90;
const END_OF_CODESTREAM = 0xffd9;
/** Source: ITU-T T.800 table A.5, Isot. */
const MOST_TILES = 65_535;
const startsWith = (bytes: Uint8Array, at: number, wanted: readonly number[]): boolean =>
  wanted.every((byte, index) => bytes[at + index] === byte);
const uint16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const uint32 = (bytes: Uint8Array, at: number): number => uint16(bytes, at) * 65536 + uint16(bytes, at + 2);

/** JPEG start-of-frame markers: C0-CF without DHT (C4), JPG (C8), DAC (CC); F7 is JPEG-LS. Source: ITU-T T.81 B.1.1.3. */
const isFrameMarker = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) || marker === 0xf7;

/**
 * Reads size, components and precision from a JPEG, JPEG-LS, JPEG 2000 or HTJ2K codestream.
 *
 * @throws PixelDecodeError when the bytes are none of these
 */
export function readCodestreamHeader(bytes: Uint8Array, what: string): CodestreamHeader {
  if (startsWith(bytes, 0, [0xff, 0xd8])) return readJpegHeader(bytes, what);
  const start = startOfJpeg2000(bytes);
  if (start !== null) return readSiz(bytes, start + SOC_SIZ.length, what);
  throw new PixelDecodeError(what, 'a codestream', 'bytes that do not begin like one');
}

/** Offset of a JPEG 2000 codestream, bare or wrapped; null when there is none. */
function startOfJpeg2000(bytes: Uint8Array): number | null {
  if (startsWith(bytes, 0, SOC_SIZ)) return 0;
  if (!startsWith(bytes, 0, JP2_SIGNATURE)) return null;
  const limit = Math.min(bytes.length - SOC_SIZ.length, MOST_BOX_BYTES);
  for (let at = 0; at < limit; at++) if (startsWith(bytes, at, SOC_SIZ)) return at;
  return null;
}

/**
 * Checks that no tile-part of a JPEG 2000 codestream goes on beyond its bytes: OpenJPEG decodes what there is of one that
 * was cut off, and says nothing.
 *
 * @throws PixelDecodeError
 * Source: ITU-T T.800 A.4.2.
 */
export function checkTileParts(bytes: Uint8Array, what: string): void {
  let at = (startOfJpeg2000(bytes) ?? 0) + 2;
  while (at + 4 <= bytes.length) {
    const marker = uint16(bytes, at);
    if (marker === END_OF_CODESTREAM) return;
    const length = marker === START_OF_TILE_PART ? uint32(bytes, at + 6) : 2 + uint16(bytes, at + 2);
    // The last tile-part may leave its length open.
    if (length === 0) return;
    if (at + length > bytes.length) {
      throw new PixelDecodeError(what, `a tile-part of ${length} bytes`, `${bytes.length - at} bytes`);
    }
    at += length;
  }
}

function readJpegHeader(bytes: Uint8Array, what: string): CodestreamHeader {
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
    } else if (isFrameMarker(marker)) {
      return {
        precision: bytes[at + 4]!,
        rows: uint16(bytes, at + 5),
        columns: uint16(bytes, at + 7),
        components: bytes[at + 9]!,
        frameMarker: marker,
      };
    } else {
      at += 2 + uint16(bytes, at + 2);
    }
  }
  throw new PixelDecodeError(what, 'a JPEG frame header', 'none');
}

/** @param at first byte after the SIZ marker code. Source: ITU-T T.800 A.5.1. */
function readSiz(bytes: Uint8Array, at: number, what: string): CodestreamHeader {
  checkTiles(bytes, at, what);
  checkSampling(bytes, at, what);
  return {
    columns: uint32(bytes, at + 4) - uint32(bytes, at + 12),
    rows: uint32(bytes, at + 8) - uint32(bytes, at + 16),
    components: uint16(bytes, at + 36),
    precision: ((bytes[at + 38] ?? 0) & 0x7f) + 1,
    frameMarker: null,
  };
}

/** Decoders make room for every tile the header states, before there is any. Source: ITU-T T.800 A.5.1, B.3. */
function checkTiles(bytes: Uint8Array, at: number, what: string): void {
  const [tileColumns, tileRows] = [uint32(bytes, at + 20), uint32(bytes, at + 24)];
  const across = Math.ceil((uint32(bytes, at + 4) - uint32(bytes, at + 28)) / tileColumns);
  const down = Math.ceil((uint32(bytes, at + 8) - uint32(bytes, at + 32)) / tileRows);
  if (across >= 1 && down >= 1 && across * down <= MOST_TILES) return;
  throw new PixelDecodeError(what, `1 to ${MOST_TILES} tiles`, `${across} x ${down}`);
}

/** Components of other sizes than the image are none that DICOM has, and OpenJPH waits for ever for their rows. */
function checkSampling(bytes: Uint8Array, at: number, what: string): void {
  const components = uint16(bytes, at + 36);
  for (let component = 0; component < components; component++) {
    const [across, down] = [bytes[at + 39 + 3 * component], bytes[at + 40 + 3 * component]];
    if (across === 1 && down === 1) continue;
    throw new PixelDecodeError(what, 'a sample of each component for each pixel', `one for ${across} x ${down} pixels`);
  }
}

/**
 * Checks a codestream against the image attributes, so that a decoder never allocates more than they allow.
 *
 * @throws PixelDecodeError
 */
export function checkCodestream(bytes: Uint8Array, format: PixelFormat, what: string): CodestreamHeader {
  const header = readCodestreamHeader(bytes, what);
  const same =
    header.columns === format.columns &&
    header.rows === format.rows &&
    header.components === format.samplesPerPixel &&
    header.precision <= format.bitsAllocated;
  if (same) return header;
  const size = (columns: number, rows: number, samples: number, bits: number): string =>
    `${columns} x ${rows} pixels of ${samples} samples within ${bits} bits`;
  throw new PixelDecodeError(
    what,
    size(format.columns, format.rows, format.samplesPerPixel, format.bitsAllocated),
    size(header.columns, header.rows, header.components, header.precision),
  );
}
