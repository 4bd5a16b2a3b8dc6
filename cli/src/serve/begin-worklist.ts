import { digestInstanceSet } from '@pce/detector/core/algorithm';
import { BullMqQueue } from '@pce/shared/adapters/bullmq-queue';
import { addWorklist } from '@pce/worklist/adapters/add-worklist';
import { AuditRetention } from '@pce/worklist/adapters/audit-retention';
import { dicomTime, TaskDesk } from '@pce/worklist/adapters/task-desk';
import { UpsNotifier, type WorkItemEvent } from '@pce/worklist/adapters/ups-notifier';
import { addUpsRoutes } from '@pce/worklist/adapters/ups-routes';
import { WorkItems } from '@pce/worklist/adapters/work-items';
import type { SystemSnapshot } from '@pce/worklist/core/system-snapshot';
import type { FastifyInstance } from 'fastify';
import { accessRecord } from '../audit/access-record.js';
import type { Commons } from './commons.js';
import { openEvents } from './open-signals.js';
import type { Sweepable } from './sweep.js';

const WORK_ITEM_EVENTS = 'pce-work-item-events';

/** Adds the pages for people and the tasks of UPS-RS to the web server. */
export async function beginWorklist(
  commons: Commons,
  app: FastifyInstance,
  system: () => Promise<SystemSnapshot>,
): Promise<{ sweeps: Sweepable[]; stop: () => Promise<void> }> {
  const { config, state, queue, hub, clock, log, audit } = commons;
  const { access, web } = config.file;
  await addWorklist(app, {
    ledger: state.ledger,
    store: state.store,
    events: hub,
    clock,
    access,
    host: web.host,
    isTls: web.tls !== undefined,
    audited: (event) => audit.record(accessRecord(event)),
    oidcClientSecret: config.oidcClientSecret,
    system,
    ...(queue instanceof BullMqQueue ? { queues: queue.queues } : {}),
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
  const events = openEvents<WorkItemEvent>(config.cluster, log, WORK_ITEM_EVENTS);
  const notifier = new UpsNotifier({
    ledger: state.ledger.workItems,
    events,
    failed: (error) => log('error', 'work-item-event-failed', { message: error.message }),
  });
  const workItems = new WorkItems(state.ledger.workItems, notifier);
  await addUpsRoutes(app, { workItems, now: () => dicomTime(clock.now()) });
  const desk = new TaskDesk({
    ledger: state.ledger,
    workItems,
    events: hub,
    clock,
    aeTitle: config.file.aeTitle,
    requestAnalysis: (study) => requestAnalysis(commons, study),
    failed: (error) => log('error', 'task-failed', { message: error.message }),
  });
  const retention = new AuditRetention({
    access: state.ledger.access,
    clock,
    days: access.auditDays,
    forgotten: (events) => log('info', 'audit-forgotten', { events }),
  });
  return {
    sweeps: [
      { name: 'tasks', sweep: () => desk.sweep() },
      { name: 'audit', sweep: () => retention.sweep() },
    ],
    stop: async () => {
      await desk.stop();
      notifier.close();
      await events.close();
    },
  };
}

/** Has what is held of a study analysed, once more if it was given up; false when nothing is held. */
async function requestAnalysis({ state, queue, clock }: Commons, studyInstanceUid: string): Promise<boolean> {
  const held = await state.ledger.instancesOfStudy(studyInstanceUid);
  const images = held.filter(({ isOwnResult }) => !isOwnResult);
  if (images.length === 0) return false;
  const key = { studyInstanceUid, instanceSetDigest: digestInstanceSet(images) };
  const asked = { reason: 'forced', priority: RETRY_PRIORITY, requestedAt: clock.now() } as const;
  const isNew = await state.ledger.requestAnalysis({ ...key, ...asked, destinations: [] });
  if (isNew || (await state.ledger.retryAnalysis(key))) {
    await queue.add({ kind: 'analyse', key: studyInstanceUid, priority: RETRY_PRIORITY });
  }
  return true;
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
