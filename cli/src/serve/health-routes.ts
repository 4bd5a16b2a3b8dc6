import type {} from '@fastify/swagger';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { JobQueue } from '@pce/shared/ports/job-queue';
import type { Ledger } from '@pce/shared/ports/ledger';
import type { FastifyInstance } from 'fastify';

export interface HealthRoutesOptions {
  version: string;
  ledger: Ledger;
  store: InstanceStore;
  queue: JobQueue;
  /** Whether we are about to stop. */
  isStopping: () => boolean;
}

/** How long a part may take to answer before it counts as not ready. [design] Probes give up after a second or more. */
const PATIENCE_MS = 900;

/** `/healthz`: this process is alive. `/readyz`: it can do its work; when not, which part cannot. */
export function addHealthRoutes(app: FastifyInstance, options: HealthRoutesOptions): void {
  const schema = (summary: string) => ({ schema: { summary, tags: ['health'] } });
  app.get('/healthz', schema('Whether the process is alive'), async () => ({ status: 'ok', version: options.version }));
  app.get('/readyz', schema('Whether it can do its work'), async (_request, reply) => {
    const problems = await findProblems(options);
    return reply.code(problems.length > 0 ? 503 : 200).send({ ready: problems.length === 0, problems });
  });
}

async function findProblems({ ledger, store, queue, isStopping }: HealthRoutesOptions): Promise<string[]> {
  const problems = isStopping() ? ['stopping'] : [];
  const checks: [string, () => Promise<boolean>][] = [
    ['ledger does not answer', () => ledger.findInstances('0').then(() => true)],
    ['instance store is below its watermark or away', () => store.hasRoom()],
    ['job queue does not answer', () => queue.waiting().then(() => true)],
  ];
  const answers = await Promise.all(checks.map(([, check]) => within(PATIENCE_MS, check())));
  return [...problems, ...checks.filter((_, index) => !answers[index]).map(([problem]) => problem)];
}

/** The answer, or false when it fails or does not come in time. */
async function within(patienceMs: number, answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  try {
    return await Promise.race([answer, late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
