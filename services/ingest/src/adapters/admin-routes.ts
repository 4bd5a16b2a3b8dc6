import type { Ledger } from '@pce/shared/ports/ledger';
import type { FastifyInstance } from 'fastify';
import type { StudyWatch } from './study-watch.js';

export interface AdminRoutesOptions {
  ledger: Ledger;
  watch: StudyWatch;
}

/** What an administrator may ask: analyse a study now, and what was asked so far. */
export function addAdminRoutes(app: FastifyInstance, { ledger, watch }: AdminRoutesOptions): void {
  const url = '/studies/:study/analyses';
  app.post(
    url,
    { config: { role: 'admin' }, schema: { summary: 'Analyse what is held of a study now', tags: ['analyses'] } },
    async (request, reply) => {
      const { study } = request.params as { study: string };
      if ((await ledger.instancesOfStudy(study)).length === 0) {
        return reply.code(404).send({ message: 'nothing of that study is held' });
      }
      const isNew = await watch.force(study);
      return reply.code(isNew ? 202 : 200).send({ requested: isNew });
    },
  );
  app.get(
    url,
    { config: { role: 'read' }, schema: { summary: 'Analyses of a study asked for so far', tags: ['analyses'] } },
    async (request) => ledger.analysesOfStudy((request.params as { study: string }).study),
  );
}
