import type { Readable } from 'node:stream';
import { Dicer } from '@fastify/busboy';

/** RFC 2046 section 5.1.1 allows 70 characters; Orthanc sends 73. */
const MAX_BOUNDARY = 200;

/** A multipart body that cannot be read to its end. */
export class MultipartError extends Error {
  override readonly name = 'MultipartError';
  constructor(
    readonly kind: 'malformed' | 'too-many-parts',
    message: string,
  ) {
    super(message);
  }
}

/** A parameter of a Content-Type header. */
export function contentTypeParameter(contentType: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s]*))`, 'i').exec(contentType);
  return match?.[1] ?? match?.[2];
}

/** @throws MultipartError */
export function boundaryOf(contentType: string): string {
  const boundary = contentTypeParameter(contentType, 'boundary');
  if (boundary && boundary.length <= MAX_BOUNDARY) return boundary;
  throw new MultipartError('malformed', `boundary: expected 1 to ${MAX_BOUNDARY} characters`);
}

/**
 * Takes a multipart body apart while it comes: each part is being taken while the next is still on its way.
 *
 * @returns what came of the parts, in order
 * @throws MultipartError, or what `take` throws
 */
export async function takeParts<Taken>(
  body: Readable,
  boundary: string,
  maxParts: number,
  take: (chunks: AsyncIterable<Uint8Array>) => Promise<Taken>,
): Promise<Taken[]> {
  const dicer = new Dicer({ boundary });
  const parts: Promise<Taken>[] = [];
  await new Promise<void>((resolve, reject) => {
    dicer.on('part', (part: Readable) => {
      part.on('error', reject);
      if (parts.length >= maxParts) {
        part.resume();
        reject(new MultipartError('too-many-parts', `parts: expected at most ${maxParts}; received more`));
        return;
      }
      const taken = take(part);
      taken.catch(reject);
      parts.push(taken);
    });
    dicer.on('error', () => reject(malformed('expected multipart; it ends early or is malformed')));
    dicer.on('finish', resolve);
    body.on('error', reject);
    body.on('aborted', () => reject(malformed('the sender went away')));
    body.pipe(dicer);
  });
  return Promise.all(parts);
}

function malformed(what: string): MultipartError {
  return new MultipartError('malformed', `body: ${what}`);
}
