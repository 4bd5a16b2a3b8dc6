import type { AuditEvent } from '@pce/shared/ports/access-ledger';
import type { Delivery, ReportTrouble } from '@pce/shared/ports/delivery-ledger';
import type { LedgerActivity } from '@pce/shared/ports/worklist-ledger';
import type { ControlChart, VersionAcceptance } from './acceptance.js';
import type { SystemSnapshot } from './system-snapshot.js';

/** A delivery as the page lists it. */
export interface DeliveryView extends Pick<Delivery, 'deliveryId' | 'destination' | 'state' | 'attempts' | 'reason'> {
  studyKey: string | null;
  /** ISO 8601. */
  plannedAt: string;
  settledAt: string | null;
  objectCount: number;
  acknowledgedCount: number;
}

/** A report that could not be made. */
export interface ReportFailure extends Pick<ReportTrouble, 'attempts' | 'failure'> {
  retryAt: string | null;
}

/** An analysis that was given up. */
export interface AnalysisFailure {
  studyKey: string;
  instanceSetDigest: string;
  attempts: number;
  reason: string;
  /** ISO 8601. */
  requestedAt: string;
}

/** Half and nearly all of a set of times, milliseconds; null when there are none. */
export interface Quantiles {
  count: number;
  p50: number | null;
  p95: number | null;
}

export interface Throughput {
  span: string;
  studiesReceived: number;
  resultsRecorded: number;
  receiptToResultMs: Quantiles;
  analysisMs: Quantiles;
}

/** What the monitoring page shows; no patient data. */
export interface MonitoringView extends Omit<SystemSnapshot, 'deliveryLatenciesMs'> {
  /** ISO 8601. */
  at: string;
  throughput: Throughput[];
  resultToDeliveryMs: Quantiles;
  failures: AnalysisFailure[];
  reportFailures: ReportFailure[];
  acceptance: VersionAcceptance[];
  charts: ControlChart[];
}

/** A line of the audit as the page gets it: the study by its key. */
export interface AuditLine extends Pick<AuditEvent, 'userName' | 'action' | 'address'> {
  at: string;
  studyKey: string | null;
}

/** @param sorted in rising order */
export function quantiles(sorted: readonly number[]): Quantiles {
  const at = (fraction: number) => sorted[Math.ceil(fraction * sorted.length) - 1] ?? null;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
}

export function throughput(span: string, activity: LedgerActivity): Throughput {
  return {
    span,
    studiesReceived: activity.studiesReceived,
    resultsRecorded: activity.resultsRecorded,
    receiptToResultMs: quantiles(activity.latenciesMs),
    analysisMs: quantiles(activity.durationsMs),
  };
}

export function deliveryView(delivery: Delivery, studyKey: string | null): DeliveryView {
  const { deliveryId, destination, state, attempts, reason, objects } = delivery;
  const sent = objects.filter((object) => object.state !== 'reserve');
  return {
    deliveryId,
    destination,
    state,
    attempts,
    reason,
    studyKey,
    plannedAt: delivery.plannedAt.toISOString(),
    settledAt: delivery.settledAt?.toISOString() ?? null,
    objectCount: sent.length,
    acknowledgedCount: sent.filter((object) => object.state === 'acknowledged' || object.state === 'committed').length,
  };
}
