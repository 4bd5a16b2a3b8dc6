import type { Urgency } from '@pce/shared/contracts/exam-outcome';
import { OUTCOME_NAMES, type OutcomeKey, outcomeKey } from '../report/wording.js';
import { type Problem, SEVERITIES, type Severity } from './problem.js';
import type { StudyRecord } from './study-record.js';

/** What a study contributes to the order of the report and to the counts: little enough to keep for every study. */
export interface StudyDigest {
  readonly studyInstanceUid: string;
  readonly outcome: OutcomeKey;
  readonly urgency: Urgency;
  readonly probability: number;
  readonly hasReport: boolean;
  /** Why there is no analysis; null when there is one. */
  readonly reasonCode: string | null;
  readonly instances: number;
  /** The problems of its files and series, by severity and code: "broken truncated". */
  readonly problems: Readonly<Record<string, number>>;
}

/** Counts of a run. */
export interface RunTotals {
  readonly files: number;
  readonly instances: number;
  /** Studies found; those beyond the outcomes below were not reached because the run was stopped. */
  readonly studies: number;
  readonly outcomes: Readonly<Record<OutcomeKey, number>>;
  readonly problems: Readonly<Record<Severity, number>>;
  /** The same by severity and code: "broken truncated". Keys sorted. */
  readonly problemCodes: Readonly<Record<string, number>>;
  /** Why studies have no analysis, by outcome and code: "not-analysable too-few-slices". Keys sorted. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly reports: number;
}

export function digestOf(record: StudyRecord): StudyDigest {
  const outcome = record.result?.outcome ?? null;
  const analysed = outcome?.kind === 'analysed' ? outcome : null;
  const problems: Record<string, number> = {};
  for (const { severity, code } of record.problems) increment(problems, `${severity} ${code}`);
  return {
    studyInstanceUid: record.studyInstanceUid,
    outcome: outcomeKey(outcome),
    urgency: analysed?.suggestedUrgency ?? 'none',
    probability: analysed?.probability ?? 0,
    hasReport: record.reportSopInstanceUid !== null,
    reasonCode: analysed
      ? null
      : outcome === null || outcome.kind === 'analysed'
        ? (record.failure?.code ?? null)
        : outcome.reason.code,
    instances: record.instanceCount,
    problems,
  };
}

/** Adds up problems and studies as they come. */
export class TotalsCounter {
  readonly #outcomes = zeroes(Object.keys(OUTCOME_NAMES) as OutcomeKey[]);
  readonly #problemCodes: Record<string, number> = {};
  readonly #reasons: Record<string, number> = {};
  #reports = 0;
  #instances = 0;

  addProblem({ severity, code }: Problem): void {
    increment(this.#problemCodes, `${severity} ${code}`);
  }

  /** The study and its problems. */
  addStudy(digest: StudyDigest): void {
    this.#outcomes[digest.outcome] += 1;
    this.#instances += digest.instances;
    if (digest.hasReport) this.#reports += 1;
    if (digest.reasonCode !== null) increment(this.#reasons, `${digest.outcome} ${digest.reasonCode}`);
    for (const [key, count] of Object.entries(digest.problems)) increment(this.#problemCodes, key, count);
  }

  /** How many studies were analysed with cement found. */
  get present(): number {
    return this.#outcomes.present;
  }

  /** How many problems need somebody's attention. */
  get serious(): number {
    const { broken, 'not-analysable': refused } = this.#bySeverity();
    return broken + refused;
  }

  /** @param found null where nobody knows before all studies are fetched: then what the studies have is counted */
  totals(found: { files: number | null; instances: number | null; studies: number }): RunTotals {
    return {
      files: found.files ?? this.#instances,
      instances: found.instances ?? this.#instances,
      studies: found.studies,
      outcomes: { ...this.#outcomes },
      problems: this.#bySeverity(),
      problemCodes: sorted(this.#problemCodes),
      reasons: sorted(this.#reasons),
      reports: this.#reports,
    };
  }

  #bySeverity(): Record<Severity, number> {
    const counts = zeroes(SEVERITIES);
    for (const [key, count] of Object.entries(this.#problemCodes)) counts[key.split(' ')[0] as Severity] += count;
    return counts;
  }
}

function increment(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The number of studies that got an answer, of whatever kind. */
export function studiesDone(totals: RunTotals): number {
  return Object.values(totals.outcomes).reduce((sum, count) => sum + count, 0);
}

function zeroes<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}
