import { sql, type Transaction } from 'kysely';
import type { DeliveryStep } from '../ports/delivery-ledger.js';
import { stepColumns } from './delivery-rows.js';
import type { LedgerDatabase } from './ledger-schema.js';

/**
 * Notes what an attempt came to. Two attempts at the same time, as after a worker was taken for dead, send the same
 * bytes: that one of them arrived stays true whatever the other came to.
 */
export async function writeStep(
  transaction: Transaction<LedgerDatabase>,
  deliveryId: string,
  step: DeliveryStep,
): Promise<void> {
  const isSent = step.state === 'delivered' || step.state === 'awaiting-commitment';
  const taken = await transaction
    .updateTable('deliveries')
    .set(stepColumns(step))
    .where('delivery_id', '=', deliveryId)
    .where('state', 'in', isSent ? ['waiting', 'failed'] : ['waiting'])
    .returning('delivery_id')
    .execute();
  if (taken.length > 0) await writeObjects(transaction, deliveryId, step);
}

/** Notes what changed about the objects of a delivery. */
export async function writeObjects(
  transaction: Transaction<LedgerDatabase>,
  deliveryId: string,
  step: DeliveryStep,
): Promise<void> {
  for (const { sopInstanceUid, state, status } of step.objects) {
    await transaction
      .updateTable('delivery_objects')
      .set({ state, status })
      .where('delivery_id', '=', deliveryId)
      .where('sop_uid', '=', sopInstanceUid)
      .execute();
  }
}

/** Attempts are counted anew; every object is sent again, a fallback only when it is needed again. */
export async function startAnew(transaction: Transaction<LedgerDatabase>, deliveryId: string, at: Date): Promise<void> {
  await transaction
    .updateTable('deliveries')
    .set({
      state: 'waiting',
      asked_again_at: at.toISOString(),
      settled_at: null,
      attempts: 0,
      not_before: null,
      commitment_uid: null,
      commitment_requests: 0,
      reason: `asked for again at ${at.toISOString()}`,
    })
    .where('delivery_id', '=', deliveryId)
    .execute();
  await transaction
    .updateTable('delivery_objects')
    .set({ state: sql<string>`CASE WHEN fallback_of IS NULL THEN 'waiting' ELSE 'reserve' END`, status: null })
    .where('delivery_id', '=', deliveryId)
    .execute();
}
