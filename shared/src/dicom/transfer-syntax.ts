import type { TransferSyntaxUid } from './uid.js';

/** Which decoder family reads the pixel data. */
export type CodecFamily = 'native' | 'rle' | 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k';

export interface TransferSyntax {
  readonly name: string;
  readonly explicitVr: boolean;
  readonly littleEndian: boolean;
  /** The whole data set is deflated. */
  readonly deflated: boolean;
  /** Pixel data is encapsulated in fragments. */
  readonly encapsulated: boolean;
  readonly lossless: boolean;
  /** Null: we can read the header but not the pixels. */
  readonly codec: CodecFamily | null;
}

const native = (name: string, change: Partial<TransferSyntax> = {}): TransferSyntax => ({
  name,
  explicitVr: true,
  littleEndian: true,
  deflated: false,
  encapsulated: false,
  lossless: true,
  codec: 'native',
  ...change,
});
const encapsulated = (name: string, codec: CodecFamily | null, lossless: boolean): TransferSyntax => ({
  ...native(name),
  encapsulated: true,
  lossless,
  codec,
});

export const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2' as TransferSyntaxUid;
export const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1' as TransferSyntaxUid;

/** The transfer syntaxes we know. Source: PS3.6 annex A, PS3.5 annex A. */
export const TRANSFER_SYNTAXES: Readonly<Record<string, TransferSyntax>> = {
  '1.2.840.10008.1.2': native('Implicit VR Little Endian', { explicitVr: false }),
  '1.2.840.10008.1.2.1': native('Explicit VR Little Endian'),
  '1.2.840.10008.1.2.1.99': native('Deflated Explicit VR Little Endian', { deflated: true }),
  '1.2.840.10008.1.2.2': native('Explicit VR Big Endian', { littleEndian: false }),
  '1.2.840.10008.1.2.4.50': encapsulated('JPEG Baseline (Process 1)', 'jpeg', false),
  '1.2.840.10008.1.2.4.51': encapsulated('JPEG Extended (Process 2 & 4)', 'jpeg', false),
  '1.2.840.10008.1.2.4.53': encapsulated('JPEG Spectral Selection (Process 6 & 8, retired)', null, false),
  '1.2.840.10008.1.2.4.55': encapsulated('JPEG Full Progression (Process 10 & 12, retired)', null, false),
  '1.2.840.10008.1.2.4.57': encapsulated('JPEG Lossless (Process 14)', 'jpeg-lossless', true),
  '1.2.840.10008.1.2.4.70': encapsulated('JPEG Lossless, First-Order Prediction', 'jpeg-lossless', true),
  '1.2.840.10008.1.2.4.80': encapsulated('JPEG-LS Lossless', 'jpeg-ls', true),
  '1.2.840.10008.1.2.4.81': encapsulated('JPEG-LS Near-Lossless', 'jpeg-ls', false),
  '1.2.840.10008.1.2.4.90': encapsulated('JPEG 2000 (Lossless Only)', 'jpeg-2000', true),
  '1.2.840.10008.1.2.4.91': encapsulated('JPEG 2000', 'jpeg-2000', false),
  '1.2.840.10008.1.2.4.201': encapsulated('HTJ2K (Lossless Only)', 'htj2k', true),
  '1.2.840.10008.1.2.4.202': encapsulated('HTJ2K RPCL (Lossless Only)', 'htj2k', true),
  '1.2.840.10008.1.2.4.203': encapsulated('HTJ2K', 'htj2k', false),
  '1.2.840.10008.1.2.5': encapsulated('RLE Lossless', 'rle', true),
};

/** What we know of a transfer syntax; an unknown one is taken as encapsulated explicit little endian without codec. */
export function transferSyntaxOf(uid: string): TransferSyntax {
  return TRANSFER_SYNTAXES[uid] ?? encapsulated(`unknown transfer syntax ${uid}`, null, false);
}
