import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shrinkPng } from '../output/encode-picture.js';
import { OutputFolder } from '../output/output-folder.js';
import { writeWhole, writeWholeFrom } from '../output/write-file.js';
import { reportList } from '../report/report-list.js';
import { reportPage } from '../report/report-page.js';
import type { ProgressView } from './progress.js';
import type { FoundInput, RunManifest } from './run-manifest.js';
import { runSummary } from './run-summary.js';
import { type RunTotals, type StudyDigest, TotalsCounter } from './run-totals.js';
import { screenStudies } from './screen-studies.js';
import type { StudyScreener } from './study-screener.js';
import type { StudyList, StudySource } from './study-source.js';

export interface ScreenOptions {
  readonly out: string;
  readonly manifest: RunManifest;
  /** Goes on with the run in the output folder, if there is one. */
  readonly resume: boolean;
  /** Looks again for studies after so many seconds, until stopped; null looks once. */
  readonly watchSeconds: number | null;
  openSource(output: OutputFolder): StudySource;
  openScreener(output: OutputFolder): StudyScreener | Promise<StudyScreener>;
}

export interface ScreenSummary {
  readonly totals: RunTotals;
  readonly studies: readonly StudyDigest[];
  readonly wasInterrupted: boolean;
  readonly output: OutputFolder;
}

/** A study whose record holds, and of which files it was made. */
export interface KnownStudy {
  readonly digest: StudyDigest;
  readonly inputDigest: string | null;
}

/** A run while it goes: one look at the source after the other when it watches. */
export interface Run {
  readonly options: ScreenOptions;
  readonly output: OutputFolder;
  readonly source: StudySource;
  readonly screener: StudyScreener;
  readonly progress: ProgressView;
  readonly signal: AbortSignal;
  readonly known: Map<string, KnownStudy>;
}

/**
 * Screens what a source has: list, analyse study by study, write results as they come, put them in order.
 *
 * @param signal aborted by the user: what is done is kept, tables and page are finished
 * @throws UsageError when the output folder cannot be written to, or the run cannot begin (RunJournal)
 */
export async function screen(
  options: ScreenOptions,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<ScreenSummary> {
  const output = await OutputFolder.open(options.out, options);
  try {
    const source = options.openSource(output);
    try {
      const screener = await options.openScreener(output);
      try {
        return await lookAndScreen({ options, output, source, screener, progress, signal, known: new Map() });
      } finally {
        await screener.close();
      }
    } finally {
      await source.close();
    }
  } finally {
    output.close();
  }
}

async function lookAndScreen(run: Run): Promise<ScreenSummary> {
  const { watchSeconds } = run.options;
  if (watchSeconds === null) return (await onePass(run, null)).summary;
  let previous: StudyList | null = null;
  let summary: ScreenSummary | null = null;
  for (;;) {
    const pass: Pass = await onePass(run, { previous, isFirst: summary === null });
    summary = pass.summary;
    previous = pass.list;
    if (run.signal.aborted) return summary;
    await sleep(watchSeconds * 1000, undefined, { signal: run.signal }).catch(() => undefined);
    if (run.signal.aborted) return summary;
  }
}

interface Pass {
  readonly summary: ScreenSummary;
  readonly list: StudyList;
}

/** While watching: a study is taken once two looks in a row saw the same files of it. */
interface Watching {
  readonly previous: StudyList | null;
  readonly isFirst: boolean;
}

async function onePass(run: Run, watching: Watching | null): Promise<Pass> {
  const { output, source, progress, signal, known } = run;
  const counter = new TotalsCounter();
  const isQuiet = watching !== null && !watching.isFirst;
  await output.listingProblems.clear();
  const list = await source.list({
    problem: async (problem, number) => {
      counter.addProblem(problem);
      await (isQuiet ? output.listingProblems.add(problem, number) : output.addListingProblem(problem, number));
    },
    progress: (scan) => isQuiet || progress.scanning(scan),
    stopped: () => signal.aborted,
  });
  const settled = watching === null ? list : { ...list, studies: unchanged(list, watching.previous) };
  const found = { files: list.files, instances: list.instances, studies: settled.studies.length };
  if (!isQuiet) progress.scanned({ inputs: list.files ?? 0, instances: list.instances ?? 0, studies: found.studies });
  const added = await screenStudies(run, settled.studies, counter);
  const studies = settled.studies.flatMap(({ studyInstanceUid }) => known.get(studyInstanceUid)?.digest ?? []);
  const summary = { totals: counter.totals(found), studies, wasInterrupted: signal.aborted, output };
  if (!isQuiet || added > 0) await writeOutputs(summary, run.options.manifest);
  if (isQuiet && added > 0) progress.note(`${added} more studies screened, ${studies.length} in all`);
  return { summary, list };
}

function unchanged(list: StudyList, previous: StudyList | null) {
  const before = new Map(previous?.studies.map((study) => [study.studyInstanceUid, study.inputDigest]));
  return list.studies.filter(({ studyInstanceUid, inputDigest }) => before.get(studyInstanceUid) === inputDigest);
}

/** Tables in order, summary and page, and that the run is through when it is. */
export async function writeOutputs(summary: ScreenSummary, manifest: RunManifest): Promise<void> {
  const { output, totals, studies, wasInterrupted } = summary;
  await output.finish(studies.map(({ studyInstanceUid }) => studyInstanceUid));
  await writeWhole(output.summaryPath, `${JSON.stringify(runSummary(summary, manifest), null, 2)}\n`);
  if (output.formats.has('html')) await writeReportPage(summary, manifest);
  const found: FoundInput = { files: totals.files, instances: totals.instances, studies: totals.studies };
  if (!wasInterrupted) await output.journal?.finished(found);
}

/** Up to this many studies the report is one file that holds everything; above, a list with a page per study. [design] */
const SINGLE_PAGE_STUDIES = 500;
/** Longer side of the picture in a row of the list, pixels. [design] */
const ROW_PICTURE_PX = 320;

async function writeReportPage(summary: ScreenSummary, manifest: RunManifest): Promise<void> {
  const { output, totals, studies, wasInterrupted } = summary;
  const input = {
    totals,
    studies,
    wasInterrupted,
    formats: output.formats,
    productVersion: manifest.productVersion,
    screenedAt: new Date(),
    load: async (studyInstanceUid: string) => {
      const record = await output.records.load(studyInstanceUid);
      const pictures: Uint8Array[] = [];
      for (const picture of record.pictures) pictures.push(await output.records.readPicture(picture));
      return { record, pictures };
    },
  };
  if (studies.length <= SINGLE_PAGE_STUDIES) return writeWholeFrom(output.reportPagePath, reportPage(input));
  await fs.mkdir(join(output.path, 'report'), { recursive: true });
  const page = reportList({
    ...input,
    // Made anew from the records whenever it is wanted: no need to have it on disk before going on.
    write: ({ path, content }) => fs.writeFile(join(output.path, path), content),
    shrink: (png, columns, rows) => shrinkPng({ png, columns, rows }, ROW_PICTURE_PX).png,
  });
  await writeWholeFrom(output.reportPagePath, page);
}
