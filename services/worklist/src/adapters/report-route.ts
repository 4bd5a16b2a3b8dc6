import { readPart10 } from '@pce/shared/dicom/part10';
import type { FastifyInstance } from 'fastify';
import { reportText } from '../core/report-text.js';
import type { Audit } from './audit.js';
import { studyOf } from './study-routes.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';

/** The Structured Report of a study's current result, as text for people. */
export function addReportRoute(app: FastifyInstance, deps: WorklistDeps, audit: Audit): void {
  app.get(
    `${WORKLIST_BASE}/api/studies/:key/report`,
    {
      config: { permission: 'view-studies' },
      schema: { summary: 'The Structured Report as text', tags: ['worklist'] },
    },
    async (request, reply) => {
      const study = await studyOf(request, reply, deps);
      if (study === null) return reply;
      await audit.record(request, 'view-report', { studyInstanceUid: study });
      const [state] = await deps.ledger.worklist.studies({ kind: 'studies', studyInstanceUids: [study] });
      const bytes = state?.current ? await deps.report(state.current.resultId) : null;
      if (!bytes) return reply.code(404).send({ message: 'there is no report of this study yet' });
      return reply.type('text/plain; charset=utf-8').send(reportText(readPart10(bytes).dataset));
    },
  );
}
