import { statfs } from 'node:fs/promises';
import { ALGORITHM_NAME, ALGORITHM_VERSION } from '@pce/detector/core/algorithm';
import type { Delivery, LaneSummary } from '@pce/shared/ports/delivery-ledger';
import type { JobQueue } from '@pce/shared/ports/job-queue';
import type { DestinationSnapshot, SystemSnapshot } from '@pce/worklist/core/system-snapshot';
import { productVersion } from '../product.js';
import type { LedgerFigures } from './metrics.js';
import type { State } from './open-state.js';
import type { ServeConfig } from './serve-config.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Deliveries looked at for latencies. [design] */
const MAX_DELIVERIES = 500;

export interface FigureSources {
  config: ServeConfig;
  state: State;
  queue: JobQueue;
  /** How each destination is delivered to, by name: what is shown when nothing was sent there yet too. */
  destinationKinds: Readonly<Record<string, string>>;
  now: () => Date;
}

/** How the service does, looked up in the ledger, the queue and the disk. */
export class Figures {
  readonly #sources: FigureSources;

  constructor(sources: FigureSources) {
    this.#sources = sources;
  }

  /** For the monitoring page. */
  async system(): Promise<SystemSnapshot> {
    const { config, destinationKinds } = this.#sources;
    const lanes = await this.#lanes();
    return {
      queues: Object.entries(await this.#waiting()).map(([name, waiting]) => ({ name, waiting })),
      disk: await this.#disk(config.file.watermarkBytes),
      destinations: Object.entries(destinationKinds).map(([name, kind]) =>
        snapshotOf(
          name,
          kind,
          lanes.find(({ destination }) => destination === name),
          this.#sources.now(),
        ),
      ),
      deliveryLatenciesMs: await this.#deliveryLatenciesMs(DAY_MS),
      versions: [
        { name: 'PCE', version: productVersion() },
        { name: ALGORITHM_NAME, version: ALGORITHM_VERSION },
        { name: 'Node.js', version: process.versions.node },
      ],
    };
  }

  /** For Prometheus. */
  async ledger(): Promise<LedgerFigures> {
    const { state, config, now } = this.#sources;
    const since = new Date(now().getTime() - HOUR_MS);
    const { latenciesMs } = await state.ledger.worklist.activitySince(since);
    return {
      jobsWaiting: await this.#waiting(),
      analysesPending: (await state.ledger.pendingAnalyses()).length,
      analysesFailed: (await state.ledger.failedAnalyses()).length,
      diskFreeBytes: (await this.#disk(config.file.watermarkBytes))?.freeBytes ?? null,
      receiptToResultSeconds: latenciesMs.map((ms) => ms / 1000),
      resultToDeliverySeconds: (await this.#deliveryLatenciesMs(HOUR_MS)).map((ms) => ms / 1000),
      destinations: (await this.#lanes()).map(({ destination, pausedUntil, counts }) => ({
        name: destination,
        isPaused: pausedUntil !== null && pausedUntil > now(),
        deliveries: counts,
      })),
    };
  }

  /** Numbers are still told while the queue's server is away. */
  async #waiting(): Promise<Record<string, number>> {
    return this.#sources.queue.waiting().catch(() => ({}));
  }

  async #lanes(): Promise<LaneSummary[]> {
    return this.#sources.state.ledger.deliveries.lanes();
  }

  async #disk(watermarkBytes: number): Promise<SystemSnapshot['disk']> {
    const found = await statfs(this.#sources.config.file.dataFolder).catch(() => null);
    return found && { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize, watermarkBytes };
  }

  /** From the plan, made as the result is reported, to the delivery; of a time span up to now, in rising order. */
  async #deliveryLatenciesMs(spanMs: number): Promise<number[]> {
    const { state, now } = this.#sources;
    const delivered = await state.ledger.deliveries.searchDeliveries({ states: ['delivered'] }, MAX_DELIVERIES, 0);
    const since = now().getTime() - spanMs;
    return delivered
      .filter(isSettled)
      .filter(({ settledAt }) => settledAt.getTime() >= since)
      .map(({ settledAt, plannedAt }) => settledAt.getTime() - plannedAt.getTime())
      .sort((a, b) => a - b);
  }
}

function isSettled(delivery: Delivery): delivery is Delivery & { settledAt: Date } {
  return delivery.settledAt !== null;
}

function snapshotOf(name: string, kind: string, lane: LaneSummary | undefined, now: Date): DestinationSnapshot {
  const isPaused = lane?.pausedUntil != null && lane.pausedUntil > now;
  const waiting = (lane?.counts.waiting ?? 0) + (lane?.counts['awaiting-commitment'] ?? 0);
  return {
    name,
    kind,
    state: isPaused ? 'paused' : (lane?.failures ?? 0) > 0 ? 'failing' : 'ok',
    waiting,
    delivered: lane?.counts.delivered ?? 0,
    failed: lane?.counts.failed ?? 0,
    lastDeliveredAt: lane?.lastSuccessAt?.toISOString() ?? null,
    lastFailure: lane?.lastFailure ?? null,
  };
}
