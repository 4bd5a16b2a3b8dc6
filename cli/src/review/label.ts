import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

/** Columns of a file of labels, in order. Explained in docs/reader-study.md. */
const LABEL_COLUMNS = [
  'label_id',
  'reader',
  'labelled_at',
  'subject',
  'label',
  'study_instance_uid',
  'result_id',
  'algorithm',
  'algorithm_version',
  'presence',
  'finding_id',
  'series_instance_uid',
  'sop_instance_uid',
  'frame_number',
  'column_px',
  'row_px',
  'comment',
] as const;

/** What a reader said of an exam, of a finding, or of something the analysis missed; empty texts where it does not apply. */
export type Label = Readonly<Record<(typeof LABEL_COLUMNS)[number], string>> & {
  readonly subject: 'exam' | 'finding' | 'mark';
  readonly label: 'accepted' | 'rejected' | 'open' | 'added' | 'withdrawn';
};

/** A label without anything in it yet. */
export const EMPTY_LABEL = Object.fromEntries(LABEL_COLUMNS.map((column) => [column, ''])) as Record<
  (typeof LABEL_COLUMNS)[number],
  string
>;

/** Text that a spreadsheet would run. Source: OWASP "CSV Injection". */
const FORMULA_START = /^[=+\-@\t]/;

/** The first line of a file of labels. */
export function labelHeader(): string {
  return stringify([[...LABEL_COLUMNS]]);
}

/** One line: a comment's line breaks become spaces, so that a line cut off by a crash can be told. */
export function labelLine(label: Label): string {
  const comment = label.comment.replace(/\s*[\r\n]+\s*/g, ' ');
  const safe = { ...label, comment: FORMULA_START.test(comment) ? `'${comment}` : comment };
  return stringify([LABEL_COLUMNS.map((column) => safe[column])]);
}

/**
 * The labels of a file, the last of an id only. Of a line cut off at the end nothing is taken.
 *
 * @throws RangeError when it is no file of labels
 */
export function parseLabels(text: string): Label[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const rows = parse(whole, { columns: true, bom: true, relax_column_count: true }) as Label[];
  const [first] = rows;
  const missing = LABEL_COLUMNS.find((column) => first !== undefined && first[column] === undefined);
  if (missing !== undefined) throw new RangeError(`labels: expected the column ${missing}; received none`);
  const last = new Map(rows.map((row) => [row.label_id, unguarded(row)]));
  return [...last.values()];
}

function unguarded(label: Label): Label {
  const isGuarded = label.comment.startsWith("'") && FORMULA_START.test(label.comment.slice(1));
  return isGuarded ? { ...label, comment: label.comment.slice(1) } : label;
}
