import type { DeliveredObject, Delivery, DeliveryStep } from '@pce/shared/ports/delivery-ledger';
import type { CommitmentReport } from './destination.js';
import type { AttemptPolicy } from './settle-attempt.js';

/** Objects of a delivery the receiver has acknowledged and not committed to. */
export function uncommittedObjects(delivery: Delivery): DeliveredObject[] {
  return delivery.objects.filter((object) => object.state === 'acknowledged');
}

/**
 * What follows from a receiver's report: what it has not is sent again, up to the number of attempts. Pure.
 * A report that says nothing of an object says nothing about it: the receiver is asked again.
 */
export function settleCommitment(
  delivery: Delivery,
  report: CommitmentReport,
  policy: AttemptPolicy,
  now: Date,
): DeliveryStep {
  const objects = delivery.objects.flatMap((object): DeliveredObject[] => {
    if (report.committed.includes(object.sopInstanceUid)) return [{ ...object, state: 'committed', status: 0 }];
    const failure = report.failed.find((failed) => failed.sopInstanceUid === object.sopInstanceUid);
    return failure ? [{ ...object, state: 'waiting', status: failure.reason }] : [];
  });
  const after = delivery.objects.map(
    (object) => objects.find((changed) => changed.sopInstanceUid === object.sopInstanceUid) ?? object,
  );
  const isMissing = after.some((object) => object.state === 'waiting');
  const isOpen = after.some((object) => object.state === 'acknowledged');
  const isOver = delivery.attempts >= policy.retry.maxAttempts;
  const state = isMissing ? (isOver ? 'failed' : 'waiting') : isOpen ? 'awaiting-commitment' : 'delivered';
  return {
    state,
    at: now,
    notBefore: null,
    isPerhapsSent: true,
    commitmentUid: delivery.commitmentUid,
    commitmentRequests: delivery.commitmentRequests,
    reason: isMissing ? 'the receiver acknowledged, and then did not commit' : null,
    objects,
  };
}

/** What to note before the receiver is asked to commit, or null when it was asked often enough. */
export function commitmentRequestStep(
  delivery: Delivery,
  transactionUid: string,
  limits: { waitMs: number; maxRequests: number },
  now: Date,
): DeliveryStep {
  const isOver = delivery.commitmentRequests >= limits.maxRequests;
  return {
    state: isOver ? 'failed' : 'awaiting-commitment',
    at: now,
    notBefore: isOver ? null : new Date(now.getTime() + limits.waitMs),
    isPerhapsSent: true,
    commitmentUid: isOver ? delivery.commitmentUid : transactionUid,
    commitmentRequests: delivery.commitmentRequests + (isOver ? 0 : 1),
    reason: isOver ? `acknowledged, but no commitment after ${delivery.commitmentRequests} requests` : null,
    objects: [],
  };
}
