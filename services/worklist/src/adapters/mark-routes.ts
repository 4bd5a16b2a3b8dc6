import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ReaderStudy } from '../core/reader-study.js';
import type { Audit } from './audit.js';
import { studyOf } from './study-routes.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';

const MarkSchema = Type.Object(
  {
    /** Made by the page: sent again, it changes the mark. */
    markId: Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
    resultId: Type.String({ maxLength: 64 }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    frameNumber: Type.Integer({ minimum: 1 }),
    pointPx: Type.Tuple([Type.Number(), Type.Number()]),
    comment: Type.String({ maxLength: 2000 }),
    isWithdrawn: Type.Boolean(),
  },
  { additionalProperties: false },
);

interface MarkBody {
  markId: string;
  resultId: string;
  sha256: string;
  frameNumber: number;
  pointPx: [number, number];
  comment: string;
  isWithdrawn: boolean;
}

/** Marks of a reader on what the analysis missed: in reader studies only. */
export function addMarkRoutes(app: FastifyInstance, deps: WorklistDeps, study: ReaderStudy, audit: Audit): void {
  app.post(
    `${WORKLIST_BASE}/api/studies/:key/marks`,
    {
      config: { permission: 'review-findings' },
      schema: { summary: 'Mark what the analysis missed', tags: ['worklist'], body: MarkSchema },
    },
    (request, reply) => mark(request, reply, deps, study, audit),
  );
}

async function mark(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: WorklistDeps,
  readerStudy: ReaderStudy,
  audit: Audit,
): Promise<FastifyReply> {
  const study = await studyOf(request, reply, deps);
  if (study === null) return reply;
  const { sha256, pointPx, ...body } = request.body as MarkBody;
  const held = await deps.ledger.results.findResult(body.resultId);
  if (held?.studyInstanceUid !== study) return reply.code(404).send({ message: 'there is no such result' });
  const image = (await deps.ledger.instancesOfStudy(study)).find((one) => one.sha256 === sha256);
  if (!image) return reply.code(404).send({ message: 'there is no such image' });
  await audit.record(request, 'review', { studyInstanceUid: study, resultId: held.resultId });
  await readerStudy.keepMark({
    ...body,
    studyInstanceUid: study,
    seriesInstanceUid: image.seriesInstanceUid,
    sopInstanceUid: image.sopInstanceUid,
    columnPx: pointPx[0],
    rowPx: pointPx[1],
    userName: request.session?.userName ?? '',
    markedAt: deps.clock.now(),
  });
  deps.events.publish({ kind: 'reviewed', studyInstanceUid: study });
  return reply.code(204).send();
}
