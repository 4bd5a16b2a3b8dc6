import { describe, expect, it } from 'vitest';
import { MIN_PROGRESS_BYTES, type PeerObservation, PeerWatchdog } from './peer-watchdog.js';

const patience = { artimMs: 1, stallMs: 1000, idleMs: 5000 };
const still: PeerObservation = {
  nowMs: 0,
  bytesRead: 0,
  bytesWritten: 0,
  isWriteBlocked: false,
  isMidMessage: false,
  isBusy: false,
  isPaused: false,
};

function watch(...seen: Partial<PeerObservation>[]): string[] {
  const watchdog = new PeerWatchdog(patience);
  return seen.map((part) => watchdog.observe({ ...still, ...part }));
}

describe('PeerWatchdog', () => {
  it('gives up a peer that stops, or only drips, in the middle of a message', () => {
    expect(watch({ isMidMessage: true }, { isMidMessage: true, nowMs: 999 })).toEqual(['fine', 'fine']);
    expect(watch({ isMidMessage: true }, { isMidMessage: true, nowMs: 1000, bytesRead: 10 })).toEqual([
      'fine',
      'stalled',
    ]);
  });

  it('lets a slow peer that makes progress go on', () => {
    const steps = [0, 1, 2, 3].map((step) => ({
      isMidMessage: true,
      nowMs: step * 1000,
      bytesRead: step * MIN_PROGRESS_BYTES,
    }));
    expect(watch(...steps)).toEqual(['fine', 'fine', 'fine', 'fine']);
  });

  it('does not blame the peer while we are not reading', () => {
    expect(watch({ isMidMessage: true }, { isMidMessage: true, isPaused: true, nowMs: 9000 })).toEqual([
      'fine',
      'fine',
    ]);
  });

  it('gives up a peer that takes none of our bytes', () => {
    expect(watch({ isWriteBlocked: true }, { isWriteBlocked: true, nowMs: 1000 })).toEqual(['fine', 'not-reading']);
    expect(watch({ isWriteBlocked: true }, { isWriteBlocked: true, nowMs: 1000, bytesWritten: 1 })).toEqual([
      'fine',
      'fine',
    ]);
  });

  it('ends an association on which nothing happens, not one with an operation under way', () => {
    expect(watch({}, { nowMs: 5000 })).toEqual(['fine', 'idle']);
    expect(watch({}, { nowMs: 4000, bytesRead: 1 }, { nowMs: 5000, bytesRead: 1 })).toEqual(['fine', 'fine', 'fine']);
    expect(watch({}, { nowMs: 9000, isBusy: true })).toEqual(['fine', 'fine']);
  });
});
