import { VERDICTS, type Verdict } from '@pce/shared/ports/review-ledger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Audit } from './audit.js';
import { studyOf } from './study-routes.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';

const ReviewSchema = Type.Object(
  {
    /** Made by the page: sent twice, it is one review. */
    reviewId: Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
    /** The result the reader has in front of them. */
    resultId: Type.String({ maxLength: 64 }),
    findingId: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
    verdict: Type.Enum([...VERDICTS]),
    comment: Type.String({ maxLength: 2000 }),
  },
  { additionalProperties: false },
);

interface ReviewBody {
  reviewId: string;
  resultId: string;
  findingId: number | null;
  verdict: Verdict;
  comment: string;
}

/** Accept, reject and comment, per finding and per exam. */
export function addReviewRoutes(app: FastifyInstance, deps: WorklistDeps, audit: Audit): void {
  app.post(
    `${WORKLIST_BASE}/api/studies/:key/reviews`,
    {
      config: { permission: 'review-findings' },
      schema: { summary: 'Accept, reject or comment a finding or the exam', tags: ['worklist'], body: ReviewSchema },
    },
    (request, reply) => review(request, reply, deps, audit),
  );
}

async function review(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: WorklistDeps,
  audit: Audit,
): Promise<FastifyReply> {
  const study = await studyOf(request, reply, deps);
  if (study === null) return reply;
  const body = request.body as ReviewBody;
  const held = await deps.ledger.results.findResult(body.resultId);
  if (held?.studyInstanceUid !== study) return reply.code(404).send({ message: 'there is no such result' });
  if (held.supersededBy !== null) {
    return reply.code(409).send({ message: 'a newer result of this study is there: look at that one' });
  }
  const { outcome, algorithm } = held.result;
  const findings = outcome.kind === 'analysed' ? outcome.findings : [];
  if (body.findingId !== null && !findings.some(({ id }) => id === body.findingId)) {
    return reply.code(404).send({ message: 'there is no such finding' });
  }
  await audit.record(request, 'review', { studyInstanceUid: study, resultId: held.resultId });
  const said = {
    ...body,
    studyInstanceUid: study,
    userName: request.session?.userName ?? '',
    algorithm: algorithm.name,
    algorithmVersion: algorithm.version,
    reviewedAt: deps.clock.now(),
  };
  await deps.readerStudy?.keepReview(said);
  await deps.ledger.reviews.recordReview(said);
  deps.events.publish({ kind: 'reviewed', studyInstanceUid: study });
  return reply.code(204).send();
}
