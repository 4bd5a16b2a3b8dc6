import { promises as fs } from 'node:fs';
import { AnalysisMemoryError, AnalysisTimeoutError } from '@pce/detector/adapters/analysis-errors';
import type { AnalysisPool } from '@pce/detector/adapters/analysis-pool';
import type { PooledAnalysis } from '@pce/detector/adapters/analysis-task';
import type { DeviceIdentity } from '@pce/reporter/core/report-context';
import { buildStructuredReport } from '@pce/reporter/core/sr-document';
import type { Reason } from '@pce/shared/contracts/exam-outcome';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { readPart10, readPart10Header } from '@pce/shared/dicom/part10';
import { shrinkPng } from '../output/encode-picture.js';
import type { OutputFolder } from '../output/output-folder.js';
import type { EncodedPicture } from '../output/record-store.js';
import { analysisProblems, studyProblem } from './analysis-problems.js';
import type { IndexedStudy } from './indexed-instance.js';
import type { Problem } from './problem.js';
import { stageStudy } from './stage-study.js';
import type { StudyRecord } from './study-record.js';
import type { FetchedStudy, SourcedStudy } from './study-source.js';

export interface StudyScreening {
  readonly pool: AnalysisPool;
  readonly output: OutputFolder;
  readonly reportAbove: number;
  readonly device: DeviceIdentity;
  /** Ends the analysis, waiting or running. */
  readonly signal: AbortSignal;
}

/** What an analysis came to: a result, or why there is none. */
interface Analysis {
  readonly analysis: PooledAnalysis | null;
  readonly failure: Reason | null;
  readonly problems: readonly Problem[];
}

/** Longer side of the overview kept of an exam without findings, pixels. [design] */
const OVERVIEW_PX = 320;
const NOTHING_READABLE: Reason = {
  code: 'no-readable-instance',
  message: 'No instance of the study could be read: see problems.csv.',
};

/** Analyses one study, writes its report and its record. A study that fails is a problem, never an exception. */
export async function screenStudy(sourced: SourcedStudy, screening: StudyScreening): Promise<StudyRecord> {
  const startedAt = Date.now();
  const fetched = await sourced.fetch(screening.signal);
  try {
    const { record, pictures } = await screenFetched(fetched, screening);
    const seconds = (Date.now() - startedAt) / 1000;
    return await screening.output.records.save({ ...record, inputDigest: sourced.inputDigest, seconds }, pictures);
  } finally {
    await fetched.release();
  }
}

interface ScreenedStudy {
  readonly record: Omit<StudyRecord, 'pictures' | 'inputDigest' | 'seconds'>;
  readonly pictures: readonly EncodedPicture[];
}

async function screenFetched(fetched: FetchedStudy, screening: StudyScreening): Promise<ScreenedStudy> {
  const { output } = screening;
  const { study } = fetched;
  const analysedAt = new Date();
  const staged = await stageStudy(study, output.workFolder);
  try {
    const { analysis, failure, problems: found } = await analyse(study, staged.instances, screening);
    const problems = [...fetched.problems, ...staged.problems, ...found];
    const result = analysis?.result ?? null;
    const reportUid =
      result !== null && output.formats.has('sr')
        ? await writeReport(result, staged.instances, analysedAt, screening, problems)
        : null;
    const record = {
      recordVersion: 1 as const,
      studyInstanceUid: study.studyInstanceUid,
      modalities: [...new Set(study.instances.map(({ modality }) => modality).filter((modality) => modality !== ''))],
      instanceCount: study.instances.length,
      result,
      failure: result === null ? (fetched.failure ?? failure) : null,
      reportSopInstanceUid: reportUid,
      problems,
    };
    return { record, pictures: output.formats.has('html') && analysis ? picturesToKeep(analysis) : [] };
  } finally {
    await staged.release();
  }
}

async function analyse(
  study: IndexedStudy,
  instances: readonly StoredInstance[],
  { pool, reportAbove, signal }: StudyScreening,
): Promise<Analysis> {
  if (instances.length === 0) return { analysis: null, failure: NOTHING_READABLE, problems: [] };
  try {
    const analysis = await pool.analyse(instances, { reportAbove }, signal);
    return { analysis, failure: null, problems: analysisProblems(study, analysis) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const code = failureCode(error);
    const failure = { code, message: error instanceof Error ? error.message : String(error) };
    return { analysis: null, failure, problems: [studyProblem(study, 'not-analysable', code, error)] };
  }
}

function failureCode(error: unknown): string {
  if (error instanceof AnalysisTimeoutError) return 'analysis-timeout';
  return error instanceof AnalysisMemoryError ? 'analysis-out-of-memory' : 'analysis-failed';
}

/** All pictures of an exam with findings; of another one a small overview, so that many of them still make a page. */
function picturesToKeep({ result, pictures }: PooledAnalysis): readonly EncodedPicture[] {
  if (result.outcome.kind === 'analysed' && result.outcome.findings.length > 0) return pictures;
  return pictures.filter(({ findingId }) => findingId === null).map((picture) => shrinkPng(picture, OVERVIEW_PX));
}

async function writeReport(
  result: StudyResult,
  instances: readonly StoredInstance[],
  analysedAt: Date,
  { output, device }: StudyScreening,
  problems: Problem[],
): Promise<string | null> {
  if (result.outcome.kind === 'not-applicable') return null;
  const wanted = result.parts[0]?.images[0]?.sopInstanceUid;
  const source = instances.find(({ sopInstanceUid }) => sopInstanceUid === wanted) ?? instances[0]!;
  try {
    // The header alone: the report of a film that is cut off must still name its patient.
    const bytes = await fs.readFile(source.location);
    const header = readPart10Header(bytes);
    const { dataset } = header === 'needs-more' ? readPart10(bytes) : header;
    const report = buildStructuredReport(result, { dataset }, { analysedAt, device });
    await output.writeReport(result.studyInstanceUid, report.sopInstanceUid, report.bytes);
    return report.sopInstanceUid;
  } catch (error) {
    if (isDiskError(error)) throw error;
    problems.push(studyProblem(result, 'broken', 'report-failed', error));
    return null;
  }
}

/** The output folder failed: the run cannot go on. */
function isDiskError(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && ['ENOSPC', 'EIO', 'EROFS', 'EACCES', 'EDQUOT'].includes(code);
}
