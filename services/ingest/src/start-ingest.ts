import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FsInstanceStore } from '@pce/shared/adapters/fs-instance-store';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import type { AssociationEvent } from '@pce/shared/dimse/acceptor';
import { IMPLEMENTATION_CLASS_UID } from '@pce/shared/dimse/implementation';
import { type Scp, startScp } from '@pce/shared/dimse/scp';
import type { DimseServices } from '@pce/shared/dimse/services';
import type { Clock } from '@pce/shared/ports/clock';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { AnalysisRequest, Ledger, ReceivedInstance } from '@pce/shared/ports/ledger';
import type { Log } from '@pce/shared/ports/log';
import type { FastifyInstance } from 'fastify';
import { addAdminRoutes } from './adapters/admin-routes.js';
import { steadyHeapLimit } from './adapters/heap-limit.js';
import { addPullRoutes } from './adapters/pull-routes.js';
import { addQueryRetrieveRoutes } from './adapters/query-retrieve-routes.js';
import { startRetention } from './adapters/retention-sweep.js';
import { readServerTls, watchCertificates } from './adapters/server-tls.js';
import { StorageCommitment } from './adapters/storage-commitment.js';
import { storageAdmission } from './adapters/storage-scp.js';
import { readStoredHeader } from './adapters/stored-header.js';
import { addStowRoutes } from './adapters/stow-routes.js';
import { StudyWatch } from './adapters/study-watch.js';
import { WatchedFolder } from './adapters/watched-folder.js';
import { createWebServer } from './adapters/web-server.js';
import type { IngestConfig } from './config-schema.js';
import { DEFAULT_RULES } from './core/default-rules.js';
import { isOwnResult } from './core/own-result.js';
import type { ReceiverContext } from './core/receive-instance.js';
import { parseRoutingRules, type RoutingRules } from './core/routing-rules.js';

/** A running ingest service. */
export interface Ingest {
  scp: Scp;
  /** What every door hands instances to. */
  receiver: ReceiverContext;
  /** Where our own web server listens; the configured port when one was brought along. */
  webPort: number;
  store: InstanceStore;
  ledger: Ledger;
  /** Ends what is under way, or gives up on it after `graceMs`, and closes everything. */
  stop(graceMs: number): Promise<void>;
}

/** What whoever puts the services together may bring along; what is brought is closed by whoever brought it. */
export interface IngestSurroundings {
  /** @default the embedded ones, in the data folder */
  state?: { store: InstanceStore; ledger: Ledger };
  /** A web server that gets our routes and is started by its owner. @default one of our own, listening */
  app?: FastifyInstance;
  /** @default those of the rules file, or the built-in ones */
  rules?: RoutingRules;
  /** Takes reports of storage commitments that other services asked for. */
  eventReport?: NonNullable<DimseServices['eventReport']>;
  /** An instance is safe. */
  instanceReceived?: (instance: ReceivedInstance) => void;
  /** An analysis is in the ledger as pending. */
  analysisRequested?: (request: AnalysisRequest) => void;
}

/** Starts every door the configuration has. */
export async function startIngest(
  config: IngestConfig,
  clock: Clock,
  log: Log,
  around: IngestSurroundings = {},
): Promise<Ingest> {
  steadyHeapLimit();
  const rules = around.rules ?? (await readRules(config));
  const opened = around.state ? null : await openStoreAndLedger(config);
  const store = around.state ?? (opened as NonNullable<typeof opened>);
  const watch = new StudyWatch({
    ledger: store.ledger,
    clock,
    rules,
    periods: config.readiness,
    headerOf: (instance) => readStoredHeader(store.store, instance),
    analysisRequested: (request) => {
      const { studyInstanceUid, reason } = request;
      log('info', 'analysis-requested', { studyInstanceUid, reason });
      around.analysisRequested?.(request);
    },
    failed: (study, error) =>
      log('error', 'readiness-failed', {
        ...(study === null ? {} : { studyInstanceUid: study }),
        message: error.message,
      }),
  });
  const receiver: ReceiverContext = {
    ...store,
    clock,
    implementationClassUid: IMPLEMENTATION_CLASS_UID,
    isOwnResult,
    received: (instance, dataset) => {
      watch.received(instance, dataset);
      around.instanceReceived?.(instance);
    },
  };
  const web = await openWeb(config, receiver, watch, log, around.app);
  const scp = await startStorageScp(config, receiver, watch, log, around.eventReport);
  const { tls } = config.dicom;
  const unwatch = tls && (await watchCertificates({ server: scp, files: tls, name: 'dicom', now: clock.now, log }));
  const folder = await startWatchedFolder(config, receiver, log);
  const resuming = watch.resume();
  const { imageDays } = config.retention;
  const sweep = imageDays === undefined ? null : startRetention({ ...store, clock, imageDays, log });
  return {
    ...store,
    scp,
    receiver,
    webPort: web.port,
    stop: async (graceMs) => {
      unwatch?.();
      await Promise.all([scp.close(graceMs), web.close(), folder?.stop()]);
      await Promise.all([watch.stop(), resuming, sweep?.stop()]);
      await opened?.ledger.close();
      await opened?.store.close();
    },
  };
}

/** The ledger first: its lock says that no other process is at work in the folder. */
async function openStoreAndLedger(config: IngestConfig) {
  await mkdir(config.dataFolder, { recursive: true });
  const ledger = await openSqliteLedger(join(config.dataFolder, 'ledger.sqlite'));
  const root = join(config.dataFolder, 'instances');
  const store = await FsInstanceStore.open({ root, watermarkBytes: config.watermarkBytes });
  return { ledger, store };
}

async function startStorageScp(
  config: IngestConfig,
  receiver: ReceiverContext,
  watch: StudyWatch,
  log: Log,
  eventReport: IngestSurroundings['eventReport'],
): Promise<Scp> {
  const { dicom } = config;
  const commitment = new StorageCommitment({
    store: receiver.store,
    ledger: receiver.ledger,
    peers: dicom.commitmentPeers,
    report: (message) => log('warn', 'storage-commitment', { message }),
  });
  const scp: Scp = await startScp({
    host: dicom.host,
    port: dicom.port,
    ...(dicom.tls ? { tls: await readServerTls(dicom.tls) } : {}),
    maxAssociations: dicom.maxAssociations,
    maxPduLength: dicom.maxPduLength,
    patience: {
      artimMs: dicom.artimSeconds * 1000,
      stallMs: dicom.stallSeconds * 1000,
      idleMs: dicom.idleSeconds * 1000,
    },
    responseTimeoutMs: dicom.idleSeconds * 1000,
    asynchronousOperations: { maxInvoked: 1, maxPerformed: 8 },
    admit: storageAdmission({
      receiver,
      senders: { rules: dicom.senders },
      commitment,
      ...(eventReport ? { eventReport } : {}),
      report: (peer, sopInstanceUid, outcome) =>
        log(outcome.kind === 'identical' ? 'info' : 'warn', 'instance-not-new', {
          sender: peer.callingAeTitle,
          sopInstanceUid,
          outcome: outcome.kind,
          ...('message' in outcome ? { message: outcome.message } : {}),
        }),
    }),
    observe: (event) => {
      logAssociation(log, event);
      const sender = event.peer.callingAeTitle;
      const isGone = ![...scp.associations].some((open) => open.peer.callingAeTitle === sender);
      if (event.kind === 'ended' && isGone) watch.associationEnded(sender);
    },
    connectionFailed: (address, error) => log('warn', 'connection-failed', { address, message: error.message }),
  });
  return scp;
}

/** @throws Error naming every problem of the rules file, with its line */
async function readRules(config: IngestConfig): Promise<RoutingRules> {
  if (config.rulesFile === undefined) return DEFAULT_RULES;
  const checked = parseRoutingRules(await readFile(config.rulesFile, 'utf8'));
  if (checked.kind === 'valid') return checked.value;
  throw new Error(checked.problems.map((problem) => `${config.rulesFile}: ${problem}`).join('\n'));
}

async function startWatchedFolder(config: IngestConfig, receiver: ReceiverContext, log: Log) {
  if (!config.watchedFolder) return null;
  const folder = new WatchedFolder({
    path: config.watchedFolder.path,
    settleMs: config.watchedFolder.settleSeconds * 1000,
    receiver,
    maxInstanceBytes: config.web.maxInstanceBytes,
    report: (file, { outcome }) => log('warn', 'file-not-new', { file, outcome: outcome.kind }),
    failed: (file, error) => log('warn', 'file-failed', { file, message: error.message }),
  });
  await folder.start();
  return folder;
}

async function openWeb(
  config: IngestConfig,
  receiver: ReceiverContext,
  watch: StudyWatch,
  log: Log,
  given: FastifyInstance | undefined,
) {
  const { web } = config;
  const app = given ?? (await createWebServer(web, receiver.clock, log));
  addStowRoutes(app, { receiver, maxInstanceBytes: web.maxInstanceBytes, maxParts: web.maxParts });
  addQueryRetrieveRoutes(app, receiver);
  addPullRoutes(app, { config, receiver });
  addAdminRoutes(app, { ledger: receiver.ledger, watch });
  if (given) return { port: web.port, close: async () => {} };
  await app.listen({ host: web.host, port: web.port });
  const address = app.server.address();
  return { port: typeof address === 'object' && address ? address.port : web.port, close: () => app.close() };
}

function logAssociation(log: Log, event: AssociationEvent): void {
  const { callingAeTitle, calledAeTitle, address } = event.peer;
  const isTrouble = event.kind === 'rejected' || (event.kind === 'ended' && event.cause !== 'released');
  log(isTrouble ? 'warn' : 'info', `association-${event.kind}`, {
    callingAeTitle,
    calledAeTitle,
    address,
    ...('detail' in event ? { detail: event.detail } : {}),
    ...('cause' in event ? { cause: event.cause } : {}),
    ...('rejection' in event ? { rejection: event.rejection } : {}),
  });
}
