import dicomParser, { type ByteArrayParser, type ByteStream } from 'dicom-parser';

/**
 * Most elements and items of one data set. An Enhanced CT of 10,000 frames has about 600,000; each takes some 200 bytes
 * of memory for as few as 8 in the file. [design]
 */
const MAX_ELEMENTS = 1_000_000;

/** Thrown while dicom-parser reads: the header holds more elements than any image has. */
export class TooManyElementsError extends Error {
  override readonly name = 'TooManyElementsError';
  readonly limit = MAX_ELEMENTS;
}

/** VRs with a 32-bit length that dicom-parser takes for 16-bit ones. Source: PS3.5 section 7.1.2. */
const LONG_INTEGER_VRS = new Set(['OV', 'SV', 'UV']);

/**
 * A stream over a header, for dicom-parser, that bounds the memory the header can take.
 *
 * It counts the reads each element or item needs one of: a VR, or a 32-bit length.
 */
export function boundedStream(parser: ByteArrayParser, bytes: Uint8Array, position: number): ByteStream {
  const stream = new dicomParser.ByteStream(parser, bytes, position);
  const { readUint32, readFixedString } = stream;
  let elements = 0;
  const count = (): void => {
    elements += 1;
    if (elements > MAX_ELEMENTS) throw new TooManyElementsError();
  };
  stream.readUint32 = () => {
    count();
    return readUint32.call(stream);
  };
  stream.readFixedString = (length) => {
    count();
    const vr = readFixedString.call(stream, length);
    return LONG_INTEGER_VRS.has(vr) ? 'UN' : vr;
  };
  return stream;
}
