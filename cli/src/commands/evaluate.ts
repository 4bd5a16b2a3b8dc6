import { promises as fs } from 'node:fs';
import { basename, join } from 'node:path';
import { readPart10 } from '@pce/shared/dicom/part10';
import { StudyTruthSchema } from '@pce/test-support/truth';
import type { Command } from 'commander';
import { parse } from 'csv-parse/sync';
import { Value } from 'typebox/value';
import { assessSet } from '../evaluate/assess-set.js';
import { compareExam } from '../evaluate/compare.js';
import { assessmentFacts, evaluationPage } from '../evaluate/page.js';
import { type ReportedExam, readReport } from '../evaluate/read-report.js';
import { examFromTruth, examsFromRows, type TrueExam, type TruthRow } from '../evaluate/truth-set.js';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';
import { writeWhole } from '../output/write-file.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';

const EXAMPLES = `
Examples:
  pce evaluate --truth studies results              truth.json files below studies, reports below results
  pce evaluate --truth readers.csv results --out evaluation.html
  pce evaluate --truth studies results --json

The reports are DICOM SR files after TID 1500, of this or another product. docs/evaluate.md says what a table of truth holds.
`;

interface Flags {
  readonly truth: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** Adds `pce evaluate`. */
export function addEvaluateCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('evaluate')
    .description('compare reports with the truth: sensitivity, specificity, curves, errors of measurement')
    .argument('<RESULTS>', 'folder with reports, such as the output of pce screen')
    .requiredOption('--truth <PATH>', 'folder with truth.json or .csv files, or one such file')
    .option('--out <FILE>', 'also write a page with the curves')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (results: string, flags: Flags) => {
      const truths = await readTruths(flags.truth);
      const reports = await readReports(results);
      const exams = truths.map((truth) => compareExam(truth, reports.get(truth.studyInstanceUid) ?? null));
      const assessment = assessSet(exams);
      if (flags.out !== undefined) await writeWhole(flags.out, evaluationPage(assessment));
      const lines = assessmentFacts(assessment).map(([name, text]) => `${name}: ${text}`);
      const json = JSON.stringify({ ...assessment, researchNotice: RESEARCH_NOTICE }, null, 2);
      process.stdout.write(flags.json ? `${json}\n` : `${[...lines, RESEARCH_NOTICE].join('\n')}\n`);
      end(EXIT.done);
    });
}

async function readTruths(path: string): Promise<TrueExam[]> {
  const exams: TrueExam[] = [];
  for await (const file of filesBelow(path, '--truth')) {
    if (basename(file) === 'truth.json') exams.push(examFromTruth(parseTruth(file, await fs.readFile(file, 'utf8'))));
    if (file.endsWith('.csv')) {
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
  for await (const file of filesBelow(path, 'RESULTS')) {
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

async function* filesBelow(path: string, subject: string): AsyncGenerator<string> {
  const stats = await fs.stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(subject, 'a file or folder that can be read', `${path} (${error.code ?? 'unknown error'})`);
  });
  if (stats.isFile()) yield path;
  if (!stats.isDirectory()) return;
  for (const name of (await fs.readdir(path)).sort()) yield* filesBelow(join(path, name), subject);
}
