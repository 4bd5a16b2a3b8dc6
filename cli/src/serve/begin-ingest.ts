import { type Ingest, startIngest } from '@pce/ingest/start-ingest';
import type { Reporter } from '@pce/reporter/start-reporter';
import type { Log } from '@pce/shared/ports/log';
import type { FastifyInstance } from 'fastify';
import { receivedRecord, refusalRecord } from '../audit/own-records.js';
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
  const { config, state, queue, hub, metrics, clock, log, audit } = commons;
  const auditedLog: Log = (level, event, fields) => {
    const refusal = refusalRecord(event, fields, clock.now());
    if (refusal !== null) audit.sum(refusal);
    log(level, event, fields);
  };
  const { rules } = config.file;
  let lastTold = { studyInstanceUid: '', at: 0 };
  return startIngest(config.file, clock, auditedLog, {
    state,
    app,
    ...(rules ? { rules: { rules } } : {}),
    ...(commitmentReported ? { eventReport: commitmentReported } : {}),
    instanceReceived: (instance) => {
      metrics.instanceReceived(instance);
      audit.sum(receivedRecord(instance, clock.now()));
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
