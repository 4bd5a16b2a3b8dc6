import type { Delivery, Lane } from '@pce/shared/ports/delivery-ledger';
import { describe, expect, it } from 'vitest';
import { backOffMs, nextOpening } from './delivery-timing.js';
import type { SendOutcome } from './destination.js';
import { type AttemptPolicy, settleAttempt } from './settle-attempt.js';
import { commitmentRequestStep, settleCommitment } from './settle-commitment.js';

const now = new Date('2026-01-01T12:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const policy: AttemptPolicy = {
  retry: { firstDelaySeconds: 10, longestDelaySeconds: 60, maxAttempts: 3, giveUpAfterHours: 2 },
  breaker: { failures: 2, pauseSeconds: 300 },
  isCommitted: false,
};
const lane: Lane = { destination: 'pacs', failures: 0, pausedUntil: null, lastFailure: null, lastSuccessAt: null };
const object = (sopInstanceUid: string, state: Delivery['objects'][number]['state'] = 'waiting') => ({
  sopInstanceUid,
  fallbackOf: null,
  state,
  status: null,
});
const delivery: Delivery = {
  deliveryId: 'd',
  resultId: 'r',
  studyInstanceUid: '1.2',
  destination: 'pacs',
  sequence: 1,
  state: 'waiting',
  plannedAt: now,
  askedAgainAt: null,
  settledAt: null,
  attempts: 1,
  notBefore: null,
  isPerhapsSent: false,
  commitmentUid: null,
  commitmentRequests: 0,
  reason: null,
  message: null,
  objects: [object('1'), object('2')],
};
const acknowledged = (uid: string) => ({ sopInstanceUid: uid, state: 'acknowledged' as const, status: 0 });
const accepted: SendOutcome = { kind: 'accepted', objects: [acknowledged('1'), acknowledged('2')], detail: 'ok' };
const silent: SendOutcome = { kind: 'unreachable', isPerhapsSent: false, objects: [], detail: 'no answer' };
const busy: SendOutcome = { kind: 'troubled', objects: [acknowledged('1')], detail: '0xa700' };

const settle = (sent: SendOutcome, change: Partial<Delivery> = {}, on: Partial<Lane> = {}, is = policy) =>
  settleAttempt({ ...delivery, ...change }, { ...lane, ...on }, sent, is, now, 0);

describe('settleAttempt', () => {
  it('delivers what is acknowledged, and asks for commitment where that is on', () => {
    expect(settle(accepted).step).toMatchObject({ state: 'delivered', reason: null, isPerhapsSent: true });
    expect(settle(accepted, {}, {}, { ...policy, isCommitted: true }).step.state).toBe('awaiting-commitment');
  });

  it('gives a receiver that does not answer its whole time again when it is asked for again', () => {
    const planned = { plannedAt: later(-100 * 3600) };
    expect(settle(silent, planned).step.state).toBe('failed');
    expect(settle(silent, { ...planned, askedAgainAt: later(-3600) }).step.state).toBe('waiting');
    expect(settle(silent, { ...planned, askedAgainAt: later(-2 * 3600) }).step.state).toBe('failed');
  });

  it('keeps what was acknowledged when the rest was not, and tries again after a rest', () => {
    const { step, outcome, lane: after } = settle(busy);
    expect([outcome, step.state, step.notBefore]).toEqual(['retry', 'waiting', later(10)]);
    expect(step.objects).toEqual([{ ...object('1'), state: 'acknowledged', status: 0 }]);
    expect(after).toMatchObject({ failures: 1, pausedUntil: null, lastFailure: '0xa700' });
  });

  it('opens the breaker after failures in a row, and closes it with the first success', () => {
    const opened = settle(silent, {}, { failures: 1 }).lane;
    expect(opened).toMatchObject({ failures: 2, pausedUntil: later(300) });
    expect(settle(accepted, {}, opened).lane).toMatchObject({ failures: 0, pausedUntil: null, lastSuccessAt: now });
  });

  it('gives up on a receiver that answers after its attempts, on a silent one after its time', () => {
    expect(settle(busy, { attempts: 3 }).outcome).toBe('failed');
    expect(settle(silent, { attempts: 99 }).outcome).toBe('retry');
    expect(settle(silent, { plannedAt: later(-7200) }).outcome).toBe('failed');
  });

  it('knows whether anything can have been sent', () => {
    expect(settle(silent).step.isPerhapsSent).toBe(false);
    expect(settle({ ...silent, isPerhapsSent: true } as SendOutcome).step.isPerhapsSent).toBe(true);
    expect(settle(silent, { isPerhapsSent: true }).step.isPerhapsSent).toBe(true);
  });

  it('is not fooled by a success that follows a refusal', () => {
    const objects = [object('1', 'refused'), object('2')];
    expect(settle({ ...accepted, objects: [acknowledged('2')] }, { objects }).outcome).toBe('failed');
  });
});

describe('commitment', () => {
  const waiting: Delivery = {
    ...delivery,
    state: 'awaiting-commitment',
    commitmentUid: '9',
    objects: [object('1', 'acknowledged'), object('2', 'acknowledged')],
  };
  const report = { transactionUid: '9', committed: ['1'], failed: [{ sopInstanceUid: '2', reason: 0x0112 }] };

  it('sends again what the receiver has not, up to the number of attempts', () => {
    const step = settleCommitment(waiting, report, policy, now);
    expect(step.state).toBe('waiting');
    expect(step.objects.map(({ state, status }) => [state, status])).toEqual([
      ['committed', 0],
      ['waiting', 0x0112],
    ]);
    expect(settleCommitment({ ...waiting, attempts: 3 }, report, policy, now).state).toBe('failed');
  });

  it('goes on waiting for what a report does not name', () => {
    const partial = { ...report, failed: [] };
    expect(settleCommitment(waiting, partial, policy, now).state).toBe('awaiting-commitment');
    expect(settleCommitment(waiting, { ...partial, committed: ['1', '2'] }, policy, now).state).toBe('delivered');
  });

  it('is asked for a number of times', () => {
    const limits = { waitMs: 1000, maxRequests: 2 };
    expect(commitmentRequestStep(waiting, '10', limits, now)).toMatchObject({
      state: 'awaiting-commitment',
      commitmentUid: '10',
      commitmentRequests: 1,
      notBefore: later(1),
    });
    expect(commitmentRequestStep({ ...waiting, commitmentRequests: 2 }, '11', limits, now).state).toBe('failed');
  });
});

describe('timing', () => {
  it('doubles up to the longest rest, less up to a half', () => {
    const rests = [1, 2, 3, 4, 99].map((failures) => backOffMs(policy.retry, failures, 0));
    expect(rests).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
    expect(backOffMs(policy.retry, 1, 1)).toBe(5000);
  });

  it('knows when a window opens, also one over midnight', () => {
    const at = (time: string) => new Date(`2026-01-05T${time}:00`);
    expect(nextOpening({ from: '08:00', to: '17:00' }, at('08:00'))).toBeNull();
    expect(nextOpening({ from: '08:00', to: '17:00' }, at('07:59'))).toEqual(at('08:00'));
    expect(nextOpening({ from: '08:00', to: '17:00' }, at('17:00'))).toEqual(new Date('2026-01-06T08:00:00'));
    expect(nextOpening({ from: '19:00', to: '07:00' }, at('23:30'))).toBeNull();
    expect(nextOpening({ from: '19:00', to: '07:00' }, at('06:59'))).toBeNull();
    expect(nextOpening({ from: '19:00', to: '07:00' }, at('12:00'))).toEqual(at('19:00'));
    expect(nextOpening(undefined, at('12:00'))).toBeNull();
  });
});
