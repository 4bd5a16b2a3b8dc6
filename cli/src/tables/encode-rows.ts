import { stringify } from 'csv-stringify/sync';
import type { Problem } from '../screen/problem.js';
import { COLUMNS, type TableRow } from './table-row.js';

/** Columns of problems.csv, in order. Explained in docs/outputs.md. */
export const PROBLEM_COLUMNS = [
  'severity',
  'code',
  'file',
  'study_instance_uid',
  'series_instance_uid',
  'sop_instance_uid',
  'what',
  'expected',
  'received',
] as const;

/** Characters at the start of a text that make a spreadsheet take it for a formula. Source: OWASP "CSV Injection". */
const FORMULA_START = /^[=+\-@\t\r＝＋－＠]/;
/** Between the values of a cell that holds several. */
const LIST_SEPARATOR = '; ';
/** RFC 4180 section 2.1. */
const RECORD_DELIMITER = '\r\n';

/** The first line of findings.csv. */
export function findingsHeader(): string {
  return csvLines([COLUMNS]);
}

/** Rows of findings.csv: a text that a spreadsheet would run as a formula gets a leading apostrophe. */
export function findingsCsv(rows: readonly TableRow[]): string {
  return csvLines(rows.map((row) => COLUMNS.map((column) => csvCell(row[column]))));
}

/** Rows of findings.ndjson: one JSON object per line, numbers as numbers, null where there is nothing to say. */
export function findingsNdjson(rows: readonly TableRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** The first line of problems.csv. */
export function problemsHeader(): string {
  return csvLines([PROBLEM_COLUMNS]);
}

/** Rows of problems.csv. */
export function problemsCsv(problems: readonly Problem[]): string {
  return csvLines(
    problems.map((problem) =>
      [
        problem.severity,
        problem.code,
        problem.path,
        problem.studyInstanceUid,
        problem.seriesInstanceUid,
        problem.sopInstanceUid,
        problem.what,
        problem.expected,
        problem.received,
      ].map(csvCell),
    ),
  );
}

function csvLines(rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : stringify([...rows], { record_delimiter: RECORD_DELIMITER });
}

function csvCell(value: TableRow[keyof TableRow]): string {
  if (value === null) return '';
  if (typeof value === 'string') return guarded(value);
  if (typeof value === 'object') return guarded(value.join(LIST_SEPARATOR));
  return String(value);
}

/** Numbers never pass here, so a minus sign at the start is a text's. */
function guarded(text: string): string {
  return FORMULA_START.test(text) ? `'${text}` : text;
}
