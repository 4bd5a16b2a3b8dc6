import type { Selectable } from 'kysely';
import type {
  AttemptOutcome,
  DeliveredObjectState,
  Delivery,
  DeliveryAttempt,
  DeliveryState,
  DeliveryStep,
  Lane,
} from '../ports/delivery-ledger.js';
import type { DeliveryTables } from './delivery-schema.js';

const date = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** A delivery from its row and those of its objects. */
export function toDelivery(
  row: Selectable<DeliveryTables['deliveries']>,
  objects: readonly Selectable<DeliveryTables['delivery_objects']>[],
): Delivery {
  return {
    deliveryId: row.delivery_id,
    resultId: row.result_id,
    studyInstanceUid: row.study_uid,
    destination: row.destination,
    sequence: row.sequence,
    state: row.state as DeliveryState,
    plannedAt: new Date(row.planned_at),
    askedAgainAt: date(row.asked_again_at),
    settledAt: date(row.settled_at),
    attempts: row.attempts,
    notBefore: date(row.not_before),
    isPerhapsSent: row.is_perhaps_sent === 1,
    commitmentUid: row.commitment_uid,
    commitmentRequests: row.commitment_requests,
    reason: row.reason,
    message: row.message,
    objects: objects.map((object) => ({
      sopInstanceUid: object.sop_uid,
      fallbackOf: object.fallback_of,
      state: object.state as DeliveredObjectState,
      status: object.status,
    })),
  };
}

/** An attempt from its row. */
export function toAttempt(row: Selectable<DeliveryTables['delivery_attempts']>): DeliveryAttempt {
  return {
    number: row.number,
    startedAt: new Date(row.started_at),
    endedAt: date(row.ended_at),
    outcome: row.outcome as AttemptOutcome,
    detail: row.detail,
    objects: JSON.parse(row.objects),
  };
}

/** A lane from its row; one without a row has had no trouble yet. */
export function toLane(destination: string, row: Selectable<DeliveryTables['lanes']> | undefined): Lane {
  return {
    destination,
    failures: row?.failures ?? 0,
    pausedUntil: date(row?.paused_until ?? null),
    lastFailure: row?.last_failure ?? null,
    lastSuccessAt: date(row?.last_success_at ?? null),
  };
}

const SETTLED: ReadonlySet<DeliveryState> = new Set(['delivered', 'failed', 'cancelled', 'skipped']);

/** The columns of a delivery that a step changes. */
export function stepColumns(step: DeliveryStep) {
  return {
    state: step.state,
    settled_at: SETTLED.has(step.state) ? step.at.toISOString() : null,
    not_before: step.notBefore?.toISOString() ?? null,
    is_perhaps_sent: Number(step.isPerhapsSent),
    commitment_uid: step.commitmentUid,
    commitment_requests: step.commitmentRequests,
    reason: step.reason,
  };
}
