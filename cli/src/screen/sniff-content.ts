/** What a file that is not DICOM seems to be. */
export interface SniffedContent {
  /** In words, with its article: "a JPEG picture". */
  readonly description: string;
  /**
   * - `other`: clearly something else, nothing is lost by leaving it
   * - `archive`: may hold images that we cannot reach
   * - `unknown`: cannot be told
   */
  readonly kind: 'other' | 'archive' | 'unknown' | 'empty';
}

interface Signature {
  readonly offset: number;
  readonly bytes: readonly number[];
  readonly description: string;
  readonly kind: SniffedContent['kind'];
}

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** First bytes of the kinds of file found beside images. Sources: the formats' own specifications. */
const SIGNATURES: readonly Signature[] = [
  { offset: 0, bytes: [0xff, 0xd8, 0xff], description: 'a JPEG picture', kind: 'other' },
  { offset: 0, bytes: [0x89, 0x50, 0x4e, 0x47], description: 'a PNG picture', kind: 'other' },
  { offset: 0, bytes: ascii('GIF8'), description: 'a GIF picture', kind: 'other' },
  { offset: 0, bytes: ascii('BM'), description: 'a BMP picture', kind: 'other' },
  { offset: 0, bytes: [0x49, 0x49, 0x2a, 0x00], description: 'a TIFF picture', kind: 'other' },
  { offset: 0, bytes: [0x4d, 0x4d, 0x00, 0x2a], description: 'a TIFF picture', kind: 'other' },
  { offset: 4, bytes: ascii('jP  '), description: 'a JPEG 2000 picture', kind: 'other' },
  { offset: 0, bytes: [0xff, 0x4f, 0xff, 0x51], description: 'a JPEG 2000 codestream', kind: 'other' },
  { offset: 4, bytes: ascii('ftyp'), description: 'a film clip', kind: 'other' },
  { offset: 0, bytes: ascii('RIFF'), description: 'a film clip or sound', kind: 'other' },
  { offset: 0, bytes: ascii('%PDF'), description: 'a PDF document', kind: 'other' },
  { offset: 0, bytes: [0xd0, 0xcf, 0x11, 0xe0], description: 'an Office document', kind: 'other' },
  { offset: 0, bytes: ascii('MZ'), description: 'a Windows program', kind: 'other' },
  { offset: 0, bytes: [0x7f, 0x45, 0x4c, 0x46], description: 'a Linux program', kind: 'other' },
  { offset: 0, bytes: [0xcf, 0xfa, 0xed, 0xfe], description: 'a macOS program', kind: 'other' },
  { offset: 0, bytes: [0xca, 0xfe, 0xba, 0xbe], description: 'a program', kind: 'other' },
  { offset: 0, bytes: ascii('SQLite format 3'), description: 'an SQLite database', kind: 'other' },
  { offset: 344, bytes: ascii('n+1\0'), description: 'a NIfTI volume', kind: 'other' },
  { offset: 0, bytes: ascii('NRRD'), description: 'an NRRD volume', kind: 'other' },
  { offset: 0, bytes: [0x1f, 0x8b], description: 'a gzip archive', kind: 'archive' },
  { offset: 0, bytes: ascii('BZh'), description: 'a bzip2 archive', kind: 'archive' },
  { offset: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], description: 'an xz archive', kind: 'archive' },
  { offset: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd], description: 'a Zstandard archive', kind: 'archive' },
  { offset: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf], description: 'a 7-Zip archive', kind: 'archive' },
  { offset: 0, bytes: ascii('Rar!'), description: 'a RAR archive', kind: 'archive' },
  { offset: 257, bytes: ascii('ustar'), description: 'a tar archive', kind: 'archive' },
  { offset: 0, bytes: ascii('PK\x03\x04'), description: 'a zip archive', kind: 'archive' },
];

const TEXT_SAMPLE_BYTES = 4096;

/**
 * Tells what a file is from its first bytes, so that a message can name it. Never repeats its content.
 *
 * @param prefix the first bytes, all of them for a short file
 */
export function sniffContent(prefix: Uint8Array): SniffedContent {
  if (prefix.length === 0) return { description: 'an empty file', kind: 'empty' };
  if (isOfficeZip(prefix)) return { description: 'an Office document', kind: 'other' };
  for (const { offset, bytes, description, kind } of SIGNATURES) {
    if (bytes.every((byte, index) => prefix[offset + index] === byte)) return { description, kind };
  }
  const sample = prefix.subarray(0, TEXT_SAMPLE_BYTES);
  if (sample.every((byte) => byte === 0)) return { description: 'nothing but zero bytes', kind: 'unknown' };
  if (isText(sample)) return { description: textFlavour(sample), kind: 'other' };
  return { description: 'bytes of no kind we know', kind: 'unknown' };
}

/** Word, Excel and the like are zip archives whose first entry has a telling name. */
function isOfficeZip(prefix: Uint8Array): boolean {
  if (!(prefix[0] === 0x50 && prefix[1] === 0x4b && prefix[2] === 3 && prefix[3] === 4)) return false;
  const name = String.fromCharCode(...prefix.subarray(30, 30 + 19));
  return name.startsWith('[Content_Types].xml') || name.startsWith('mimetype') || name.startsWith('_rels/');
}

function isText(sample: Uint8Array): boolean {
  // Anything above 0x7f may be UTF-8 or an old code page; control bytes other than white space do not occur in text.
  let printable = 0;
  for (const byte of sample) {
    const isSpace = byte === 9 || byte === 10 || byte === 12 || byte === 13;
    if (byte < 32 && !isSpace) return false;
    if (byte < 127) printable += 1;
  }
  return printable > sample.length / 2;
}

function textFlavour(sample: Uint8Array): string {
  const start = String.fromCharCode(...sample.subarray(0, 64))
    .trimStart()
    .toLowerCase();
  if (start.startsWith('<!doctype html') || start.startsWith('<html')) return 'a web page';
  if (start.startsWith('<')) return 'an XML file';
  if (start.startsWith('{') || start.startsWith('[')) return 'a JSON or text file';
  return 'a text file';
}
