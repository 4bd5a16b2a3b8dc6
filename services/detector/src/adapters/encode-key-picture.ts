import { PNG } from 'pngjs';
import type { KeyImage } from '../core/key-images.js';
import type { KeyPicture } from './analysis-task.js';

/** A key image as a PNG file in colour, in memory of its own so that it can be handed to another thread. */
export function encodeKeyPicture({ rgb, ...rest }: KeyImage): KeyPicture {
  const png = new PNG({ width: rest.columns, height: rest.rows });
  png.data = Buffer.from(rgb.buffer, rgb.byteOffset, rgb.byteLength);
  const file = PNG.sync.write(png, { inputColorType: 2, inputHasAlpha: false, colorType: 2, bitDepth: 8 });
  return { ...rest, png: new Uint8Array(file) };
}
