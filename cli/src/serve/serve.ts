import { availableParallelism, totalmem } from 'node:os';
import type { AnalysisEvent } from '@pce/detector/adapters/study-ready-worker';
import { createWebServer } from '@pce/ingest/adapters/web-server';
import { type Ingest, startIngest } from '@pce/ingest/start-ingest';
import type { Clock } from '@pce/shared/ports/clock';
import type { EventHub } from '@pce/shared/ports/event-hub';
import type { JobQueue } from '@pce/shared/ports/job-queue';
import type { Log } from '@pce/shared/ports/log';
import type { FastifyInstance } from 'fastify';
import { productVersion } from '../product.js';
import { defaultJobs } from '../screen/default-jobs.js';
import { addHealthRoutes } from './health-routes.js';
import { openSignals } from './open-signals.js';
import { openState, type State } from './open-state.js';
import type { ServeConfig } from './serve-config.js';
import { startDetector } from './start-detector.js';
import { type Sweepable, startSweeps } from './sweep.js';

/** Everything that runs in this process. */
export interface Serving {
  dicomPort: number | null;
  webPort: number;
  /** Takes nothing new, lets what runs end within `graceMs`, and closes everything. */
  stop(graceMs: number): Promise<void>;
}

/** What the services of one process have in common. */
interface Commons {
  config: ServeConfig;
  state: State;
  queue: JobQueue;
  hub: EventHub;
  clock: Clock;
  log: Log;
}

/** Starts the services the configuration asks for, on one web port. */
export async function serve(config: ServeConfig, log: Log): Promise<Serving> {
  const state = await openState(config);
  const { queue, hub } = await openSignals(config, log);
  const commons: Commons = { config, state, queue, hub, clock: { now: () => new Date() }, log };
  let isStopping = false;
  const app = await createWebServer(config.file.web);
  addHealthRoutes(app, { version: productVersion(), ...state, queue, isStopping: () => isStopping });
  const ingest = config.services.has('ingest') ? await beginIngest(commons, app) : null;
  const detector = config.services.has('detector') ? beginDetector(commons) : null;
  const sweeps: Sweepable[] = [];
  if (detector) sweeps.push({ name: 'analyses', sweep: detector.sweep });
  const endSweeps = startSweeps(sweeps, (name, error) =>
    log('error', 'sweep-failed', { name, message: error.message }),
  );
  await app.listen({ host: config.file.web.host, port: config.file.web.port });
  return {
    dicomPort: ingest?.scp.port ?? null,
    webPort: portOf(app),
    stop: async (graceMs) => {
      isStopping = true;
      await Promise.all([ingest?.stop(graceMs), endSweeps()]);
      await queue.close(graceMs);
      await detector?.stop();
      await app.close();
      await hub.close();
      await state.close();
    },
  };
}

/** A study that is being received is told of at most this often. [design] */
const RECEIVED_EVENT_INTERVAL_MS = 1000;

async function beginIngest({ config, state, queue, hub, clock, log }: Commons, app: FastifyInstance): Promise<Ingest> {
  const { rules } = config.file;
  let lastTold = { studyInstanceUid: '', at: 0 };
  return startIngest(config.file, clock, log, {
    state,
    app,
    ...(rules ? { rules: { rules } } : {}),
    instanceReceived: ({ studyInstanceUid }) => {
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

function beginDetector({ config, state, queue, hub, clock, log }: Commons) {
  const { analysis } = config.file;
  return startDetector({
    state,
    queue,
    config: analysis,
    studiesAtATime: analysis.studiesAtATime ?? defaultJobs(availableParallelism(), totalmem()),
    clock,
    report: (event) => {
      logAnalysis(log, event);
      if (event.kind === 'overtaken') return;
      const kind = event.kind === 'analysed' ? 'analysed' : 'analysis-failed';
      hub.publish({ kind, studyInstanceUid: event.studyInstanceUid });
    },
  });
}

function logAnalysis(log: Log, event: AnalysisEvent): void {
  const { kind, ...fields } = event;
  if (kind !== 'failed') log('info', kind, fields);
  else log(event.kind === 'failed' && event.retryAt === null ? 'error' : 'warn', 'analysis-failed', fields);
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
