import type { Presence } from '@pce/shared/contracts/exam-outcome';
import type { ReportSource } from './report-source.js';
import type { SelftestStudy } from './selftest-studies.js';
import { type ServiceAddress, sendStudy } from './send-study.js';

/** What became of one study. */
export interface SelftestOutcome {
  readonly name: string;
  readonly images: number;
  /** Any of these is right. */
  readonly accepted: readonly Presence[];
  /** Null: no report came, or it does not say. */
  readonly received: Presence | null;
  readonly reportUid: string | null;
  /** From the last image acknowledged to the report seen at its destination; null: no report came. */
  readonly seconds: number | null;
  readonly limitSeconds: number;
  /** Why it failed before a report could come; null when nothing did. */
  readonly failure: string | null;
}

/** How long a report may take at all. */
const PATIENCE_MS = 180_000;

/** Sends one study after the other and waits for each report to arrive. */
export async function* runSelftest(
  studies: Iterable<SelftestStudy>,
  address: ServiceAddress,
  reports: ReportSource,
): AsyncGenerator<SelftestOutcome, void, undefined> {
  for (const { name, study, accepted, limitSeconds } of studies) {
    const { studyInstanceUid } = study.truth;
    const base = { name, images: study.files.length, accepted, limitSeconds };
    try {
      const sentAt = await sendStudy(address, study);
      const delivered = await reports.waitFor(studyInstanceUid, PATIENCE_MS);
      yield {
        ...base,
        received: delivered?.report.presence ?? null,
        reportUid: delivered?.report.sopInstanceUid ?? null,
        seconds: delivered ? Math.max(0, delivered.at - sentAt) / 1000 : null,
        failure: null,
      };
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      yield { ...base, received: null, reportUid: null, seconds: null, failure };
    }
  }
}

/** Whether the right answer came, whatever the time. */
export function isRight({ accepted, received }: SelftestOutcome): boolean {
  return received !== null && accepted.includes(received);
}

/** Whether the report came in time. */
export function isInTime({ seconds, limitSeconds }: SelftestOutcome): boolean {
  return seconds !== null && seconds <= limitSeconds;
}
