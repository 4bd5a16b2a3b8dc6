import { isDue } from '@pce/shared/contracts/due-time';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import type { Clock } from '@pce/shared/ports/clock';
import type { JobQueue } from '@pce/shared/ports/job-queue';
import type { AnalysisKey, Ledger, LedgerAnalysis } from '@pce/shared/ports/ledger';
import type { ResultLedger } from '@pce/shared/ports/result-ledger';
import { type AttemptPolicy, longestRestMs, retryAt } from '../core/attempt-policy.js';
import type { DetectOptions } from '../core/detect-options.js';
import type { AnalysisPool } from './analysis-pool.js';

/** What became of an analysis, for the log and the figures. */
export type AnalysisEvent =
  | { kind: 'analysed'; studyInstanceUid: string; resultId: string; durationMs: number }
  /** Later images came meanwhile: the answer for fewer of them is dropped, as the one for all is on its way. */
  | { kind: 'overtaken'; studyInstanceUid: string; durationMs: number }
  | { kind: 'failed'; studyInstanceUid: string; message: string; retryAt: Date | null };

export interface StudyReadyWorkerOptions {
  readonly ledger: Ledger;
  readonly results: ResultLedger;
  readonly queue: JobQueue;
  readonly pool: AnalysisPool;
  /** Where the file of an instance lies: threads read it themselves. */
  readonly pathOf: (instance: StoredInstance) => string;
  readonly detect: DetectOptions;
  readonly attempts: AttemptPolicy;
  readonly clock: Clock;
  readonly report: (event: AnalysisEvent) => void;
}

/**
 * Analyses the studies the ledger says are waiting. Safe to repeat and to cut off anywhere: a result is recorded once,
 * and an attempt is counted before it is made.
 */
export class StudyReadyWorker {
  readonly #options: StudyReadyWorkerOptions;

  constructor(options: StudyReadyWorkerOptions) {
    this.#options = options;
  }

  /** Takes jobs from the queue, `concurrency` at a time. */
  start(concurrency: number): void {
    this.#options.queue.process('analyse', concurrency, (study, signal) => this.#analyse(study, signal));
  }

  /** Puts every study whose analysis is due into the queue. */
  async sweep(): Promise<void> {
    const { ledger, queue, clock, attempts } = this.#options;
    for (const analysis of await ledger.pendingAnalyses()) {
      if (!isDue(analysis.notBefore, clock.now(), longestRestMs(attempts))) continue;
      await queue.add({ kind: 'analyse', key: analysis.studyInstanceUid, priority: analysis.priority });
    }
  }

  async #analyse(studyInstanceUid: string, signal: AbortSignal): Promise<void> {
    const { ledger, attempts, clock } = this.#options;
    const analysis = await this.#pendingOf(studyInstanceUid);
    if (!analysis || !isDue(analysis.notBefore, clock.now(), longestRestMs(attempts))) return;
    if (analysis.attempts >= attempts.maxAttempts) {
      await this.#fail(analysis, 'every attempt was cut off before it came to an answer', attempts.maxAttempts);
      return;
    }
    await ledger.beginAnalysis(analysis);
    try {
      await this.#analyseImages(analysis, signal);
    } catch (error) {
      // Cut off by our own stop: the next start goes on with it.
      if (signal.aborted) await ledger.releaseAnalysis(analysis);
      else await this.#fail(analysis, messageOf(error), analysis.attempts + 1);
    }
  }

  async #analyseImages(analysis: LedgerAnalysis, signal: AbortSignal): Promise<void> {
    const { ledger, results, queue, pool, pathOf, detect, clock, report } = this.#options;
    const { studyInstanceUid } = analysis;
    const held = await ledger.instancesOfStudy(studyInstanceUid);
    const images = held.filter(({ isOwnResult }) => !isOwnResult);
    if (images.length === 0) throw new Error('expected images in the store; received none: they were removed');
    const analysedAt = clock.now();
    const begun = performance.now();
    const located = images.map((image) => ({ ...image, location: pathOf(image) }));
    const { result, pictures } = await pool.analyse(located, detect, signal);
    const durationMs = performance.now() - begun;
    const requestedDigest = analysis.instanceSetDigest;
    if ((await this.#pendingOf(studyInstanceUid))?.instanceSetDigest !== requestedDigest) {
      report({ kind: 'overtaken', studyInstanceUid, durationMs });
      return;
    }
    const made = { result, requestedDigest, pictures, analysedAt, durationMs };
    const { resultId, outcome } = await results.recordResult(made);
    if (outcome === 'overtaken') {
      report({ kind: 'overtaken', studyInstanceUid, durationMs });
      return;
    }
    report({ kind: 'analysed', studyInstanceUid, resultId, durationMs });
    // The result is safe: where the signal is lost, the reporter's sweep finds it.
    await queue.add({ kind: 'report', key: resultId, priority: analysis.priority }).catch(() => {});
  }

  async #pendingOf(studyInstanceUid: string): Promise<LedgerAnalysis | undefined> {
    const analyses = await this.#options.ledger.analysesOfStudy(studyInstanceUid);
    return analyses.find(({ state }) => state === 'pending');
  }

  async #fail(analysis: AnalysisKey, message: string, attempts: number): Promise<void> {
    const { ledger, attempts: policy, clock, report } = this.#options;
    const again = retryAt(policy, attempts, clock.now());
    await ledger.failAnalysis(analysis, message, again);
    report({ kind: 'failed', studyInstanceUid: analysis.studyInstanceUid, message, retryAt: again });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
