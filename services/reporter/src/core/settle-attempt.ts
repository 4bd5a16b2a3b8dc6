import type { AttemptOutcome, DeliveredObject, Delivery, DeliveryStep, Lane } from '@pce/shared/ports/delivery-ledger';
import { backOffMs, type RetrySpacing } from './delivery-timing.js';
import type { SendOutcome } from './destination.js';

/** When to try again and when to give up. */
export interface AttemptPolicy {
  retry: RetrySpacing & { maxAttempts: number; giveUpAfterHours: number };
  breaker: { failures: number; pauseSeconds: number };
  /** Whether the receiver is asked to commit to what it acknowledged. */
  isCommitted: boolean;
}

/** What the ledger is told at the end of an attempt. */
export interface SettledAttempt {
  outcome: AttemptOutcome;
  step: DeliveryStep;
  lane: Lane;
}

const HOUR_MS = 60 * 60 * 1000;

/**
 * Decides what follows from an attempt: for the delivery, and for the queue it is the head of. Pure.
 *
 * @param delivery as it was before the attempt, which `delivery.attempts` counts already
 * @param random from 0 to 1, for the spacing
 */
export function settleAttempt(
  delivery: Delivery,
  lane: Lane,
  sent: SendOutcome,
  policy: AttemptPolicy,
  now: Date,
  random: number,
): SettledAttempt {
  const objects = changedObjects(delivery, sent);
  const next = nextState(delivery, sent, objects, policy, now);
  const isPerhapsSent = delivery.isPerhapsSent || sent.kind !== 'unreachable' || sent.isPerhapsSent;
  const isHealthy = sent.kind === 'accepted' || sent.kind === 'refused';
  const failures = isHealthy ? 0 : lane.failures + 1;
  const restMs = backOffMs(policy.retry, Math.max(1, failures), random);
  return {
    outcome: next === 'waiting' ? 'retry' : next,
    step: {
      state: next,
      at: now,
      notBefore: next === 'waiting' ? new Date(now.getTime() + restMs) : null,
      isPerhapsSent,
      commitmentUid: null,
      commitmentRequests: 0,
      reason: next === 'delivered' || next === 'awaiting-commitment' ? null : sent.detail,
      objects,
    },
    lane: isHealthy
      ? { ...lane, failures: 0, pausedUntil: null, lastSuccessAt: now }
      : { ...lane, failures, pausedUntil: pauseEnd(failures, policy, now), lastFailure: sent.detail },
  };
}

function nextState(
  delivery: Delivery,
  sent: SendOutcome,
  objects: readonly DeliveredObject[],
  policy: AttemptPolicy,
  now: Date,
): 'delivered' | 'awaiting-commitment' | 'failed' | 'waiting' {
  switch (sent.kind) {
    case 'accepted':
      // What was refused in an earlier attempt is not there, though the rest is.
      if (isRefused(delivery, objects)) return 'failed';
      return policy.isCommitted ? 'awaiting-commitment' : 'delivered';
    case 'refused':
      return 'failed';
    case 'troubled':
      return delivery.attempts >= policy.retry.maxAttempts ? 'failed' : 'waiting';
    case 'unreachable': {
      const hours = (now.getTime() - (delivery.askedAgainAt ?? delivery.plannedAt).getTime()) / HOUR_MS;
      return hours >= policy.retry.giveUpAfterHours ? 'failed' : 'waiting';
    }
  }
}

function isRefused(delivery: Delivery, changed: readonly DeliveredObject[]): boolean {
  const now = new Map(changed.map((object) => [object.sopInstanceUid, object]));
  return delivery.objects.some((object) => (now.get(object.sopInstanceUid) ?? object).state === 'refused');
}

/** From the failure that opens the breaker on, each further failure opens it again. */
function pauseEnd(failures: number, { breaker }: AttemptPolicy, now: Date): Date | null {
  return failures >= breaker.failures ? new Date(now.getTime() + breaker.pauseSeconds * 1000) : null;
}

function changedObjects(delivery: Delivery, sent: SendOutcome): DeliveredObject[] {
  return sent.objects.flatMap(({ sopInstanceUid, state, status }) => {
    const known = delivery.objects.find((object) => object.sopInstanceUid === sopInstanceUid);
    return known ? [{ ...known, state, status }] : [];
  });
}
