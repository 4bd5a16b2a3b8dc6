import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { PlannedDelivery, ReportedObject } from '../ports/delivery-ledger.js';
import type { LedgerDatabase } from './ledger-schema.js';

/** A result with what was made of it and where it is to go. */
export interface ReportPlan {
  resultId: string;
  studyInstanceUid: string;
  objects: readonly ReportedObject[];
  deliveries: readonly PlannedDelivery[];
  at: Date;
}

/** Writes the plan; deliveries of replaced results are cancelled where nothing can have been sent. */
export async function planDeliveries(transaction: Transaction<LedgerDatabase>, plan: ReportPlan): Promise<void> {
  for (const [number, object] of plan.objects.entries()) {
    await transaction
      .insertInto('report_objects')
      .values({
        result_id: plan.resultId,
        number,
        kind: object.kind,
        sop_class_uid: object.sopClassUid,
        sop_uid: object.sopInstanceUid,
        series_uid: object.seriesInstanceUid,
        study_uid: object.studyInstanceUid,
        series_description: object.seriesDescription ?? null,
      })
      .execute();
  }
  await cancelReplaced(transaction, plan);
  await transaction.deleteFrom('report_troubles').where('result_id', '=', plan.resultId).execute();
  for (const delivery of plan.deliveries) await insertDelivery(transaction, plan, delivery);
}

async function cancelReplaced(transaction: Transaction<LedgerDatabase>, plan: ReportPlan): Promise<void> {
  await transaction
    .updateTable('deliveries')
    .set({ state: 'cancelled', settled_at: plan.at.toISOString(), reason: 'a newer result of the study has come' })
    .where('study_uid', '=', plan.studyInstanceUid)
    .where('result_id', '<>', plan.resultId)
    .where('state', '=', 'waiting')
    .where('is_perhaps_sent', '=', 0)
    .execute();
}

async function insertDelivery(
  transaction: Transaction<LedgerDatabase>,
  { resultId, studyInstanceUid, at }: ReportPlan,
  { destination, objects, fallbacks, message, skipped, failed }: PlannedDelivery,
): Promise<void> {
  const deliveryId = createHash('sha256')
    .update(JSON.stringify([resultId, destination]))
    .digest('hex');
  const last = await transaction
    .selectFrom('deliveries')
    .select(({ fn }) => fn.max('sequence').as('sequence'))
    .where('destination', '=', destination)
    .executeTakeFirst();
  const reason = skipped ?? failed ?? null;
  await transaction
    .insertInto('deliveries')
    .values({
      delivery_id: deliveryId,
      result_id: resultId,
      study_uid: studyInstanceUid,
      destination,
      sequence: Number(last?.sequence ?? 0) + 1,
      state: skipped !== null ? 'skipped' : failed === undefined ? 'waiting' : 'failed',
      planned_at: at.toISOString(),
      asked_again_at: null,
      settled_at: reason === null ? null : at.toISOString(),
      attempts: 0,
      not_before: null,
      is_perhaps_sent: 0,
      commitment_uid: null,
      commitment_requests: 0,
      reason,
      message,
    })
    .execute();
  const wanted = objects.map((sopInstanceUid) => ({ sopInstanceUid, fallbackOf: null as string | null }));
  const reserve = Object.entries(fallbacks).map(([fallbackOf, sopInstanceUid]) => ({ sopInstanceUid, fallbackOf }));
  for (const [number, { sopInstanceUid, fallbackOf }] of [...wanted, ...reserve].entries()) {
    await transaction
      .insertInto('delivery_objects')
      .values({
        delivery_id: deliveryId,
        number,
        sop_uid: sopInstanceUid,
        fallback_of: fallbackOf,
        state: fallbackOf === null ? 'waiting' : 'reserve',
        status: null,
      })
      .execute();
  }
}
