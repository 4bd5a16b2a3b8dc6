/** How often an analysis is tried, and how long it rests between. */
export interface AttemptPolicy {
  readonly maxAttempts: number;
  readonly firstDelayMs: number;
}

/** A fault that passes, such as a share that was away, is over in minutes; one that stays is for people. [design] */
export const ATTEMPT_POLICY: AttemptPolicy = { maxAttempts: 5, firstDelayMs: 30_000 };

/** Each rest is this many times the one before. [design] */
const DELAY_FACTOR = 4;
/** No rest is longer, unless the first is already. [design] */
const LONGEST_DELAY_MS = 3_600_000;

/** The longest rest between two attempts. */
export function longestRestMs({ firstDelayMs }: AttemptPolicy): number {
  return Math.max(firstDelayMs, LONGEST_DELAY_MS);
}

/**
 * When to try again after a failed attempt.
 *
 * @param attempts how many were made
 * @returns null when it was the last
 */
export function retryAt(policy: AttemptPolicy, attempts: number, now: Date): Date | null {
  if (attempts >= policy.maxAttempts) return null;
  const restMs = Math.min(longestRestMs(policy), policy.firstDelayMs * DELAY_FACTOR ** (attempts - 1));
  return new Date(now.getTime() + restMs);
}
