import { availableParallelism, totalmem } from 'node:os';
import { AnalysisPool } from '@pce/detector/adapters/analysis-pool';
import type { DeviceIdentity } from '@pce/reporter/core/report-context';
import type { OutputFolder } from '../output/output-folder.js';
import { defaultJobs } from './default-jobs.js';
import { screenStudy } from './screen-study.js';
import type { StudyRecord } from './study-record.js';
import type { SourcedStudy } from './study-source.js';

/** Takes a study to its record, here or elsewhere. */
export interface StudyScreener {
  /** Studies to have under way at a time. */
  readonly lanes: number;
  /** The record is on disk when it settles; it throws when the run itself cannot go on, or was stopped. */
  screen(study: SourcedStudy, signal: AbortSignal): Promise<StudyRecord>;
  close(): Promise<void>;
}

export interface PoolScreenerOptions {
  /** Studies analysed at a time. @default one per processor, as far as the memory goes */
  readonly jobs?: number | undefined;
  readonly reportAbove: number;
  readonly device: DeviceIdentity;
}

/** Analyses in worker threads of this process. */
export function poolScreener(output: OutputFolder, options: PoolScreenerOptions): StudyScreener {
  const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const jobs = options.jobs ?? defaultJobs(availableParallelism(), memoryBytes);
  const pool = new AnalysisPool({ threads: jobs });
  const { reportAbove, device } = options;
  return {
    // One lane more than threads reads ahead.
    lanes: jobs + 1,
    screen: (study, signal) => screenStudy(study, { pool, output, reportAbove, device, signal }),
    close: () => pool.close(),
  };
}
