/** First bytes of files that are often found among images, and how to name them. */
const SIGNATURES: readonly [bytes: readonly number[], name: string][] = [
  [[0xff, 0xd8, 0xff], 'a JPEG picture'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG picture'],
  [[0x42, 0x4d], 'a BMP picture'],
  [[0x49, 0x49, 0x2a, 0x00], 'a TIFF picture'],
  [[0x4d, 0x4d, 0x00, 0x2a], 'a TIFF picture'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive'],
  [[0x1f, 0x8b], 'a gzip archive'],
  [[0x5c, 0x01, 0x00, 0x00], 'a NIfTI or Analyze header'],
  [[0x4e, 0x52, 0x52, 0x44], 'an NRRD file'],
  [[0x4d, 0x5a], 'a Windows program'],
  [[0x7f, 0x45, 0x4c, 0x46], 'a program'],
];
const SAMPLE_BYTES = 64;

/** What a file that is not DICOM seems to be, for the error message; null when it cannot be told. */
export function foreignFormat(bytes: Uint8Array): string | null {
  const signature = SIGNATURES.find(([start]) => start.every((byte, index) => bytes[index] === byte));
  if (signature !== undefined) return signature[1];
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  if (sample.length > 0 && sample.every((byte) => byte === 0)) return 'zeros only, as after a failed copy';
  return sample.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127)) ? 'text' : null;
}
