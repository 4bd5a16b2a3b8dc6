import type { LedgerInstance } from '@pce/shared/ports/ledger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from './audit.js';
import { FrameSource } from './frame-source.js';
import type { FrameOutcome } from './frame-worker.js';
import { studyOf } from './study-routes.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';

const VIEW = { config: { permission: 'view-studies' as const } };
const STUDY = `${WORKLIST_BASE}/api/studies/:key`;
/** What the pixels mean, as JSON: see `frame-info.ts`. */
const FRAME_HEADER = 'pce-frame';
/** Studies whose instances are known without asking the ledger for each slice. [design] */
const MAX_KNOWN_STUDIES = 20;

type InstancesByDigest = ReadonlyMap<string, LedgerInstance>;

/** Decoded slices as binary words, and the pictures the analysis drew. */
export function addImageRoutes(app: FastifyInstance, deps: WorklistDeps, audit: Audit): void {
  const frames = new FrameSource(deps.store);
  const known = new Map<string, InstancesByDigest>();
  app.addHook('onClose', () => frames.close());
  app.get(
    `${STUDY}/images/:sha256/frames/:frame`,
    { ...VIEW, schema: { summary: 'One image, decoded: words in little endian', tags: ['worklist'] } },
    async (request, reply) => {
      const study = await studyOf(request, reply, deps);
      if (study === null) return reply;
      await audit.recordView(request, 'view-study', study);
      const { sha256, frame } = request.params as { sha256: string; frame: string };
      const instance = await findInstance(deps, known, study, sha256);
      if (!instance) return reply.code(404).send({ message: 'there is no such image' });
      return sendFrame(reply, () => frames.frame(instance, Number(frame)));
    },
  );
  app.get(
    `${STUDY}/pictures/:number`,
    { ...VIEW, schema: { summary: 'A picture drawn by the analysis', tags: ['worklist'] } },
    (request, reply) => sendPicture(request, reply, deps, audit),
  );
}

async function findInstance(
  { ledger }: WorklistDeps,
  known: Map<string, InstancesByDigest>,
  study: string,
  sha256: string,
): Promise<LedgerInstance | null> {
  const found = known.get(study)?.get(sha256);
  if (found) return found;
  const instances = new Map((await ledger.instancesOfStudy(study)).map((instance) => [instance.sha256, instance]));
  known.delete(study);
  if (known.size >= MAX_KNOWN_STUDIES) known.delete(known.keys().next().value ?? '');
  known.set(study, instances);
  return instances.get(sha256) ?? null;
}

async function sendFrame(reply: FastifyReply, decode: () => ReturnType<FrameSource['frame']>): Promise<FastifyReply> {
  let outcome: FrameOutcome;
  try {
    outcome = await decode();
  } catch {
    // What the system says would name the file, and with it the study.
    return reply.code(503).send({ message: 'the image cannot be had now' });
  }
  // An image that cannot be read is nobody's fault here: the viewer says so in its place.
  if (outcome.kind === 'unreadable') return reply.code(422).send({ message: outcome.message });
  const { info, pixels } = outcome;
  return reply.header(FRAME_HEADER, JSON.stringify(info)).type('application/octet-stream').send(Buffer.from(pixels));
}

async function sendPicture(request: FastifyRequest, reply: FastifyReply, deps: WorklistDeps, audit: Audit) {
  const study = await studyOf(request, reply, deps);
  if (study === null) return reply;
  await audit.recordView(request, 'view-study', study);
  const current = (await deps.ledger.results.resultsOfStudy(study)).find(({ supersededBy }) => supersededBy === null);
  const pictures = current ? await deps.ledger.results.pictures(current.resultId) : [];
  const picture = pictures[Number((request.params as { number: string }).number)];
  if (!picture) return reply.code(404).send({ message: 'there is no such picture' });
  return reply.type('image/png').send(Buffer.from(picture.png));
}
