import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fixtureAnalysed, fixtureFinding, fixtureRecord } from '../report/record.fixture.js';
import { type TableRow, tableRows } from './table-row.js';
import { writeParquet } from './write-parquet.js';

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'pce-parquet-'));
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

async function* rowsOf(records: ReturnType<typeof fixtureRecord>[]): AsyncGenerator<TableRow> {
  for (const record of records) yield* tableRows(record);
}

it('writes typed columns, equal bytes for equal rows, and a file without rows', async () => {
  const records = [fixtureRecord(fixtureAnalysed([fixtureFinding()])), fixtureRecord(null)];
  const path = join(folder, 'a.parquet');
  await writeParquet(path, rowsOf(records));
  await writeParquet(join(folder, 'b.parquet'), rowsOf(records));
  await writeParquet(join(folder, 'none.parquet'), rowsOf([]));
  const read = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  expect(
    read.map(({ row_type, finding_id, probability, length_mm, peak_is_clipped, modality }) => [
      row_type,
      finding_id,
      probability,
      length_mm,
      peak_is_clipped,
      modality,
    ]),
  ).toEqual([
    ['exam', null, null, null, null, 'CT'],
    ['finding', 1, 0.973, 12.34, true, 'CT'],
    ['exam', null, null, null, null, 'CT'],
  ]);
  expect(await fs.readFile(path)).toEqual(await fs.readFile(join(folder, 'b.parquet')));
  expect(await parquetReadObjects({ file: await asyncBufferFromFile(join(folder, 'none.parquet')) })).toEqual([]);
  expect((await fs.readdir(folder)).sort()).toEqual(['a.parquet', 'b.parquet', 'none.parquet']);
});
