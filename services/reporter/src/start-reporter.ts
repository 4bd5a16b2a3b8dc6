import { join } from 'node:path';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import { readCheckedYaml } from '@pce/shared/config/checked-yaml';
import { isUid } from '@pce/shared/dicom/uid';
import type { NormalizedReply, NormalizedRequest } from '@pce/shared/dimse/services';
import type { Clock } from '@pce/shared/ports/clock';
import type { EventHub } from '@pce/shared/ports/event-hub';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { JobQueue } from '@pce/shared/ports/job-queue';
import type { Log } from '@pce/shared/ports/log';
import type { ReportMaterial } from './adapters/build-report.js';
import { startCommitmentListener } from './adapters/commitment-listener.js';
import { DeliveryWorker, type Receiver } from './adapters/delivery-worker.js';
import { makeDestination } from './adapters/destinations/registry.js';
import { takeCommitmentReport } from './adapters/destinations/storage-commitment-scu.js';
import { OwnObjects } from './adapters/own-objects.js';
import { previewReport, type ReportPreview } from './adapters/preview-report.js';
import { PriorLookup } from './adapters/prior-lookup.js';
import { makePriorSource } from './adapters/prior-sources/prior-source.js';
import { ReportWorker } from './adapters/report-worker.js';
import { type DestinationConfig, type ReporterConfig, ReporterConfigSchema } from './config-schema.js';
import type { DeliveryProgress } from './core/delivery-progress.js';

export interface ReporterOptions {
  store: InstanceStore;
  ledger: SqlLedger;
  queue: JobQueue;
  config: ReporterConfig;
  clock: Clock;
  log: Log;
  /** Our own AE title when sending. */
  aeTitle: string;
  /** Where results go when no destination is configured: below it, in "outbox". */
  dataFolder: string;
  /** Told what became of each study. */
  hub?: EventHub;
  /** Told of every attempt to deliver. */
  progress?: (progress: DeliveryProgress) => void;
  /** From 0 to 1, for the spacing of attempts. @default Math.random */
  random?: () => number;
}

/** A running reporter. */
export interface Reporter {
  /** The destinations in use: those configured, or the outbox. */
  destinations: readonly DestinationConfig[];
  /** Signals what the ledger says is to be reported and delivered: at the start, and every minute. */
  sweep(): Promise<void>;
  /** A destination may have something to get, such as after asking for a delivery again. */
  signal(destination: string): Promise<void>;
  /** What would be sent of a study's current result; nothing is stored or sent. */
  preview(studyInstanceUid: string): Promise<ReportPreview | null>;
  /** The N-EVENT-REPORT service of storage commitment, for a DICOM server others run. */
  commitmentReported(request: NormalizedRequest): Promise<NormalizedReply>;
  /** Ends what is its own; jobs under way end with the queue, which is closed by whoever brought it. */
  stop(graceMs: number): Promise<void>;
}

/** Model name in everything we make; receiving knows our own results by it. */
const MODEL_NAME = 'PCE';
const OUTBOX = 'outbox';

/** Starts reporting and delivering. The first sweep is the caller's. */
export async function startReporter(options: ReporterOptions): Promise<Reporter> {
  const { ledger, config, clock, log, aeTitle } = options;
  const destinations = destinationsInUse(config, options.dataFolder);
  const around = { aeTitle, nowSeconds: () => Math.floor(clock.now().getTime() / 1000) };
  const receivers = new Map<string, Receiver>(
    destinations.map((settings) => [
      settings.name,
      { config: settings, destination: makeDestination(settings, around) },
    ]),
  );
  const { deliveries } = ledger;
  const material = reportMaterial(options);
  const { objects } = material;
  const delivering = new DeliveryWorker({
    ...options,
    deliveries,
    objects,
    receivers,
    random: options.random ?? Math.random,
  });
  const reporting = new ReportWorker({
    ...options,
    ...material,
    destinations,
    signal: (name) => delivering.signal(name),
  });
  const commitmentReported = (request: NormalizedRequest) =>
    takeCommitmentReport(request, async (report) => {
      if (await delivering.desk.reported(report)) return;
      // Anyone may call: what they say does not go into the log.
      const { transactionUid, committed, failed } = report;
      const named = isUid(transactionUid) ? { transactionUid } : {};
      log('warn', 'commitment-unknown', { ...named, committed: committed.length, failed: failed.length });
    });
  const listener = config.commitmentListener
    ? await startCommitmentListener(config.commitmentListener, commitmentReported, log)
    : null;
  delivering.start();
  reporting.start();
  return {
    destinations,
    sweep: async () => {
      await reporting.sweep();
      await delivering.sweep();
    },
    signal: (name) => delivering.signal(name),
    preview: (studyInstanceUid) => previewReport(studyInstanceUid, destinations, material),
    commitmentReported,
    stop: async (graceMs) => {
      delivering.stop();
      await listener?.close(graceMs);
    },
  };
}

/** Where reports are made from. */
export function reportMaterial(
  options: Pick<ReporterOptions, 'store' | 'ledger' | 'config' | 'clock' | 'log' | 'aeTitle'>,
): ReportMaterial {
  const { store, ledger, config, clock, log, aeTitle } = options;
  return {
    store,
    ledger,
    results: ledger.results,
    deliveries: ledger.deliveries,
    objects: new OwnObjects({ ...options, maker: config.device.name }),
    device: { ...config.device, modelName: MODEL_NAME },
    priorLookup: new PriorLookup(
      config.priorSources.map((source) => makePriorSource(source, aeTitle)),
      clock,
      log,
    ),
  };
}

/** The destinations configured; without any, a folder beside the data. */
export function destinationsInUse({ destinations }: ReporterConfig, dataFolder: string): readonly DestinationConfig[] {
  if (destinations.length > 0) return destinations;
  const outbox = { name: OUTBOX, folder: { path: join(dataFolder, OUTBOX) } };
  const checked = readCheckedYaml(ReporterConfigSchema, JSON.stringify({ destinations: [outbox] }));
  if (checked.kind === 'invalid') throw new Error(checked.problems.join('\n'));
  return checked.value.destinations;
}
