import { createWebServer } from '@pce/ingest/adapters/web-server';
import type { Log } from '@pce/shared/ports/log';
import type { FastifyInstance } from 'fastify';
import { openAuditTrail } from '../audit/audit-trail.js';
import { activityRecord } from '../audit/own-records.js';
import { auditWeb } from '../audit/web-record.js';
import { productVersion } from '../product.js';
import { beginDetector } from './begin-detector.js';
import { beginIngest } from './begin-ingest.js';
import { beginReporter, destinationKinds } from './begin-reporter.js';
import { beginWorklist } from './begin-worklist.js';
import type { Commons } from './commons.js';
import { Figures } from './figures.js';
import { addHealthRoutes } from './health-routes.js';
import { Metrics } from './metrics.js';
import { openSignals } from './open-signals.js';
import { openState } from './open-state.js';
import type { ServeConfig } from './serve-config.js';
import { type Sweepable, startSweeps } from './sweep.js';

/** Everything that runs in this process. */
export interface Serving {
  dicomPort: number | null;
  webPort: number;
  /** Takes nothing new, lets what runs end within `graceMs`, and closes everything. */
  stop(graceMs: number): Promise<void>;
}

/** Starts the services the configuration asks for, on one web port. */
export async function serve(config: ServeConfig, log: Log): Promise<Serving> {
  const state = await openState(config);
  const signals = await openSignals(config, log);
  const { queue, hub } = signals;
  const clock = { now: () => new Date() };
  const audit = await openAuditTrail({
    settings: config.file.audit,
    name: config.file.aeTitle,
    dataFolder: config.file.dataFolder,
    isShared: config.cluster !== null,
    patientIdOf: (studyInstanceUid) => patientIdOf(state, studyInstanceUid),
    now: clock.now,
    log,
  });
  const commons: Commons = { config, state, queue, hub, metrics: new Metrics(), clock, log, audit };
  let isStopping = false;
  const app = await createWebServer(config.file.web, clock, log);
  auditWeb(app, (entry) => audit.sum(entry), clock.now);
  const figures = new Figures({
    config,
    state,
    queue,
    destinationKinds: destinationKinds(config.file),
    now: clock.now,
  });
  addHealthRoutes(app, { version: productVersion(), ...state, queue, isStopping: () => isStopping });
  commons.metrics.addRoute(app, () => figures.ledger());
  const { services } = config;
  const worklist = services.has('worklist') ? await beginWorklist(commons, app, () => figures.system()) : null;
  const detector = services.has('detector') ? beginDetector(commons) : null;
  const reporter = services.has('reporter') ? await beginReporter(commons, app) : null;
  const ingest = services.has('ingest') ? await beginIngest(commons, app, reporter?.commitmentReported) : null;
  const sweeps: Sweepable[] = [];
  if (detector) sweeps.push({ name: 'analyses', sweep: detector.sweep });
  if (reporter) sweeps.push({ name: 'reports and deliveries', sweep: reporter.sweep });
  if (worklist) sweeps.push(...worklist.sweeps);
  const endSweeps = startSweeps(sweeps, config.file.sweepSeconds * 1000, (name, error) =>
    log('error', 'sweep-failed', { name, message: error.message }),
  );
  audit.record(activityRecord('application-start', clock.now()));
  await app.listen({ host: config.file.web.host, port: config.file.web.port });
  return {
    dicomPort: ingest?.scp.port ?? null,
    webPort: portOf(app),
    stop: async (graceMs) => {
      isStopping = true;
      await Promise.all([ingest?.stop(graceMs), endSweeps()]);
      await queue.close(graceMs);
      await Promise.all([detector?.stop(), reporter?.stop(graceMs)]);
      await worklist?.stop();
      await app.close();
      audit.record(activityRecord('application-stop', clock.now()));
      await audit.close();
      await hub.close();
      await state.close();
    },
  };
}

/** Patient ID as the study's first instance had it. */
async function patientIdOf({ ledger }: Commons['state'], studyInstanceUid: string): Promise<string | null> {
  const [study] = await ledger.worklist.studies({ kind: 'studies', studyInstanceUids: [studyInstanceUid] });
  return study?.attributes.PatientID ?? null;
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
