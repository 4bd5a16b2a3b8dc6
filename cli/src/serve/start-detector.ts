import { AnalysisPool } from '@pce/detector/adapters/analysis-pool';
import { type AnalysisEvent, StudyReadyWorker } from '@pce/detector/adapters/study-ready-worker';
import type { AnalysisConfig } from '@pce/detector/config-schema';
import type { Clock } from '@pce/shared/ports/clock';
import type { JobQueue } from '@pce/shared/ports/job-queue';
import type { State } from './open-state.js';

export interface DetectorParts {
  state: State;
  queue: JobQueue;
  config: AnalysisConfig;
  studiesAtATime: number;
  clock: Clock;
  report: (event: AnalysisEvent) => void;
}

/** Puts the analysis together and takes jobs. */
export function startDetector({ state, queue, config, studiesAtATime, clock, report }: DetectorParts) {
  const pool = new AnalysisPool({
    threads: studiesAtATime,
    timeLimitMs: config.timeLimitSeconds * 1000,
    heapLimitMb: config.memoryLimitMb,
  });
  const worker = new StudyReadyWorker({
    ledger: state.ledger,
    results: state.ledger.results,
    queue,
    pool,
    pathOf: (instance) => state.store.pathOf(instance),
    detect: { reportAbove: config.reportAbove },
    attempts: { maxAttempts: config.maxAttempts, firstDelayMs: config.firstRetrySeconds * 1000 },
    clock,
    report,
  });
  worker.start(studiesAtATime);
  return { sweep: () => worker.sweep(), stop: () => pool.close() };
}
