import { timingSafeEqual } from 'node:crypto';

/** Whether a text a caller sent is the one we gave out; how long it takes says nothing about where they differ. */
export function isSameSecret(received: unknown, expected: string): boolean {
  if (typeof received !== 'string') return false;
  // Texts of as many characters need not have as many bytes.
  const [a, b] = [Buffer.from(received), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
