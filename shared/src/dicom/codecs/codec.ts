import type { PixelFormat } from '../pixel-format.js';

/** The samples of one frame as the codestream has them, before masking to Bits Stored. */
export interface DecodedSamples {
  readonly samples: Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;
  readonly columns: number;
  readonly rows: number;
  readonly samplesPerPixel: number;
  /** The decoder has already made RGB of YBR. */
  readonly convertedToRgb: boolean;
  /** Samples still come plane by plane. */
  readonly planar: boolean;
}

/**
 * Decodes one frame. May keep a decoder loaded between calls, never the pixels.
 *
 * The size the codestream states is checked against the format before anything of that size is allocated.
 * @throws PixelDecodeError
 */
export type Codec = (compressed: Uint8Array, format: PixelFormat, littleEndian: boolean) => Promise<DecodedSamples>;
