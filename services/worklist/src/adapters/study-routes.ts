import type { LedgerInstance } from '@pce/shared/ports/ledger';
import type { LedgerResult } from '@pce/shared/ports/result-ledger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { studyView } from '../core/study-view.js';
import type { Audit } from './audit.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';
import { LISTED_STUDIES, type WorklistFeed } from './worklist-feed.js';

const VIEW = { config: { permission: 'view-studies' as const } };
const STUDIES = `${WORKLIST_BASE}/api/studies`;

/** The list, a search beyond it, and what the viewer shows of a study. */
export function addStudyRoutes(app: FastifyInstance, deps: WorklistDeps, feed: WorklistFeed, audit: Audit): void {
  app.get(
    STUDIES,
    { ...VIEW, schema: { summary: 'The studies received last', tags: ['worklist'] } },
    async (request) => {
      await audit.record(request, 'list-studies');
      return { rows: await feed.rows({ kind: 'newest', limit: LISTED_STUDIES }) };
    },
  );
  const Search = Type.Object({ text: Type.String({ minLength: 2, maxLength: 100 }) });
  // A body, because addresses end up in logs and histories.
  app.post(
    `${STUDIES}/search`,
    {
      ...VIEW,
      schema: { summary: 'Search all studies by name, number or description', tags: ['worklist'], body: Search },
    },
    async (request) => {
      await audit.record(request, 'search-studies');
      const { text } = request.body as { text: string };
      return { rows: await feed.rows({ kind: 'matching', text, limit: LISTED_STUDIES }) };
    },
  );
  app.get(
    `${STUDIES}/:key`,
    { ...VIEW, schema: { summary: 'A study: images, findings and reviews', tags: ['worklist'] } },
    async (request, reply) => {
      const study = await studyOf(request, reply, deps);
      if (study === null) return reply;
      await audit.recordView(request, 'view-study', study);
      const [row] = await feed.rows({ kind: 'studies', studyInstanceUids: [study] });
      if (!row) return reply.code(404).send({ message: 'nothing of that study is held' });
      const current = await currentResult(deps, row.resultId);
      const marks = deps.readerStudy?.marksOf(study) ?? null;
      return studyView({ row, marks, ...(await partsOf(deps, study, current)) });
    },
  );
}

/** The study a path names; answers 404 itself when there is none. */
export async function studyOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { ledger }: WorklistDeps,
): Promise<string | null> {
  const { key } = request.params as { key: string };
  const study = await ledger.worklist.studyOfHandle(key);
  if (study === null) await reply.code(404).send({ message: 'there is no study of that key' });
  return study;
}

async function currentResult({ ledger }: WorklistDeps, resultId: string | null): Promise<LedgerResult | null> {
  return resultId === null ? null : ledger.results.findResult(resultId);
}

async function partsOf({ ledger }: WorklistDeps, study: string, current: LedgerResult | null) {
  const instances: LedgerInstance[] = await ledger.instancesOfStudy(study);
  if (!current) return { instances, current, reviews: [], pictures: [] };
  const reviews = await ledger.reviews.reviewsOfResult(current.resultId);
  return { instances, current, reviews, pictures: await ledger.results.pictures(current.resultId) };
}
