import { type Ingest, startIngest } from '@pce/ingest/start-ingest';
import type { Reporter } from '@pce/reporter/start-reporter';
import type { Log } from '@pce/shared/ports/log';
import type { FastifyInstance } from 'fastify';
import { receivedRecord, refusalRecord } from '../audit/own-records.js';
import { Tally } from '../audit/tally.js';
import type { Commons } from './commons.js';

/** A study that is being received is told of at most this often. [design] */
const RECEIVED_EVENT_INTERVAL_MS = 1000;
/** Instances of a study that came within this time are one line of the audit. [design] */
const AUDIT_SUM_MS = 5000;

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
  const tally = new Tally((record) => void audit.record(record), AUDIT_SUM_MS);
  const auditedLog: Log = (level, event, fields) => {
    const refusal = refusalRecord(event, fields, clock.now());
    if (refusal !== null) tally.add(refusal);
    log(level, event, fields);
  };
  const { rules } = config.file;
  let lastTold = { studyInstanceUid: '', at: 0 };
  const ingest = await startIngest(config.file, clock, auditedLog, {
    state,
    app,
    ...(rules ? { rules: { rules } } : {}),
    ...(commitmentReported ? { eventReport: commitmentReported } : {}),
    instanceReceived: (instance) => {
      metrics.instanceReceived(instance);
      tally.add(receivedRecord(instance, clock.now()));
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
  return {
    ...ingest,
    stop: async (graceMs) => {
      await ingest.stop(graceMs);
      tally.close();
    },
  };
}
