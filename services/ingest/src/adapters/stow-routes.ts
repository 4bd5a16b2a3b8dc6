import type { Readable } from 'node:stream';
import { boundaryOf, contentTypeParameter, MultipartError, takeParts } from '@pce/shared/adapters/multipart-parts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ReceiverContext } from '../core/receive-instance.js';
import { type StowedInstance, stowResponse } from '../core/stow-response.js';
import { receiveFile } from './file-receiver.js';
import { baseUrl, WEB_BASE } from './web-server.js';

export interface StowOptions {
  receiver: ReceiverContext;
  maxInstanceBytes: number;
  maxParts: number;
}

/** When a sender may try again while we cannot store. [design] */
const RETRY_AFTER_SECONDS = 300;

/** A body of a kind that is not taken. */
class UnsupportedBodyError extends Error {
  override readonly name = 'UnsupportedBodyError';
}

/** STOW-RS: instances as parts of a multipart body, each stored while the next is still being sent. Source: PS3.18 section 10.5. */
export function addStowRoutes(app: FastifyInstance, options: StowOptions): void {
  // A scope of its own: elsewhere bodies are JSON, here they are what STOW-RS takes and nothing else.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The body is read as it comes: it may be larger than memory.
    scope.addContentTypeParser(/^multipart\/related/, (_request, payload, done) => done(null, payload));
    scope.addContentTypeParser('application/dicom', (_request, payload, done) => done(null, payload));
    const schema = { summary: 'Store instances (STOW-RS)', tags: ['STOW-RS'], consumes: ['multipart/related'] };
    for (const url of [`${WEB_BASE}/studies`, `${WEB_BASE}/studies/:study`]) {
      scope.post(url, { config: { role: 'store' }, bodyLimit: Number.MAX_SAFE_INTEGER, schema }, (request, reply) =>
        store(request, reply, options),
      );
    }
  });
}

async function store(request: FastifyRequest, reply: FastifyReply, options: StowOptions): Promise<FastifyReply> {
  if (!(await options.receiver.store.hasRoom())) {
    return reply
      .code(503)
      .header('retry-after', RETRY_AFTER_SECONDS)
      .send({ message: 'the instance store is below its watermark' });
  }
  try {
    const { study } = request.params as { study?: string };
    const instances = (await receiveBody(request, options)).map((instance) => ofStudy(instance, study));
    const { status, body } = stowResponse(instances, baseUrl(request));
    if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
    return await reply.code(status).type('application/dicom+json').send(JSON.stringify(body));
  } catch (error) {
    const refusal = refusalFor(error);
    if (refusal === null) throw error;
    // The rest of the body is not wanted: the connection ends with the answer.
    return reply
      .code(refusal)
      .header('connection', 'close')
      .send({ message: (error as Error).message });
  }
}

/** The status for a request that cannot be taken as a whole; null when it is we who failed. */
function refusalFor(error: unknown): 400 | 413 | 415 | null {
  if (error instanceof UnsupportedBodyError) return 415;
  if (!(error instanceof MultipartError)) return null;
  return error.kind === 'too-many-parts' ? 413 : 400;
}

/** PS3.18 section 10.5.1.1: sent to a study, an instance of another one fails, though it is kept. */
function ofStudy(instance: StowedInstance, study: string | undefined): StowedInstance {
  const { outcome } = instance;
  if (study === undefined || !('instance' in outcome) || outcome.instance.studyInstanceUid === study) return instance;
  const message = `expected study ${study}; received one of another study, which was stored there`;
  return { ...instance, outcome: { kind: 'mismatch', message } };
}

async function receiveBody(request: FastifyRequest, options: StowOptions): Promise<StowedInstance[]> {
  const contentType = request.headers['content-type'] ?? '';
  const source = { door: 'stow' as const, sender: request.caller?.name ?? '' };
  const body = request.body as Readable;
  const one = (chunks: AsyncIterable<Uint8Array>) =>
    receiveFile(options.receiver, chunks, source, options.maxInstanceBytes);
  if (/^application\/dicom *(;|$)/i.test(contentType)) return [await one(body)];
  refuseOtherTypes(contentType);
  return takeParts(body, boundaryOf(contentType), options.maxParts, one);
}

function refuseOtherTypes(contentType: string): void {
  const type = contentTypeParameter(contentType, 'type');
  if (type === undefined || type === 'application/dicom') return;
  const hint = /json|xml/.test(type) ? ': send Part 10 files, metadata with separate bulk data is not taken' : '';
  throw new UnsupportedBodyError(`type: expected application/dicom; received ${type}${hint}`);
}
