import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { frameDataset } from '@pce/shared/dicom/functional-groups';
import { type DicomFile, readPart10 } from '@pce/shared/dicom/part10';
import { decodeFrame, frameCount, type PixelFrame } from '@pce/shared/dicom/pixel-data';
import { PixelDecodeError, UnsupportedTransferSyntaxError } from '@pce/shared/dicom/pixel-error';
import { DicomReadError } from '@pce/shared/dicom/read-error';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { Ledger, LedgerInstance, LedgerQuery } from '@pce/shared/ports/ledger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { jsonDataset } from '../core/dicom-json.js';
import { parseQuery } from '../core/qido-query.js';
import { instanceJson, instanceUrl, seriesJson, studyJson } from '../core/qido-response.js';
import { renderFrame } from './render-frame.js';
import { baseUrl, WEB_BASE } from './web-server.js';

export interface QueryRetrieveOptions {
  store: InstanceStore;
  ledger: Ledger;
}

interface Levels {
  study?: string;
  series?: string;
  instance?: string;
  frames?: string;
}

const READ = { config: { role: 'read' as const } };
const STUDY = `${WEB_BASE}/studies/:study`;
const SERIES = `${STUDY}/series/:series`;
const INSTANCE = `${SERIES}/instances/:instance`;

/** QIDO-RS and WADO-RS over what is held, results included. Source: PS3.18 sections 10.4 and 10.6. */
export function addQueryRetrieveRoutes(app: FastifyInstance, options: QueryRetrieveOptions): void {
  addSearchRoutes(app, options);
  for (const [url, summary] of [
    [STUDY, 'Retrieve a study'],
    [SERIES, 'Retrieve a series'],
    [INSTANCE, 'Retrieve an instance'],
  ] as const) {
    app.get(url, { ...READ, schema: { summary, tags: ['WADO-RS'] } }, (request, reply) =>
      retrieve(request, reply, options),
    );
    app.get(
      `${url}/metadata`,
      { ...READ, schema: { summary: `${summary}: metadata`, tags: ['WADO-RS'] } },
      (request, reply) => retrieveMetadata(request, reply, options),
    );
  }
  app.get(
    `${INSTANCE}/frames/:frames`,
    { ...READ, schema: { summary: 'Retrieve frames, uncompressed', tags: ['WADO-RS'] } },
    (request, reply) => unlessDamaged(reply, () => retrieveFrames(request, reply, options)),
  );
  for (const url of [`${INSTANCE}/rendered`, `${INSTANCE}/frames/:frames/rendered`]) {
    app.get(url, { ...READ, schema: { summary: 'Retrieve as a picture (PNG)', tags: ['WADO-RS'] } }, (request, reply) =>
      unlessDamaged(reply, () => retrieveRendered(request, reply, options)),
    );
  }
}

function addSearchRoutes(app: FastifyInstance, { ledger }: QueryRetrieveOptions): void {
  const search = (url: string, find: (levels: Levels, query: LedgerQuery, base: string) => Promise<object[]>) =>
    app.get(url, { ...READ, schema: { summary: 'Search', tags: ['QIDO-RS'] } }, async (request, reply) => {
      const outcome = parseQuery(request.query as Record<string, string>);
      if (outcome.kind === 'bad-request') return reply.code(400).send({ message: outcome.message });
      const found = await find(request.params as Levels, outcome.query, baseUrl(request));
      // PS3.18 section 8.3.4: nothing found is an answer without content.
      if (found.length === 0) return reply.code(204).send();
      return reply.type('application/dicom+json').send(JSON.stringify(found));
    });
  search(`${WEB_BASE}/studies`, async (_levels, query, base) =>
    (await ledger.searchStudies(query)).map((study) => studyJson(study, base)),
  );
  for (const url of [`${WEB_BASE}/series`, `${STUDY}/series`]) {
    search(url, async ({ study }, query, base) =>
      (await ledger.searchSeries(study ?? null, query)).map((series) => seriesJson(series, base)),
    );
  }
  for (const url of [`${WEB_BASE}/instances`, `${STUDY}/instances`, `${SERIES}/instances`]) {
    search(url, async ({ study, series }, query, base) =>
      (await ledger.searchInstances(study ?? null, series ?? null, query)).map((instance) =>
        instanceJson(instance, base),
      ),
    );
  }
}

/** The instances a path names, other contents of a known UID left out; answers 404 itself when there are none. */
async function findNamed(
  request: FastifyRequest,
  reply: FastifyReply,
  ledger: Ledger,
): Promise<LedgerInstance[] | null> {
  const { study = '', series, instance } = request.params as Levels;
  const held = await ledger.instancesOfStudy(study, series);
  const named = held.filter(
    (candidate) => !candidate.isConflicting && (instance === undefined || candidate.sopInstanceUid === instance),
  );
  if (named.length > 0) return named;
  await reply.code(404).send({ message: 'nothing of that name is held' });
  return null;
}

async function retrieve(
  request: FastifyRequest,
  reply: FastifyReply,
  options: QueryRetrieveOptions,
): Promise<FastifyReply> {
  const instances = await findNamed(request, reply, options.ledger);
  if (!instances) return reply;
  const boundary = randomUUID();
  reply.type(`multipart/related; type="application/dicom"; boundary=${boundary}`);
  return reply.send(Readable.from(partsOf(instances, boundary, options.store)));
}

async function* partsOf(instances: readonly LedgerInstance[], boundary: string, store: InstanceStore) {
  for (const instance of instances) {
    yield Buffer.from(
      `--${boundary}\r\nContent-Type: application/dicom; transfer-syntax=${instance.transferSyntaxUid}\r\nContent-Length: ${instance.byteLength}\r\n\r\n`,
    );
    yield* store.readStream(instance);
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

async function retrieveMetadata(
  request: FastifyRequest,
  reply: FastifyReply,
  options: QueryRetrieveOptions,
): Promise<FastifyReply> {
  const instances = await findNamed(request, reply, options.ledger);
  if (!instances) return reply;
  const base = baseUrl(request);
  reply.type('application/dicom+json');
  return reply.send(Readable.from(metadataOf(instances, base, options.store)));
}

/** One instance at a time: a study of thousands is never in memory as a whole. */
async function* metadataOf(instances: readonly LedgerInstance[], base: string, store: InstanceStore) {
  let separator = '[';
  for (const instance of instances) {
    const { dataset } = readPart10(await store.read(instance));
    yield separator + JSON.stringify(jsonDataset(dataset, `${instanceUrl(instance, base)}/frames/1`));
    separator = ',';
  }
  yield ']';
}

/** The one instance a path names, read. */
async function readNamed(request: FastifyRequest, reply: FastifyReply, options: QueryRetrieveOptions) {
  const instances = await findNamed(request, reply, options.ledger);
  if (!instances) return null;
  return readPart10(await options.store.read(instances[0] as LedgerInstance));
}

const IMAGE_ERRORS = [DicomReadError, PixelDecodeError, UnsupportedTransferSyntaxError];

/** Frame numbers, from 1, or null when one is not there. */
function frameNumbers(text: string | undefined, count: number): number[] | null {
  const numbers = (text ?? '1').split(',').map(Number);
  return numbers.every((number) => Number.isInteger(number) && number >= 1 && number <= count) ? numbers : null;
}

async function retrieveFrames(
  request: FastifyRequest,
  reply: FastifyReply,
  options: QueryRetrieveOptions,
): Promise<FastifyReply> {
  const file = await readNamed(request, reply, options);
  if (!file) return reply;
  if (!file.pixelData) return reply.code(404).send({ message: 'the instance has no pixel data' });
  const numbers = frameNumbers((request.params as Levels).frames, frameCount(file));
  if (!numbers) return reply.code(404).send({ message: `expected frames 1 to ${frameCount(file)}` });
  // Before anything is answered: what cannot be decoded has to be said with a status.
  const first = await decodeFrame(file, (numbers[0] as number) - 1);
  const boundary = randomUUID();
  reply.type(`multipart/related; type="application/octet-stream"; boundary=${boundary}`);
  return reply.send(Readable.from(frameParts(file, numbers, first, boundary)));
}

/** One frame at a time: as many as are asked for are never in memory together. */
async function* frameParts(file: DicomFile, numbers: readonly number[], first: PixelFrame, boundary: string) {
  for (const [index, number] of numbers.entries()) {
    const { pixels } = index === 0 ? first : await decodeFrame(file, number - 1);
    yield Buffer.from(`--${boundary}\r\nContent-Type: application/octet-stream\r\n\r\n`);
    yield new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

/** An image whose pixels nobody can decode has nothing acceptable to show; asking again changes nothing. */
async function unlessDamaged(reply: FastifyReply, answer: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await answer();
  } catch (error) {
    if (!IMAGE_ERRORS.some((kind) => error instanceof kind)) throw error;
    return reply.code(406).send({ message: `the image cannot be decoded: ${(error as Error).message}` });
  }
}

async function retrieveRendered(
  request: FastifyRequest,
  reply: FastifyReply,
  options: QueryRetrieveOptions,
): Promise<FastifyReply> {
  if (!/image\/(png|\*)|\*\/\*/.test(request.headers.accept ?? '*/*')) {
    return reply.code(406).send({ message: 'accept: expected image/png' });
  }
  const file = await readNamed(request, reply, options);
  if (!file) return reply;
  if (!file.pixelData) return reply.code(404).send({ message: 'the instance has no pixel data' });
  const numbers = frameNumbers((request.params as Levels).frames, frameCount(file));
  if (!numbers) return reply.code(404).send({ message: `expected frames 1 to ${frameCount(file)}` });
  const frameIndex = (numbers[0] as number) - 1;
  const frame = await decodeFrame(file, frameIndex);
  return reply.type('image/png').send(renderFrame(frame, frameDataset(file.dataset, frameIndex)));
}
