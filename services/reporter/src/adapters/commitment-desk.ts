import { createHash } from 'node:crypto';
import { isDue } from '@pce/shared/contracts/due-time';
import type { Clock } from '@pce/shared/ports/clock';
import type { Delivery, DeliveryLedger } from '@pce/shared/ports/delivery-ledger';
import type { Log } from '@pce/shared/ports/log';
import type { CommitmentReport, Destination } from '../core/destination.js';
import { uidFromParts } from '../core/result-uid.js';
import type { AttemptPolicy } from '../core/settle-attempt.js';
import { commitmentRequestStep, settleCommitment, uncommittedObjects } from '../core/settle-commitment.js';

export interface CommitmentDeskOptions {
  deliveries: DeliveryLedger;
  clock: Clock;
  log: Log;
  policyOf: (destination: string) => AttemptPolicy;
  /** Told of each delivery a commitment has settled. */
  changed: (delivery: Delivery) => void;
}

/** Asks receivers to commit to what they acknowledged, and takes their reports. */
export class CommitmentDesk {
  readonly #options: CommitmentDeskOptions;

  constructor(options: CommitmentDeskOptions) {
    this.#options = options;
  }

  /** Asks for the first that is due; else when the next will be, or null when nothing awaits commitment. */
  async askNext(name: string, { commitment }: Destination, signal: AbortSignal): Promise<'did' | Date | null> {
    const { deliveries, clock } = this.#options;
    const open = await deliveries.awaitingCommitment(name);
    const due = open.find(({ notBefore }) => isDue(notBefore, clock.now(), commitment?.waitMs ?? 0));
    if (due) {
      await this.#ask(due, commitment, signal);
      return 'did';
    }
    const times = open.map(({ notBefore }) => Number(notBefore));
    return times.length === 0 ? null : new Date(Math.min(...times));
  }

  /**
   * A receiver reports what it commits to.
   *
   * @returns whether it is about something we asked
   */
  async reported(report: CommitmentReport): Promise<boolean> {
    const { deliveries, clock, policyOf } = this.#options;
    const delivery = await deliveries.findByCommitment(report.transactionUid);
    if (!delivery) return false;
    const step = settleCommitment(delivery, report, policyOf(delivery.destination), clock.now());
    await this.#take(delivery, step, delivery.commitmentUid);
    return true;
  }

  async #ask(delivery: Delivery, commitment: Destination['commitment'], signal: AbortSignal): Promise<void> {
    const { deliveries, clock, log } = this.#options;
    const transactionUid = transactionUidFor(delivery, clock.now());
    // Without commitment in the settings any more, what was acknowledged is delivered.
    if (!commitment) {
      const step = { ...commitmentRequestStep(delivery, '', { waitMs: 0, maxRequests: 1 }, clock.now()) };
      await this.#take(delivery, { ...step, state: 'delivered', reason: null }, delivery.commitmentUid);
      return;
    }
    const step = commitmentRequestStep(delivery, transactionUid, commitment, clock.now());
    await this.#take(delivery, step, delivery.commitmentUid);
    if (step.state !== 'awaiting-commitment') return;
    const made = new Map(
      (await deliveries.objectsOfResult(delivery.resultId)).map((object) => [object.sopInstanceUid, object]),
    );
    const references = uncommittedObjects(delivery).flatMap(({ sopInstanceUid }) => made.get(sopInstanceUid) ?? []);
    const answer = await commitment.ask(references, transactionUid, signal);
    if (answer.kind === 'asked' && answer.report) await this.reported(answer.report);
    if (answer.kind === 'not-asked') {
      log('warn', 'commitment-not-asked', { destination: delivery.destination, message: answer.detail });
    }
  }

  async #take(delivery: Delivery, step: Parameters<DeliveryLedger['takeStep']>[1], expected: string | null) {
    const { deliveries, log, changed } = this.#options;
    const isTaken = await deliveries.takeStep(delivery.deliveryId, step, expected);
    if (!isTaken || step.state === 'awaiting-commitment') return;
    log(step.state === 'delivered' ? 'info' : 'warn', 'commitment', {
      destination: delivery.destination,
      studyInstanceUid: delivery.studyInstanceUid,
      outcome: step.state,
      ...(step.reason === null ? {} : { message: step.reason }),
    });
    changed({ ...delivery, state: step.state });
  }
}

/** A UID of its own for each request. Source: PS3.4 section J.3.2.1. */
function transactionUidFor({ deliveryId, attempts, commitmentRequests }: Delivery, now: Date): string {
  const request = [deliveryId, `${attempts}`, `${commitmentRequests}`, now.toISOString()];
  return uidFromParts(['commitment', createHash('sha256').update(request.join()).digest('hex')]);
}
