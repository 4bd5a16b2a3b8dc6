import { TooManyElementsError } from './bounded-stream.js';
import { DicomReadError } from './read-error.js';

/** How dicom-parser says that it ran out of bytes. */
const OUT_OF_BYTES = /past end|overrun|overread|eof|maxP ?osition/i;

/**
 * The error for a header dicom-parser gave up on. It throws texts and errors alike; running out of bytes is commonest.
 *
 * @param part of the file that was being read
 * @param byteLength of what there is of the file
 */
export function brokenHeader(cause: unknown, part: string, byteLength: number): DicomReadError {
  if (cause instanceof TooManyElementsError) {
    return new DicomReadError('too-large', `at most ${cause.limit} elements in the ${part}`, 'more', null, { cause });
  }
  return OUT_OF_BYTES.test(messageOf(cause))
    ? new DicomReadError('truncated', `a complete ${part}`, `${byteLength} bytes, which end within it`, null, { cause })
    : new DicomReadError('malformed', `a well-formed ${part}`, 'one that cannot be parsed', null, { cause });
}

function messageOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  return String((cause as { exception?: unknown } | null)?.exception ?? cause);
}
