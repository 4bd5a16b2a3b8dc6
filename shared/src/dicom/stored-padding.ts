import type { Dataset } from './dataset.js';

/** Stored values that mark pixels outside the image, both ends included. */
export interface PaddingRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Pixel Padding Value and Range Limit, in the sign of the pixels: writers of signed images often encode them unsigned.
 *
 * @returns null without padding
 * Source: PS3.3 C.7.5.1.1.2
 */
export function readPadding(dataset: Dataset, signed: boolean, bitsStored: number): PaddingRange | null {
  const value = dataset.number('PixelPaddingValue');
  if (value === undefined) return null;
  const a = inSignOf(value, signed, bitsStored);
  const b = inSignOf(dataset.number('PixelPaddingRangeLimit') ?? value, signed, bitsStored);
  return { from: Math.min(a, b), to: Math.max(a, b) };
}

function inSignOf(value: number, signed: boolean, bitsStored: number): number {
  const range = 2 ** bitsStored;
  if (signed && value >= range / 2 && value < range) return value - range;
  if (signed && value > 32_767) return value - 65_536;
  if (!signed && value < 0) return value + 65_536;
  return value;
}
