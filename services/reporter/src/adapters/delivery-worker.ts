import { isDue } from '@pce/shared/contracts/due-time';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '@pce/shared/dimse/sop-classes';
import type { Clock } from '@pce/shared/ports/clock';
import type { Delivery, DeliveryLedger, ReportedObject } from '@pce/shared/ports/delivery-ledger';
import type { EventHub } from '@pce/shared/ports/event-hub';
import type { JobQueue } from '@pce/shared/ports/job-queue';
import type { Log } from '@pce/shared/ports/log';
import type { DestinationConfig } from '../config-schema.js';
import type { DeliveryProgress } from '../core/delivery-progress.js';
import { nextOpening } from '../core/delivery-timing.js';
import type { Destination, Parcel, ParcelObject, SendOutcome } from '../core/destination.js';
import { type AttemptPolicy, settleAttempt } from '../core/settle-attempt.js';
import { CommitmentDesk } from './commitment-desk.js';
import { ObjectGoneError, type OwnObjects } from './own-objects.js';

/** A destination with its settings. */
export interface Receiver {
  config: DestinationConfig;
  destination: Destination;
}

export interface DeliveryWorkerOptions {
  deliveries: DeliveryLedger;
  objects: OwnObjects;
  queue: JobQueue;
  receivers: ReadonlyMap<string, Receiver>;
  clock: Clock;
  log: Log;
  hub?: EventHub;
  /** Told of every attempt. */
  progress?: (progress: DeliveryProgress) => void;
  /** From 0 to 1. */
  random: () => number;
}

/** Timers run at most this long; the work then looks again. */
const LONGEST_TIMER_MS = 60 * 60 * 1000;

/**
 * Delivers what the ledger says is waiting, each destination in a lane of its own: in order, one at a time, and nobody
 * waits for the receiver of another lane.
 */
export class DeliveryWorker {
  readonly desk: CommitmentDesk;
  readonly #options: DeliveryWorkerOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Lanes that are being worked off here, and whether they were signalled meanwhile. */
  readonly #lanes = new Map<string, 'busy' | 'again'>();
  #isStopped = false;

  constructor(options: DeliveryWorkerOptions) {
    this.#options = options;
    this.desk = new CommitmentDesk({
      ...options,
      policyOf: (name) => policyOf(options.receivers.get(name)),
      changed: (delivery) => this.#changed(delivery),
    });
  }

  /** Starts taking jobs. */
  start(): void {
    const { queue, receivers } = this.#options;
    queue.process('deliver', Math.max(1, receivers.size), (name, signal) => this.#workAlone(name, signal));
  }

  /** Signals every destination that has something to get. */
  async sweep(): Promise<void> {
    const { deliveries, receivers, log } = this.#options;
    for (const name of await deliveries.unsettledDestinations()) {
      if (receivers.has(name)) await this.signal(name);
      else log('warn', 'destination-unknown', { destination: name });
    }
  }

  /** Something may be waiting for a destination. */
  async signal(name: string): Promise<void> {
    await this.#options.queue.add({ kind: 'deliver', key: name, priority: 0 });
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** A queue that lost its jobs may give out a lane again that is still being worked off. */
  async #workAlone(name: string, signal: AbortSignal): Promise<void> {
    if (this.#lanes.has(name)) {
      this.#lanes.set(name, 'again');
      return;
    }
    try {
      do {
        this.#lanes.set(name, 'busy');
        await this.#work(name, signal);
      } while (this.#lanes.get(name) === 'again' && !signal.aborted);
    } finally {
      this.#lanes.delete(name);
    }
  }

  /** Works off a lane until nothing is due, and comes back when something will be. */
  async #work(name: string, signal: AbortSignal): Promise<void> {
    const receiver = this.#options.receivers.get(name);
    if (!receiver) return;
    for (;;) {
      if (signal.aborted) return;
      const step = await this.#step(name, receiver, signal);
      if (step === 'idle') return;
      if (step instanceof Date) {
        this.#comeBack(name, step);
        return;
      }
    }
  }

  /** One thing that is due; else when to look again. */
  async #step(name: string, receiver: Receiver, signal: AbortSignal): Promise<'did' | 'idle' | Date> {
    const { deliveries, clock } = this.#options;
    const now = clock.now();
    const { pausedUntil } = await deliveries.lane(name);
    const { breaker, retry } = receiver.config;
    if (pausedUntil !== null && !isDue(pausedUntil, now, breaker.pauseSeconds * 1000)) return pausedUntil;
    const opening = nextOpening(receiver.config.window, now);
    if (opening !== null) return opening;
    const commitment = await this.desk.askNext(name, receiver.destination, signal);
    if (commitment === 'did') return 'did';
    const head = await deliveries.nextWaiting(name);
    if (head !== null && isDue(head.notBefore, now, retry.longestDelaySeconds * 1000)) {
      await this.#attempt(head, receiver, signal);
      return 'did';
    }
    const times = [head?.notBefore, commitment].filter((time) => time instanceof Date) as Date[];
    return times.length === 0 ? 'idle' : new Date(Math.min(...times.map(Number)));
  }

  async #attempt(delivery: Delivery, receiver: Receiver, signal: AbortSignal): Promise<void> {
    const { deliveries, clock, log, random, progress } = this.#options;
    const number = await deliveries.beginAttempt(delivery.deliveryId, clock.now());
    if (number === null) return;
    const { destination, studyInstanceUid } = delivery;
    progress?.({ phase: 'begun', destination, studyInstanceUid });
    const sent = await this.#send(delivery, receiver.destination, signal);
    progress?.({ phase: sent.kind === 'accepted' ? 'sent' : 'not-sent', destination, studyInstanceUid });
    const begun = { ...delivery, attempts: delivery.attempts + 1 };
    const lane = await deliveries.lane(destination);
    const policy = policyOf(receiver);
    const settled = settleAttempt(begun, lane, sent, policy, clock.now(), random());
    const objects = sent.objects.map(({ sopInstanceUid, status }) => ({ sopInstanceUid, status }));
    const attempt = { number, endedAt: clock.now(), outcome: settled.outcome, detail: sent.detail, objects };
    await deliveries.endAttempt(delivery.deliveryId, attempt, settled.step);
    if (!signal.aborted) await deliveries.setLane(settled.lane);
    log(settled.outcome === 'failed' ? 'error' : settled.outcome === 'retry' ? 'warn' : 'info', 'delivery', {
      destination,
      studyInstanceUid,
      resultId: delivery.resultId,
      outcome: settled.outcome,
      attempt: begun.attempts,
      message: sent.detail,
    });
    if (settled.step.state !== 'waiting') this.#changed({ ...delivery, state: settled.step.state });
  }

  /**
   * What throws is a fault on our side, such as a file with a secret that cannot be read: it is waited for as for a
   * receiver that does not answer. Without the object there is nothing to wait for.
   */
  async #send(delivery: Delivery, destination: Destination, signal: AbortSignal): Promise<SendOutcome> {
    try {
      return await destination.send(await this.#parcel(delivery), signal);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      if (error instanceof ObjectGoneError) return { kind: 'refused', objects: [], detail };
      return { kind: 'unreachable', isPerhapsSent: true, objects: [], detail };
    }
  }

  async #parcel(delivery: Delivery): Promise<Parcel> {
    const { deliveries, objects } = this.#options;
    const made = new Map(
      (await deliveries.objectsOfResult(delivery.resultId)).map((object) => [object.sopInstanceUid, object]),
    );
    const toParcel = (object: ReportedObject | undefined, fallback: ParcelObject | null): ParcelObject[] =>
      object
        ? [{ ...object, transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN, fallback, read: () => objects.read(object) }]
        : [];
    const pending = delivery.objects.filter(({ state }) => state === 'waiting');
    return {
      deliveryId: delivery.deliveryId,
      resultId: delivery.resultId,
      studyInstanceUid: delivery.studyInstanceUid,
      message: delivery.message,
      objects: pending.flatMap(({ sopInstanceUid }) => {
        const reserve = delivery.objects.find(
          ({ fallbackOf, state }) => fallbackOf === sopInstanceUid && state === 'reserve',
        );
        const [fallback] = reserve ? toParcel(made.get(reserve.sopInstanceUid), null) : [];
        return toParcel(made.get(sopInstanceUid), fallback ?? null);
      }),
    };
  }

  #changed({ state, studyInstanceUid, destination }: Delivery): void {
    const { hub } = this.#options;
    if (state === 'waiting') this.#comeBack(destination, this.#options.clock.now());
    if (state === 'delivered') hub?.publish({ kind: 'delivered', studyInstanceUid });
    if (state === 'failed') hub?.publish({ kind: 'delivery-failed', studyInstanceUid });
  }

  #comeBack(name: string, at: Date): void {
    clearTimeout(this.#timers.get(name));
    if (this.#isStopped) return;
    const delayMs = Math.min(LONGEST_TIMER_MS, Math.max(1, at.getTime() - this.#options.clock.now().getTime()));
    const lost = (error: Error) =>
      this.#options.log('warn', 'signal-lost', { destination: name, message: error.message });
    this.#timers.set(
      name,
      setTimeout(() => void this.signal(name).catch(lost), delayMs),
    );
  }
}

function policyOf(receiver: Receiver | undefined): AttemptPolicy {
  if (!receiver) throw new Error('Destination: expected one that is configured');
  const { retry, breaker } = receiver.config;
  return { retry, breaker, isCommitted: receiver.destination.commitment !== undefined };
}
