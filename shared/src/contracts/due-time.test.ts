import { expect, it } from 'vitest';
import { isDue } from './due-time.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const inMs = (ms: number) => new Date(NOW.getTime() + ms);

it('waits for what was put off, and not for what was never', () => {
  expect(isDue(null, NOW, HOUR_MS)).toBe(true);
  expect(isDue(inMs(-1), NOW, HOUR_MS)).toBe(true);
  expect(isDue(inMs(0), NOW, HOUR_MS)).toBe(true);
  expect(isDue(inMs(1), NOW, HOUR_MS)).toBe(false);
  expect(isDue(inMs(HOUR_MS), NOW, HOUR_MS)).toBe(false);
});

it('does not wait for a time that only a wrong clock can have noted', () => {
  expect(isDue(inMs(HOUR_MS + 1), NOW, HOUR_MS)).toBe(true);
  expect(isDue(inMs(24 * HOUR_MS), NOW, HOUR_MS)).toBe(true);
});
