import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../exit-codes.js';

/** A part of the day, minutes from midnight, local time; it may pass midnight. */
export interface DayWindow {
  readonly fromMinute: number;
  readonly toMinute: number;
}

const MINUTES_PER_DAY = 24 * 60;

/**
 * Reads "20:00-06:00".
 *
 * @throws UsageError
 */
export function parseWindow(text: string): DayWindow {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  const [fromMinute, toMinute] = match ? [minutes(match[1]!, match[2]!), minutes(match[3]!, match[4]!)] : [0, 0];
  if (fromMinute !== toMinute) return { fromMinute, toMinute };
  throw new UsageError('--window', 'two times of day, such as 20:00-06:00', JSON.stringify(text));
}

const minutes = (hour: string, minute: string): number => Number(hour) * 60 + Number(minute);

/** Minutes until the window opens; 0 inside it. */
export function minutesUntilOpen({ fromMinute, toMinute }: DayWindow, nowMinute: number): number {
  const span = (toMinute - fromMinute + MINUTES_PER_DAY) % MINUTES_PER_DAY;
  const into = (nowMinute - fromMinute + MINUTES_PER_DAY) % MINUTES_PER_DAY;
  return into < span ? 0 : MINUTES_PER_DAY - into;
}

export interface PaceOptions {
  /** Studies asked for in a minute; null is without limit. */
  readonly maxPerMinute: number | null;
  readonly window: DayWindow | null;
}

/** Spares the PACS: one study at a time, not more often than allowed, only within the window. */
export class Pace {
  #nextAt = 0;
  constructor(
    readonly options: PaceOptions,
    readonly now: () => Date = () => new Date(),
    readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown> = (ms, signal) =>
      sleep(ms, undefined, { signal }),
  ) {}

  /** Settles when the next study may be asked for. @throws when stopped */
  async turn(signal: AbortSignal, waiting: (minutes: number) => void): Promise<void> {
    signal.throwIfAborted();
    const { window, maxPerMinute } = this.options;
    if (window !== null) {
      const minute = (): number => this.now().getHours() * 60 + this.now().getMinutes();
      const closed = minutesUntilOpen(window, minute());
      if (closed > 0) waiting(closed);
      // In steps: a clock may be set, a machine may sleep.
      while (minutesUntilOpen(window, minute()) > 0) await this.wait(30_000, signal);
    }
    if (maxPerMinute === null) return;
    const now = this.now().getTime();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + 60_000 / maxPerMinute;
    if (at > now) await this.wait(at - now, signal);
  }
}
