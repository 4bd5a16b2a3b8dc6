import { promises as fs } from 'node:fs';
import { basename, join } from 'node:path';
import { readPart10 } from '@pce/shared/dicom/part10';
import { StudyTruthSchema } from '@pce/test-support/truth';
import type { Command } from 'commander';
import { parse } from 'csv-parse/sync';
import { Value } from 'typebox/value';
import { assessSet } from '../evaluate/assess-set.js';
import { compareExam } from '../evaluate/compare.js';
import { evaluationFigures } from '../evaluate/evaluation-plots.js';
import { assessmentFacts, evaluationPage, readerFacts } from '../evaluate/page.js';
import { type ReportedExam, readReport } from '../evaluate/read-report.js';
import { examsFromLabels, readerAgreement } from '../evaluate/reader-labels.js';
import { examFromTruth, examsFromRows, type TrueExam, type TruthRow } from '../evaluate/truth-set.js';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';
import { plotSvg } from '../figures/plot.js';
import { filesBelow } from '../files-below.js';
import { writeWhole } from '../output/write-file.js';
import { type Label, parseLabels } from '../review/label.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';

const EXAMPLES = `
Examples:
  pce evaluate --truth studies results              truth.json files below studies, reports below results
  pce evaluate --truth readers.csv results --out evaluation.html
  pce evaluate --truth studies results --json
  pce evaluate --truth readers.csv results --figures figures
  pce evaluate --truth-from-labels results           after pce review

The reports are DICOM SR files after TID 1500, of this or another product. docs/evaluate.md says what a table of truth holds.
`;

interface Flags {
  readonly truth?: string;
  readonly truthFromLabels?: boolean;
  readonly labels?: string;
  readonly figures?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** Adds `pce evaluate`. */
export function addEvaluateCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('evaluate')
    .description('compare reports with the truth: sensitivity, specificity, curves, errors of measurement')
    .argument('<RESULTS>', 'folder with reports, such as the output of pce screen')
    .option('--truth <PATH>', 'folder with truth.json or .csv files, or one such file')
    .option('--truth-from-labels', 'take what most readers say of an exam for the truth; figures by exam only')
    .option('--labels <PATH>', 'labels-NAME.csv of pce review, or a folder with them (default: RESULTS)')
    .option('--figures <DIR>', 'also write the curves as SVG, one journal column wide, and their numbers as CSV')
    .option('--out <FILE>', 'also write a page with the curves')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (results: string, flags: Flags) => end(await run(results, flags)));
}

async function run(results: string, flags: Flags): Promise<ExitCode> {
  if ((flags.truth === undefined) === (flags.truthFromLabels !== true)) {
    throw new UsageError('--truth', 'either --truth or --truth-from-labels', flags.truth ? 'both' : 'neither');
  }
  const labels = await readLabels(flags.labels ?? results);
  const truths = flags.truth === undefined ? examsFromLabels(labels) : await readTruths(flags.truth);
  if (truths.length === 0) throw new UsageError('--truth-from-labels', 'labels of exams', 'none');
  const reports = await readReports(results);
  const assessment = assessSet(truths.map((truth) => compareExam(truth, reports.get(truth.studyInstanceUid) ?? null)));
  const readers = labels.length > 0 ? readerAgreement(labels) : null;
  if (flags.out !== undefined) await writeWhole(flags.out, evaluationPage(assessment, readers));
  for (const { name, plot, csv } of flags.figures === undefined ? [] : evaluationFigures(assessment)) {
    await writeWhole(join(flags.figures!, `${name}.svg`), plotSvg(plot));
    await writeWhole(join(flags.figures!, `${name}.csv`), csv);
  }
  const facts = [...assessmentFacts(assessment), ...(readers ? readerFacts(readers) : [])];
  const json = JSON.stringify({ ...assessment, readers, researchNotice: RESEARCH_NOTICE }, null, 2);
  const text = [...facts.map(([name, fact]) => `${name}: ${fact}`), RESEARCH_NOTICE].join('\n');
  process.stdout.write(`${flags.json ? json : text}\n`);
  return EXIT.done;
}

const isLabelFile = (path: string): boolean => /^labels-.*\.csv$/.test(basename(path));

/** The labels of all readers in a folder, or of one file. */
async function readLabels(path: string): Promise<Label[]> {
  const labels: Label[] = [];
  for await (const file of filesBelow([path], '--labels')) {
    if (isLabelFile(file)) labels.push(...parseLabels(await fs.readFile(file, 'utf8')));
  }
  return labels;
}

async function readTruths(path: string): Promise<TrueExam[]> {
  const exams: TrueExam[] = [];
  for await (const file of filesBelow([path], '--truth')) {
    if (basename(file) === 'truth.json') exams.push(examFromTruth(parseTruth(file, await fs.readFile(file, 'utf8'))));
    if (file.endsWith('.csv') && !isLabelFile(file)) {
      exams.push(
        ...examsFromRows(parse(await fs.readFile(file), { columns: true, bom: true, trim: true }) as TruthRow[]),
      );
    }
  }
  if (exams.length === 0) throw new UsageError('--truth', 'truth.json or .csv files', path);
  return exams;
}

function parseTruth(file: string, text: string) {
  const value: unknown = JSON.parse(text);
  if (!Value.Check(StudyTruthSchema, value)) {
    const [first] = Value.Errors(StudyTruthSchema, value);
    throw new UsageError('--truth', 'the format of pce simulate', `${file}: ${first?.instancePath} ${first?.message}`);
  }
  return value;
}

/** The reports below a folder, by study. Of several the one with the latest content date and time counts. */
async function readReports(path: string): Promise<Map<string, ReportedExam>> {
  const reports = new Map<string, ReportedExam>();
  const times = new Map<string, string>();
  for await (const file of filesBelow([path], 'RESULTS')) {
    if (!file.endsWith('.dcm')) continue;
    const { dataset } = readPart10(await fs.readFile(file));
    const report = readReport(dataset);
    if (report === null) continue;
    const time = `${dataset.string('ContentDate') ?? ''}${dataset.string('ContentTime') ?? ''}`;
    if (time < (times.get(report.studyInstanceUid) ?? '')) continue;
    times.set(report.studyInstanceUid, time);
    reports.set(report.studyInstanceUid, report);
  }
  return reports;
}
