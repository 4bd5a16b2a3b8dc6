import { promises as fs } from 'node:fs';
import type { AnalysisPool } from '@pce/detector/adapters/analysis-pool';
import type { PooledAnalysis } from '@pce/detector/adapters/analysis-task';
import type { DeviceIdentity } from '@pce/reporter/core/report-context';
import { buildStructuredReport } from '@pce/reporter/core/sr-document';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { readPart10 } from '@pce/shared/dicom/part10';
import type { OutputFolder } from '../output/output-folder.js';
import type { EncodedPicture } from '../output/record-store.js';
import type { IndexedInstance, IndexedStudy } from './indexed-instance.js';
import { type Problem, splitMessage } from './problem.js';
import { stageStudy } from './stage-study.js';
import type { StudyRecord } from './study-record.js';

export interface StudyScreening {
  readonly pool: AnalysisPool;
  readonly output: OutputFolder;
  readonly reportAbove: number;
  readonly device: DeviceIdentity;
  /** Ends the analysis, waiting or running. */
  readonly signal: AbortSignal;
}

/** Analyses one study, writes its report and its record. A study that fails is a problem, never an exception. */
export async function screenStudy(study: IndexedStudy, screening: StudyScreening): Promise<StudyRecord> {
  const { output } = screening;
  const analysedAt = new Date();
  const staged = await stageStudy(study, output.workFolder);
  try {
    const problems = [...staged.problems];
    const analysis = await analyse(study, staged.instances, screening, problems);
    const result = analysis?.result ?? null;
    const reportUid =
      result !== null && output.formats.has('sr')
        ? await writeReport(result, staged.instances, analysedAt, screening, problems)
        : null;
    const record: Omit<StudyRecord, 'pictures'> = {
      recordVersion: 1,
      studyInstanceUid: study.studyInstanceUid,
      modalities: [...new Set(study.instances.map(({ modality }) => modality).filter((modality) => modality !== ''))],
      instanceCount: study.instances.length,
      result,
      reportSopInstanceUid: reportUid,
      problems,
      seconds: (Date.now() - analysedAt.getTime()) / 1000,
    };
    const pictures: readonly EncodedPicture[] = output.formats.has('html') ? (analysis?.pictures ?? []) : [];
    return await output.addStudy(record, pictures);
  } finally {
    await staged.release();
  }
}

async function analyse(
  study: IndexedStudy,
  instances: readonly StoredInstance[],
  { pool, reportAbove, signal }: StudyScreening,
  problems: Problem[],
): Promise<PooledAnalysis | null> {
  if (instances.length === 0) return null;
  try {
    const analysis = await pool.analyse(instances, { reportAbove }, signal);
    problems.push(...problemsOf(study, analysis));
    return analysis;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    problems.push(studyProblem(study, 'not-analysable', 'analysis-failed', error));
    return null;
  }
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
    const { dataset } = readPart10(await fs.readFile(source.location));
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

function problemsOf(study: IndexedStudy, { problems, passedOver, result }: PooledAnalysis): Problem[] {
  const paths = new Map(study.instances.map((instance: IndexedInstance) => [instance.sopInstanceUid, instance.path]));
  const { studyInstanceUid } = study;
  const ofInstances = problems.map(
    ({ code, seriesInstanceUid, sopInstanceUid, what, expected, received }): Problem => ({
      severity: 'broken',
      code,
      path: paths.get(sopInstanceUid) ?? null,
      studyInstanceUid,
      seriesInstanceUid,
      sopInstanceUid,
      what,
      expected,
      received,
    }),
  );
  const ofParts = result.parts.flatMap(({ outcome, seriesInstanceUid, images }): Problem[] => {
    if (outcome.kind === 'analysed') return [];
    const only = images.length === 1 ? images[0]!.sopInstanceUid : null;
    return [
      {
        severity: outcome.kind,
        code: outcome.reason.code,
        path: only === null ? null : (paths.get(only) ?? null),
        studyInstanceUid,
        seriesInstanceUid,
        sopInstanceUid: only,
        ...splitMessage(outcome.reason.message),
      },
    ];
  });
  const leftOut = passedOver.map(
    ({ seriesInstanceUid, images, reason }): Problem => ({
      severity: 'ignored',
      code: reason.code,
      path: images.length === 1 ? (paths.get(images[0]!.sopInstanceUid) ?? null) : null,
      studyInstanceUid,
      seriesInstanceUid,
      sopInstanceUid: images.length === 1 ? images[0]!.sopInstanceUid : null,
      ...splitMessage(reason.message),
    }),
  );
  return [...ofInstances, ...ofParts, ...leftOut];
}

function studyProblem(
  { studyInstanceUid }: { readonly studyInstanceUid: string },
  severity: Problem['severity'],
  code: string,
  error: unknown,
): Problem {
  const message = error instanceof Error ? error.message : String(error);
  return {
    severity,
    code,
    path: null,
    studyInstanceUid,
    seriesInstanceUid: null,
    sopInstanceUid: null,
    ...splitMessage(message),
  };
}
