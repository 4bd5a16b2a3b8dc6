import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { acceptanceByVersion, controlCharts } from '../core/acceptance.js';
import {
  type AnalysisFailure,
  type AuditLine,
  type MonitoringView,
  quantiles,
  throughput,
} from '../core/monitoring-view.js';
import type { Audit } from './audit.js';
import { WORKLIST_BASE } from './worklist-base.js';
import type { WorklistDeps } from './worklist-deps.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Reviews that go into the figures. [design] Long enough to see a drift. */
const REVIEWED_DAYS = 365;
const AUDIT_LINES = 200;
/** Failures listed; the page says how many there are. */
const MAX_FAILURES = 100;

const RetrySchema = Type.Object(
  { studyKey: Type.String({ maxLength: 64 }), instanceSetDigest: Type.String({ maxLength: 128 }) },
  { additionalProperties: false },
);

/** How the service does, for those who run it. */
export function addMonitoringRoutes(app: FastifyInstance, deps: WorklistDeps, audit: Audit): void {
  app.get(
    `${WORKLIST_BASE}/api/monitoring`,
    { config: { permission: 'see-monitoring' }, schema: { summary: 'How the service does', tags: ['monitoring'] } },
    () => monitoringView(deps),
  );
  app.post(
    `${WORKLIST_BASE}/api/retries`,
    {
      config: { permission: 'retry-work' },
      schema: { summary: 'Start a failed analysis anew', tags: ['monitoring'], body: RetrySchema },
    },
    (request, reply) => retry(request, reply, deps, audit),
  );
  app.get(
    `${WORKLIST_BASE}/api/audit`,
    {
      config: { permission: 'see-audit' },
      schema: { summary: 'Who looked at what, newest first', tags: ['monitoring'] },
    },
    () => auditLines(deps),
  );
}

async function monitoringView(deps: WorklistDeps): Promise<MonitoringView> {
  const { ledger, clock } = deps;
  const now = clock.now();
  const { deliveryLatenciesMs, ...system } = await deps.system();
  const since = (ms: number) => new Date(now.getTime() - ms);
  const reviews = await ledger.reviews.lastReviewsSince(since(REVIEWED_DAYS * DAY_MS));
  return {
    ...system,
    at: now.toISOString(),
    throughput: [
      throughput('last hour', await ledger.worklist.activitySince(since(HOUR_MS))),
      throughput('last 24 hours', await ledger.worklist.activitySince(since(DAY_MS))),
    ],
    resultToDeliveryMs: quantiles(deliveryLatenciesMs),
    failures: await failuresOf(deps),
    reportFailures: (await ledger.deliveries.reportTroubles()).map(({ attempts, failure, retryAt }) => ({
      attempts,
      failure,
      retryAt: retryAt?.toISOString() ?? null,
    })),
    acceptance: acceptanceByVersion(reviews),
    charts: controlCharts(reviews),
  };
}

async function failuresOf({ ledger }: WorklistDeps): Promise<AnalysisFailure[]> {
  const failed = (await ledger.failedAnalyses()).slice(0, MAX_FAILURES);
  const keys = await keysOf(
    ledger,
    failed.map(({ studyInstanceUid }) => studyInstanceUid),
  );
  return failed.map((analysis) => ({
    studyKey: keys.get(analysis.studyInstanceUid) ?? '',
    instanceSetDigest: analysis.instanceSetDigest,
    attempts: analysis.attempts,
    reason: analysis.failure ?? 'unknown',
    requestedAt: analysis.requestedAt.toISOString(),
  }));
}

async function retry(request: FastifyRequest, reply: FastifyReply, deps: WorklistDeps, audit: Audit) {
  const { studyKey, instanceSetDigest } = request.body as { studyKey: string; instanceSetDigest: string };
  const study = await deps.ledger.worklist.studyOfHandle(studyKey);
  if (study === null) return reply.code(404).send({ message: 'there is no study of that key' });
  await audit.record(request, 'retry', { studyInstanceUid: study });
  const isRetried = await deps.ledger.retryAnalysis({ studyInstanceUid: study, instanceSetDigest });
  if (!isRetried) return reply.code(409).send({ message: 'expected an analysis that failed: this one has not' });
  deps.events.publish({ kind: 'analysis-requested', studyInstanceUid: study });
  deps.analysisRetried(study);
  return reply.code(202).send({ retried: true });
}

async function auditLines({ ledger }: WorklistDeps): Promise<{ lines: AuditLine[] }> {
  const events = await ledger.access.auditEvents(AUDIT_LINES);
  const keys = await keysOf(
    ledger,
    events.flatMap(({ studyInstanceUid }) => studyInstanceUid ?? []),
  );
  return {
    lines: events.map(({ at, userName, action, address, studyInstanceUid }) => ({
      at: at.toISOString(),
      userName,
      action,
      address,
      studyKey: studyInstanceUid === null ? null : (keys.get(studyInstanceUid) ?? null),
    })),
  };
}

/** Keys of studies by UID. */
export async function keysOf(ledger: WorklistDeps['ledger'], uids: readonly string[]): Promise<Map<string, string>> {
  const studies = await ledger.worklist.studies({ kind: 'studies', studyInstanceUids: [...new Set(uids)] });
  return new Map(studies.map(({ studyInstanceUid, handle }) => [studyInstanceUid, handle]));
}
