import { type Ingest, startIngest } from '@pce/ingest/start-ingest';
import type { Reporter } from '@pce/reporter/start-reporter';
import type { FastifyInstance } from 'fastify';
import type { Commons } from './commons.js';

/** A study that is being received is told of at most this often. [design] */
const RECEIVED_EVENT_INTERVAL_MS = 1000;

/**
 * Opens the doors: what comes in is told to who looks on, and what is ready to who analyses.
 *
 * @param commitmentReported takes the reports of receivers that commit to what we delivered
 */
export async function beginIngest(
  commons: Commons,
  app: FastifyInstance,
  commitmentReported: Reporter['commitmentReported'] | undefined,
): Promise<Ingest> {
  const { config, state, queue, hub, metrics, clock, log } = commons;
  const { rules } = config.file;
  let lastTold = { studyInstanceUid: '', at: 0 };
  return startIngest(config.file, clock, log, {
    state,
    app,
    ...(rules ? { rules: { rules } } : {}),
    ...(commitmentReported ? { eventReport: commitmentReported } : {}),
    instanceReceived: (instance) => {
      metrics.instanceReceived(instance);
      const { studyInstanceUid } = instance;
      const at = performance.now();
      const isSame = lastTold.studyInstanceUid === studyInstanceUid;
      if (isSame && at - lastTold.at < RECEIVED_EVENT_INTERVAL_MS) return;
      lastTold = { studyInstanceUid, at };
      hub.publish({ kind: 'received', studyInstanceUid });
    },
    analysisRequested: ({ studyInstanceUid, priority }) => {
      hub.publish({ kind: 'analysis-requested', studyInstanceUid });
      queue
        .add({ kind: 'analyse', key: studyInstanceUid, priority })
        .catch((error: Error) => log('warn', 'signal-lost', { studyInstanceUid, message: error.message }));
    },
  });
}
