import type { CodecFamily } from '../transfer-syntax.js';
import type { Codec } from './codec.js';
import { decodeDeflatedFrame } from './deflated-frame.js';
import { decodeHtj2k } from './htj2k.js';
import { decodeJpeg } from './jpeg.js';
import { decodeJpeg2000 } from './jpeg-2000.js';
import { decodeJpegLossless } from './jpeg-lossless.js';
import { decodeJpegLs } from './jpeg-ls.js';
import { decodeNative } from './native.js';
import { decodeRle } from './rle.js';

/** One decoder for each family: a new one is a file and a line here. */
export const CODECS = {
  native: decodeNative,
  'deflated-frame': decodeDeflatedFrame,
  rle: decodeRle,
  jpeg: decodeJpeg,
  'jpeg-lossless': decodeJpegLossless,
  'jpeg-ls': decodeJpegLs,
  'jpeg-2000': decodeJpeg2000,
  htj2k: decodeHtj2k,
} as const satisfies Record<CodecFamily, Codec>;
