import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { fileWriter, parquetWriteRows } from 'hyparquet-writer';
import { COLUMNS, type Column, type TableRow } from './table-row.js';

/** Rows held in memory at a time. [design] */
const ROWS_PER_GROUP = 5000;
/** Between the values of a cell that holds several, as in the CSV. */
const LIST_SEPARATOR = '; ';
const WHOLE_NUMBERS: ReadonlySet<Column> = new Set(['frame_number', 'emboli_reported', 'finding_id']);
const TRUTHS: ReadonlySet<Column> = new Set(['peak_is_clipped', 'in_detector_plane']);
const NUMBERS: ReadonlySet<Column> = new Set([
  'exam_probability',
  'probability',
  'length_mm',
  'calibre_mm',
  'volume_mm3',
  'peak_hu',
  'contrast_to_noise',
  'centre_column_px',
  'centre_row_px',
  'centre_x_lps_mm',
  'centre_y_lps_mm',
  'centre_z_lps_mm',
  'slice_spacing_mm',
  'slice_thickness_mm',
  'report_above',
]);

function typeOf(column: Column): 'INT32' | 'BOOLEAN' | 'DOUBLE' | 'STRING' {
  if (WHOLE_NUMBERS.has(column)) return 'INT32';
  if (TRUTHS.has(column)) return 'BOOLEAN';
  return NUMBERS.has(column) ? 'DOUBLE' : 'STRING';
}

/**
 * Writes the rows of findings.csv as a Parquet file with typed columns. The same rows give the same bytes. The file is
 * there whole or not at all.
 */
export async function writeParquet(path: string, rows: AsyncIterable<TableRow>): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await parquetWriteRows({
    writer: fileWriter(temporary),
    rows: flat(rows),
    columns: COLUMNS.map((name) => ({ name, type: typeOf(name), nullable: true })),
    rowGroupSize: ROWS_PER_GROUP,
    createdBy: 'pce',
  });
  const file = await fs.open(temporary);
  await file.sync();
  await file.close();
  await fs.rename(temporary, path);
}

async function* flat(rows: AsyncIterable<TableRow>) {
  for await (const row of rows) {
    yield Object.fromEntries(
      COLUMNS.map((column) => {
        const value = row[column];
        return [column, Array.isArray(value) ? value.join(LIST_SEPARATOR) : value];
      }),
    );
  }
}
