import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { ATTRIBUTES, type Keyword } from '@pce/shared/dicom/tag';
import { parse } from 'csv-parse/sync';
import { UsageError } from '../../exit-codes.js';

type Query = Readonly<Record<string, string>>;

/** Column names of a list that say what its values are; without one they are accession numbers. */
const COLUMN_KEYS: Readonly<Record<string, Keyword>> = {
  accession_number: 'AccessionNumber',
  accessionnumber: 'AccessionNumber',
  study_instance_uid: 'StudyInstanceUID',
  studyinstanceuid: 'StudyInstanceUID',
};
/** Keys whose values may stand in a summary for others to read. */
const OPEN_KEYS: ReadonlySet<string> = new Set(['StudyDate', 'ModalitiesInStudy', 'StudyDescription']);

/**
 * Reads "StudyDate=20250101-20251231" and its like into one query.
 *
 * @throws UsageError
 */
export function parseQuery(pairs: readonly string[]): Query {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      const key = pair.slice(0, at);
      if (at > 0 && Object.hasOwn(ATTRIBUTES, key)) return [key, pair.slice(at + 1)];
      // Not the pair itself: its value may name a patient.
      throw new UsageError(
        '--query',
        'KEYWORD=VALUE with a DICOM keyword, such as StudyDate=20250101-20251231',
        'another',
      );
    }),
  );
}

/**
 * Reads a CSV list of accession numbers or study UIDs: the column of that name, or the first.
 *
 * @throws UsageError
 */
export async function readList(path: string): Promise<Query[]> {
  const text = await fs.readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError('--list', 'a CSV file that can be read', `${path} (${error.code})`);
  });
  const rows = parse(text, { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true }) as string[][];
  const names = (rows[0] ?? []).map((name) => name.toLowerCase());
  const column = names.findIndex((name) => Object.hasOwn(COLUMN_KEYS, name));
  const key = column < 0 ? 'AccessionNumber' : COLUMN_KEYS[names[column]!]!;
  const values = rows.slice(column < 0 ? 0 : 1).map((row) => row[Math.max(0, column)] ?? '');
  // An empty value would match everything there is.
  const queries = values.filter((value) => value !== '' && !/[*?\\]/.test(value)).map((value) => ({ [key]: value }));
  if (queries.length > 0) return queries;
  throw new UsageError('--list', 'at least one accession number or study UID', `none in ${path}`);
}

/** Queries in words for the summary; values that may name a patient as a digest, so that two runs can be told apart. */
export function describeQueries(queries: readonly Query[]): string {
  if (queries.length > 1) return `${queries.length} queries, SHA-256 ${digest(JSON.stringify(queries))}`;
  const pairs = Object.entries(queries[0] ?? {});
  return pairs.map(([key, value]) => `${key}=${OPEN_KEYS.has(key) ? value : `SHA-256 ${digest(value)}`}`).join(' ');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
