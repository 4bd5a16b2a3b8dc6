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
}

/** Counts of a run. */
export interface RunTotals {
  readonly files: number;
  readonly instances: number;
  /** Studies found; those beyond the outcomes below were not reached because the run was stopped. */
  readonly studies: number;
  readonly outcomes: Readonly<Record<OutcomeKey, number>>;
  readonly problems: Readonly<Record<Severity, number>>;
  readonly reports: number;
}

export function digestOf(record: StudyRecord): StudyDigest {
  const outcome = record.result?.outcome ?? null;
  const analysed = outcome?.kind === 'analysed' ? outcome : null;
  return {
    studyInstanceUid: record.studyInstanceUid,
    outcome: outcomeKey(outcome),
    urgency: analysed?.suggestedUrgency ?? 'none',
    probability: analysed?.probability ?? 0,
    hasReport: record.reportSopInstanceUid !== null,
  };
}

/** Adds up problems and studies as they come. */
export class TotalsCounter {
  readonly #outcomes = zeroes(Object.keys(OUTCOME_NAMES) as OutcomeKey[]);
  readonly #problems = zeroes(SEVERITIES);
  #reports = 0;

  addProblem(problem: Problem): void {
    this.#problems[problem.severity] += 1;
  }

  addStudy(digest: StudyDigest): void {
    this.#outcomes[digest.outcome] += 1;
    if (digest.hasReport) this.#reports += 1;
  }

  /** How many studies were analysed with cement found. */
  get present(): number {
    return this.#outcomes.present;
  }

  /** How many problems need somebody's attention. */
  get serious(): number {
    return this.#problems.broken + this.#problems['not-analysable'];
  }

  totals(found: { files: number; instances: number; studies: number }): RunTotals {
    return { ...found, outcomes: { ...this.#outcomes }, problems: { ...this.#problems }, reports: this.#reports };
  }
}

/** The number of studies that got an answer, of whatever kind. */
export function studiesDone(totals: RunTotals): number {
  return Object.values(totals.outcomes).reduce((sum, count) => sum + count, 0);
}

function zeroes<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}
