/** How failures in a row are spaced. Times in seconds. */
export interface RetrySpacing {
  firstDelaySeconds: number;
  longestDelaySeconds: number;
}

/** Local time of day, "HH:MM", in which deliveries may start. */
export interface DeliveryWindow {
  from: string;
  to: string;
}

/**
 * The rest after a failure: twice as long each time up to the longest, and shorter by up to a half at random, so that
 * those who failed together do not come back together.
 *
 * @param failures in a row, from 1
 * @param random from 0 to 1
 */
export function backOffMs(spacing: RetrySpacing, failures: number, random: number): number {
  const doubled = spacing.firstDelaySeconds * 2 ** Math.min(failures - 1, 30);
  return 1000 * Math.min(doubled, spacing.longestDelaySeconds) * (1 - random / 2);
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** When a window opens next; null while it is open. Equal ends never close. */
export function nextOpening(window: DeliveryWindow | undefined, now: Date): Date | null {
  if (!window || window.from === window.to) return null;
  const [from, to] = [minutesOf(window.from), minutesOf(window.to)];
  const minute = now.getHours() * 60 + now.getMinutes();
  const isOpen = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  if (isOpen) return null;
  const opening = new Date(now);
  opening.setHours(0, from, 0, 0);
  if (opening <= now) opening.setDate(opening.getDate() + 1);
  return opening;
}
