import { addWorklist } from '@pce/worklist/adapters/add-worklist';
import type { SystemSnapshot } from '@pce/worklist/core/system-snapshot';
import type { FastifyInstance } from 'fastify';
import type { Commons } from './commons.js';

/** Adds the pages for people to the web server. */
export async function beginWorklist(
  { config, state, queue, hub, clock, log }: Commons,
  app: FastifyInstance,
  system: () => Promise<SystemSnapshot>,
): Promise<void> {
  const { access, web } = config.file;
  await addWorklist(app, {
    ledger: state.ledger,
    store: state.store,
    events: hub,
    clock,
    access,
    host: web.host,
    isTls: web.tls !== undefined,
    oidcClientSecret: config.oidcClientSecret,
    system,
    report: (resultId) => readReport(state, resultId),
    analysisRetried: (studyInstanceUid) => {
      queue
        .add({ kind: 'analyse', key: studyInstanceUid, priority: RETRY_PRIORITY })
        .catch((error: Error) => log('warn', 'signal-lost', { studyInstanceUid, message: error.message }));
    },
    deliveriesRetried: (destinations) => {
      for (const key of destinations) {
        queue
          .add({ kind: 'deliver', key, priority: RETRY_PRIORITY })
          .catch((error: Error) => log('warn', 'signal-lost', { destination: key, message: error.message }));
      }
    },
    failed: (error) => log('error', 'worklist-failed', { message: error.message }),
  });
}

/** Somebody waits for it: before anything that came by itself. [design] */
const RETRY_PRIORITY = 100;

/** The report as it is stored: the very bytes that are delivered. */
async function readReport({ ledger, store }: Commons['state'], resultId: string): Promise<Uint8Array | null> {
  const objects = await ledger.deliveries.objectsOfResult(resultId);
  const report = objects.find(({ kind }) => kind === 'sr');
  if (!report) return null;
  const [held] = await ledger.findInstances(report.sopInstanceUid);
  return held ? store.read(held) : null;
}
