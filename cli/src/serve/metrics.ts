import type { AnalysisEvent } from '@pce/detector/adapters/study-ready-worker';
import type { ReceivedInstance } from '@pce/shared/ports/ledger';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Numbers that are looked up when somebody asks, the same whichever process is asked. */
export interface LedgerFigures {
  jobsWaiting: Readonly<Record<string, number>>;
  analysesPending: number;
  analysesFailed: number;
  diskFreeBytes: number | null;
  /** Of the last hour, seconds, in rising order. */
  receiptToResultSeconds: readonly number[];
  resultToDeliverySeconds: readonly number[];
  destinations: readonly { name: string; isPaused: boolean; deliveries: Readonly<Record<string, number>> }[];
}

/** Upper bounds for durations of analyses, seconds. */
const DURATION_BUCKETS_S = [0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600];
const QUANTILES = [0.5, 0.95, 1];

/** What Prometheus is told: counters of this process, and gauges from what all processes share. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #instances = this.#counter('pce_instances_received_total', 'Instances received and safe', ['door']);
  readonly #analyses = this.#counter('pce_analyses_total', 'Attempts at an analysis, by what they came to', [
    'outcome',
  ]);
  readonly #duration = new Histogram({
    name: 'pce_analysis_duration_seconds',
    help: 'Time one analysis took',
    buckets: DURATION_BUCKETS_S,
    registers: [this.#registry],
  });
  readonly #gauges: LedgerGauges;

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    this.#gauges = new LedgerGauges(this.#registry);
  }

  instanceReceived({ source }: Pick<ReceivedInstance, 'source'>): void {
    this.#instances.inc({ door: source.door });
  }

  analysisEnded(event: AnalysisEvent): void {
    this.#analyses.inc({ outcome: event.kind });
    if (event.kind === 'analysed') this.#duration.observe(event.durationMs / 1000);
  }

  /** Names of all metrics, as dashboards ask for them. */
  async names(): Promise<string[]> {
    return (await this.#registry.getMetricsAsJSON()).map(({ name }) => name);
  }

  /** `GET /metrics`: open like the health pages, as it tells numbers only. */
  addRoute(app: FastifyInstance, figures: () => Promise<LedgerFigures>): void {
    app.get(
      '/metrics',
      { schema: { summary: 'Numbers for Prometheus', tags: ['health'] } },
      async (_request, reply) => {
        this.#gauges.set(await figures());
        return reply.type(this.#registry.contentType).send(await this.#registry.metrics());
      },
    );
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }
}

/** Gauges that are set anew for each answer. */
class LedgerGauges {
  readonly #waiting = this.#gauge('pce_jobs_waiting', 'Jobs that wait', ['kind']);
  readonly #analyses = this.#gauge('pce_analyses', 'Analyses on record that are not done', ['state']);
  readonly #deliveries = this.#gauge('pce_deliveries', 'Deliveries on record', ['destination', 'state']);
  readonly #paused = this.#gauge('pce_destination_paused', '1 while a destination is left alone', ['destination']);
  readonly #disk = this.#gauge('pce_disk_free_bytes', 'Free on the disk of the instance store', []);
  readonly #result = this.#gauge('pce_receipt_to_result_seconds', 'Last image to result, last hour', ['quantile']);
  readonly #delivery = this.#gauge('pce_result_to_delivery_seconds', 'Result to delivery, last hour', ['quantile']);

  constructor(registry: Registry) {
    for (const gauge of [this.#waiting, this.#analyses, this.#deliveries, this.#paused]) registry.registerMetric(gauge);
    for (const gauge of [this.#disk, this.#result, this.#delivery]) registry.registerMetric(gauge);
  }

  set(figures: LedgerFigures): void {
    for (const [kind, count] of Object.entries(figures.jobsWaiting)) this.#waiting.set({ kind }, count);
    this.#analyses.set({ state: 'pending' }, figures.analysesPending);
    this.#analyses.set({ state: 'failed' }, figures.analysesFailed);
    for (const { name: destination, isPaused, deliveries } of figures.destinations) {
      this.#paused.set({ destination }, isPaused ? 1 : 0);
      for (const [state, count] of Object.entries(deliveries)) this.#deliveries.set({ destination, state }, count);
    }
    if (figures.diskFreeBytes !== null) this.#disk.set(figures.diskFreeBytes);
    setQuantiles(this.#result, figures.receiptToResultSeconds);
    setQuantiles(this.#delivery, figures.resultToDeliverySeconds);
  }

  #gauge(name: string, help: string, labelNames: string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [] });
  }
}

function setQuantiles(gauge: Gauge, rising: readonly number[]): void {
  gauge.reset();
  for (const quantile of QUANTILES) {
    const value = rising[Math.ceil(quantile * rising.length) - 1];
    if (value !== undefined) gauge.set({ quantile: String(quantile) }, value);
  }
}
