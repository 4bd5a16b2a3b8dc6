import type { TransferSyntaxUid } from './uid.js';

/** Which decoder family reads the pixel data. */
export type CodecFamily =
  | 'native'
  | 'deflated-frame'
  | 'rle'
  | 'jpeg'
  | 'jpeg-lossless'
  | 'jpeg-ls'
  | 'jpeg-2000'
  | 'htj2k';

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
  '1.2.840.10008.1.2.1.98': encapsulated('Encapsulated Uncompressed Explicit VR Little Endian', 'native', true),
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
  '1.2.840.10008.1.2.4.92': encapsulated('JPEG 2000 Part 2 Multi-component (Lossless Only)', null, true),
  '1.2.840.10008.1.2.4.93': encapsulated('JPEG 2000 Part 2 Multi-component', null, false),
  '1.2.840.10008.1.2.4.94': encapsulated('JPIP Referenced', null, false),
  '1.2.840.10008.1.2.4.100': encapsulated('MPEG2 Main Profile / Main Level', null, false),
  '1.2.840.10008.1.2.4.100.1': encapsulated('Fragmentable MPEG2 Main Profile / Main Level', null, false),
  '1.2.840.10008.1.2.4.101': encapsulated('MPEG2 Main Profile / High Level', null, false),
  '1.2.840.10008.1.2.4.101.1': encapsulated('Fragmentable MPEG2 Main Profile / High Level', null, false),
  '1.2.840.10008.1.2.4.102': encapsulated('MPEG-4 AVC/H.264 High Profile / Level 4.1', null, false),
  '1.2.840.10008.1.2.4.102.1': encapsulated('Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1', null, false),
  '1.2.840.10008.1.2.4.103': encapsulated('MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1', null, false),
  '1.2.840.10008.1.2.4.103.1': encapsulated(
    'Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1',
    null,
    false,
  ),
  '1.2.840.10008.1.2.4.104': encapsulated('MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video', null, false),
  '1.2.840.10008.1.2.4.104.1': encapsulated(
    'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video',
    null,
    false,
  ),
  '1.2.840.10008.1.2.4.105': encapsulated('MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video', null, false),
  '1.2.840.10008.1.2.4.105.1': encapsulated(
    'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video',
    null,
    false,
  ),
  '1.2.840.10008.1.2.4.106': encapsulated('MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2', null, false),
  '1.2.840.10008.1.2.4.106.1': encapsulated(
    'Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2',
    null,
    false,
  ),
  '1.2.840.10008.1.2.4.107': encapsulated('HEVC/H.265 Main Profile / Level 5.1', null, false),
  '1.2.840.10008.1.2.4.108': encapsulated('HEVC/H.265 Main 10 Profile / Level 5.1', null, false),
  '1.2.840.10008.1.2.4.110': encapsulated('JPEG XL Lossless', null, true),
  '1.2.840.10008.1.2.4.111': encapsulated('JPEG XL JPEG Recompression', null, false),
  '1.2.840.10008.1.2.4.112': encapsulated('JPEG XL', null, false),
  '1.2.840.10008.1.2.4.201': encapsulated('HTJ2K (Lossless Only)', 'htj2k', true),
  '1.2.840.10008.1.2.4.202': encapsulated('HTJ2K RPCL (Lossless Only)', 'htj2k', true),
  '1.2.840.10008.1.2.4.203': encapsulated('HTJ2K', 'htj2k', false),
  '1.2.840.10008.1.2.8.1': encapsulated('Deflated Image Frame Compression', 'deflated-frame', true),
  '1.2.840.10008.1.2.5': encapsulated('RLE Lossless', 'rle', true),
};

/** What we know of a transfer syntax; an unknown one is taken as encapsulated explicit little endian without codec. */
export function transferSyntaxOf(uid: string): TransferSyntax {
  return TRANSFER_SYNTAXES[uid] ?? encapsulated(`unknown transfer syntax ${uid}`, null, false);
}
