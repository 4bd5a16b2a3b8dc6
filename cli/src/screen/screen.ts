import { promises as fs } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { AnalysisPool } from '@pce/detector/adapters/analysis-pool';
import type { DeviceIdentity } from '@pce/reporter/core/report-context';
import { UsageError } from '../exit-codes.js';
import { OutputFolder } from '../output/output-folder.js';
import type { OutputFormat } from '../output/output-formats.js';
import { writeWholeFrom } from '../output/write-file.js';
import { reportPage } from '../report/report-page.js';
import { defaultJobs } from './default-jobs.js';
import { indexStudies } from './index-studies.js';
import type { IndexedStudy } from './indexed-instance.js';
import type { ProgressView } from './progress.js';
import { digestOf, type RunTotals, type StudyDigest, TotalsCounter } from './run-totals.js';
import { byCodeUnit, scanInputs } from './scan-inputs.js';
import { type StudyScreening, screenStudy } from './screen-study.js';

export interface ScreenOptions {
  readonly paths: readonly string[];
  readonly out: string;
  readonly formats: ReadonlySet<OutputFormat>;
  /** Studies analysed at a time. @default one per processor, as far as the memory goes */
  readonly jobs?: number;
  readonly reportAbove: number;
  readonly productVersion: string;
  readonly device: DeviceIdentity;
}

export interface ScreenSummary {
  readonly totals: RunTotals;
  readonly studies: readonly StudyDigest[];
  readonly wasInterrupted: boolean;
  readonly output: OutputFolder;
}

/**
 * Screens files, folders and archives: index by header, analyse study by study, write as results come.
 *
 * @param signal aborted by the user: what is done is kept, tables and page are finished
 * @throws UsageError when there is no input, or the output folder cannot be written to
 */
export async function screen(
  options: ScreenOptions,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<ScreenSummary> {
  await requireInputs(options.paths, options.out);
  const output = await OutputFolder.open(options.out, options.formats);
  const counter = new TotalsCounter();
  const found = await indexStudies(scanInputs(options.paths, { exclude: new Set([output.path]) }), {
    problem: async (problem) => {
      counter.addProblem(problem);
      await output.addFileProblem(problem);
    },
    progress: (scan) => progress.scanning(scan),
    stopped: () => signal.aborted,
  });
  progress.scanned(found);
  const digests = await screenAll(found.studyList, options, output, counter, progress, signal);
  await output.finish(digests.map(({ studyInstanceUid }) => studyInstanceUid).sort(byCodeUnit));
  const totals = counter.totals({ files: found.inputs, instances: found.instances, studies: found.studies });
  const summary = { totals, studies: digests, wasInterrupted: signal.aborted, output };
  if (options.formats.has('html')) await writeReportPage(summary, options);
  return summary;
}

async function requireInputs(paths: readonly string[], out: string): Promise<void> {
  const realOut = await fs.realpath(out).catch(() => null);
  for (const path of paths) {
    try {
      await fs.access(path, fs.constants.R_OK);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new UsageError('PATH', 'a file or folder that can be read', `${path} (${code})`);
    }
    if (realOut !== null && (await fs.realpath(path)) === realOut) {
      throw new UsageError('--out', 'another folder than the input', out);
    }
  }
}

async function screenAll(
  studies: readonly IndexedStudy[],
  options: ScreenOptions,
  output: OutputFolder,
  counter: TotalsCounter,
  progress: ProgressView,
  userSignal: AbortSignal,
): Promise<StudyDigest[]> {
  const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const jobs = options.jobs ?? defaultJobs(availableParallelism(), memoryBytes);
  const pool = new AnalysisPool({ threads: jobs });
  const { reportAbove, device } = options;
  // A failure of the run itself, such as a full disk, must stop every lane.
  const failure = new AbortController();
  const signal = AbortSignal.any([userSignal, failure.signal]);
  const screening: StudyScreening = { pool, output, reportAbove, device, signal };
  const digests: StudyDigest[] = [];
  const waiting = studies.values();
  const runLane = async (): Promise<void> => {
    for (const study of waiting) {
      if (signal.aborted) return;
      try {
        const record = await screenStudy(study, screening);
        const digest = digestOf(record);
        for (const problem of record.problems) counter.addProblem(problem);
        counter.addStudy(digest);
        digests.push(digest);
      } catch (error) {
        if (signal.aborted) return;
        failure.abort(error);
        throw error;
      }
      const { present, serious: problems } = counter;
      progress.studies({ done: digests.length, total: studies.length, present, problems });
    }
  };
  try {
    // Each lane takes the next study when it is done with one; one lane more than threads reads ahead.
    await Promise.all(Array.from({ length: jobs + 1 }, runLane));
  } finally {
    await pool.close();
  }
  return digests;
}

async function writeReportPage(summary: ScreenSummary, options: ScreenOptions): Promise<void> {
  const { output, totals, studies, wasInterrupted } = summary;
  const page = reportPage({
    totals,
    studies,
    wasInterrupted,
    formats: options.formats,
    productVersion: options.productVersion,
    screenedAt: new Date(),
    load: async (studyInstanceUid) => {
      const record = await output.records.load(studyInstanceUid);
      const pictures: Uint8Array[] = [];
      for (const picture of record.pictures) pictures.push(await output.records.readPicture(picture));
      return { record, pictures };
    },
  });
  await writeWholeFrom(output.reportPagePath, page);
}
