import { availableParallelism, totalmem } from 'node:os';
import { AnalysisPool } from '@pce/detector/adapters/analysis-pool';
import { type AnalysisEvent, StudyReadyWorker } from '@pce/detector/adapters/study-ready-worker';
import type { Log } from '@pce/shared/ports/log';
import { defaultJobs } from '../screen/default-jobs.js';
import type { Commons } from './commons.js';

/** Analyses studies from now on. */
export function beginDetector({ config, state, queue, hub, metrics, clock, log }: Commons) {
  const { analysis } = config.file;
  const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const studiesAtATime = analysis.studiesAtATime ?? defaultJobs(availableParallelism(), memoryBytes);
  const pool = new AnalysisPool({
    threads: studiesAtATime,
    timeLimitMs: analysis.timeLimitSeconds * 1000,
    heapLimitMb: analysis.memoryLimitMb,
    isKeptWarm: true,
  });
  const worker = new StudyReadyWorker({
    ledger: state.ledger,
    results: state.ledger.results,
    queue,
    pool,
    pathOf: (instance) => state.store.pathOf(instance),
    detect: { reportAbove: analysis.reportAbove },
    attempts: { maxAttempts: analysis.maxAttempts, firstDelayMs: analysis.firstRetrySeconds * 1000 },
    clock,
    report: (event) => {
      metrics.analysisEnded(event);
      logAnalysis(log, event);
      if (event.kind === 'overtaken') return;
      const kind = event.kind === 'analysed' ? 'analysed' : 'analysis-failed';
      hub.publish({ kind, studyInstanceUid: event.studyInstanceUid });
    },
  });
  worker.start(studiesAtATime);
  return { sweep: () => worker.sweep(), stop: () => pool.close() };
}

function logAnalysis(log: Log, event: AnalysisEvent): void {
  const { kind, ...fields } = event;
  if (kind !== 'failed') log('info', kind, fields);
  else log(event.kind === 'failed' && event.retryAt === null ? 'error' : 'warn', 'analysis-failed', fields);
}
