import type { Readable } from 'node:stream';
import { Dicer } from '@fastify/busboy';
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

/** RFC 2046 section 5.1.1 allows 70 characters; Orthanc sends 73. */
const MAX_BOUNDARY = 200;

/** A request that cannot be taken as a whole. */
class StowRequestError extends Error {
  override readonly name = 'StowRequestError';
  constructor(
    readonly statusCode: 400 | 413 | 415,
    message: string,
  ) {
    super(message);
  }
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
    return reply.code(503).header('retry-after', '300').send({ message: 'the instance store is below its watermark' });
  }
  try {
    const { study } = request.params as { study?: string };
    const instances = (await receiveBody(request, options)).map((instance) => ofStudy(instance, study));
    const { status, body } = stowResponse(instances, baseUrl(request));
    return await reply.code(status).type('application/dicom+json').send(JSON.stringify(body));
  } catch (error) {
    if (!(error instanceof StowRequestError)) throw error;
    // The rest of the body is not wanted: the connection ends with the answer.
    return reply.code(error.statusCode).header('connection', 'close').send({ message: error.message });
  }
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
  return receiveParts(body, boundaryOf(contentType), options.maxParts, one);
}

function boundaryOf(contentType: string): string {
  const type = parameterOf(contentType, 'type');
  if (type !== undefined && type !== 'application/dicom') {
    const hint = /json|xml/.test(type) ? ': send Part 10 files, metadata with separate bulk data is not taken' : '';
    throw new StowRequestError(415, `type: expected application/dicom; received ${type}${hint}`);
  }
  const boundary = parameterOf(contentType, 'boundary');
  if (!boundary || boundary.length > MAX_BOUNDARY) {
    throw new StowRequestError(400, `boundary: expected 1 to ${MAX_BOUNDARY} characters`);
  }
  return boundary;
}

function parameterOf(contentType: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s]*))`, 'i').exec(contentType);
  return match?.[1] ?? match?.[2];
}

async function receiveParts(
  body: Readable,
  boundary: string,
  maxParts: number,
  receive: (chunks: AsyncIterable<Uint8Array>) => Promise<StowedInstance>,
): Promise<StowedInstance[]> {
  const dicer = new Dicer({ boundary });
  const parts: Promise<StowedInstance>[] = [];
  await new Promise<void>((resolve, reject) => {
    dicer.on('part', (part: Readable) => {
      part.on('error', reject);
      if (parts.length >= maxParts) {
        part.resume();
        reject(new StowRequestError(413, `parts: expected at most ${maxParts}; received more`));
        return;
      }
      const received = receive(part);
      received.catch(reject);
      parts.push(received);
    });
    dicer.on('error', () =>
      reject(new StowRequestError(400, 'body: expected multipart; it ends early or is malformed')),
    );
    dicer.on('finish', resolve);
    body.on('error', reject);
    body.on('aborted', () => reject(new StowRequestError(400, 'body: the sender went away')));
    body.pipe(dicer);
  });
  return Promise.all(parts);
}
