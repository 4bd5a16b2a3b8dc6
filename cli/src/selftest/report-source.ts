import type { ReadReport } from './read-report.js';

/** Where delivered reports can be seen: a receiver of our own, a folder or a PACS. */
export interface ReportSource {
  /** For the commissioning report. */
  readonly description: string;
  /** The report of a study, as soon as it is there; null when it has not come by then. */
  waitFor(studyInstanceUid: string, patienceMs: number): Promise<DeliveredReport | null>;
  close(): Promise<void>;
}

export interface DeliveredReport {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly report: ReadReport;
}

/** How often a place is looked at that does not tell by itself. */
const LOOK_INTERVAL_MS = 50;

/** Looks again and again until there is something, or the patience is over. */
export async function lookUntil<T>(patienceMs: number, look: () => Promise<T | null>): Promise<T | null> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== null || Date.now() >= end) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  }
}
