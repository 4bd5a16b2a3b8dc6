/**
 * Whether something put off until `notBefore` may be tried. What lies further ahead than anything is ever put off was
 * noted by a clock that was wrong, and is not waited for: a clock set back by a day must not hold work for a day.
 *
 * @param notBefore null: at once
 * @param longestMs the longest anything is put off
 */
export function isDue(notBefore: Date | null, now: Date, longestMs: number): boolean {
  if (notBefore === null) return true;
  const aheadMs = notBefore.getTime() - now.getTime();
  return aheadMs <= 0 || aheadMs > longestMs;
}
