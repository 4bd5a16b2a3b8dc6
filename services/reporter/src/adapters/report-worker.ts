import { isDue } from '@pce/shared/contracts/due-time';
import type { Clock } from '@pce/shared/ports/clock';
import type { EventHub } from '@pce/shared/ports/event-hub';
import type { JobQueue } from '@pce/shared/ports/job-queue';
import type { Log } from '@pce/shared/ports/log';
import type { LedgerResult } from '@pce/shared/ports/result-ledger';
import type { DestinationConfig } from '../config-schema.js';
import { backOffMs } from '../core/delivery-timing.js';
import { destinationsOf, planDeliveries, planUnknown } from '../core/plan-report.js';
import { buildMessage } from './build-message.js';
import { buildReport, type ReportMaterial } from './build-report.js';

export interface ReportWorkerOptions extends ReportMaterial {
  queue: JobQueue;
  destinations: readonly DestinationConfig[];
  clock: Clock;
  log: Log;
  hub?: EventHub;
  /** A destination has something to get. */
  signal: (destination: string) => Promise<void>;
}

/** Attempts after which a person should look; they go on, because a result nobody is told of is lost. [design] */
const ATTEMPTS_BEFORE_ALARM = 8;
/** How they are spaced. [design] */
const SPACING = { firstDelaySeconds: 30, longestDelaySeconds: 3600 };
/** Results reported at the same time in one process. [design] Most of the work is encoding. */
const CONCURRENCY = 1;

/** Makes the objects of each result, stores them, and plans who gets what: one step, as often as it takes. */
export class ReportWorker {
  readonly #options: ReportWorkerOptions;

  constructor(options: ReportWorkerOptions) {
    this.#options = options;
  }

  /** Starts taking jobs. */
  start(): void {
    this.#options.queue.process('report', CONCURRENCY, (resultId) => this.#work(resultId));
  }

  /** Signals every result that is not reported yet and may be tried now. */
  async sweep(): Promise<void> {
    const { results, deliveries, queue, clock } = this.#options;
    const troubles = new Map((await deliveries.reportTroubles()).map((trouble) => [trouble.resultId, trouble]));
    for (const { resultId, priority } of await results.resultsToReport()) {
      const retryAt = troubles.get(resultId)?.retryAt ?? null;
      if (isDue(retryAt, clock.now(), SPACING.longestDelaySeconds * 1000))
        await queue.add({ kind: 'report', key: resultId, priority });
    }
  }

  async #work(resultId: string): Promise<void> {
    const { results, log } = this.#options;
    const found = await results.findResult(resultId);
    if (!found || found.isReported || found.supersededBy !== null) return;
    try {
      await this.#report(found);
    } catch (error) {
      const { attempts, retryAt } = await this.#noteTrouble(found, error as Error);
      const fields = { resultId, studyInstanceUid: found.studyInstanceUid, message: (error as Error).message };
      log(attempts < ATTEMPTS_BEFORE_ALARM ? 'warn' : 'error', 'report-failed', { ...fields, attempts, retryAt });
    }
  }

  async #report(found: LedgerResult): Promise<void> {
    const { deliveries, destinations, clock, log, hub, signal } = this.#options;
    const { resultId, studyInstanceUid, result } = found;
    const { chosen, unknown } = destinationsOf(found.destinations, destinations);
    for (const name of unknown) log('error', 'destination-unknown', { destination: name, studyInstanceUid });
    const isApplicable = result.outcome.kind !== 'not-applicable';
    const { made, plans } = isApplicable ? await this.#make(found, chosen, unknown) : { made: [], plans: [] };
    const outcome = await deliveries.recordReport(resultId, made, plans, clock.now());
    log('info', 'report', { resultId, studyInstanceUid, outcome, objects: made.length, deliveries: plans.length });
    if (outcome !== 'recorded') return;
    hub?.publish({ kind: 'reported', studyInstanceUid });
    // The report is on record: where a signal is lost, the sweep finds what waits.
    const lost = (error: Error) => log('warn', 'signal-lost', { resultId, message: error.message });
    for (const { destination } of plans) await signal(destination).catch(lost);
  }

  async #make(found: LedgerResult, chosen: readonly DestinationConfig[], unknown: readonly string[]) {
    const report = await buildReport(found, chosen, this.#options);
    for (const object of report.objects) await this.#options.objects.keep(object);
    const made = report.objects.map(({ bytes: _bytes, ...object }) => object);
    const messageFor = (destination: DestinationConfig) => buildMessage(destination, chosen, found, report);
    const plans = planDeliveries(found.result, made, chosen, messageFor);
    return { made, plans: [...plans, ...unknown.map((name) => planUnknown(name, made))] };
  }

  async #noteTrouble({ resultId }: LedgerResult, error: Error): Promise<{ attempts: number; retryAt: Date }> {
    const { deliveries, clock } = this.#options;
    const earlier = (await deliveries.reportTroubles()).find((trouble) => trouble.resultId === resultId);
    const attempts = (earlier?.attempts ?? 0) + 1;
    const restMs = backOffMs(SPACING, attempts, 0);
    const retryAt = new Date(clock.now().getTime() + restMs);
    await deliveries.noteReportTrouble({ resultId, attempts, failure: error.message, retryAt });
    return { attempts, retryAt };
  }
}
