import { describe, expect, it } from 'vitest';
import { fixtureAnalysed, fixtureFinding, fixtureRecord } from '../report/record.fixture.js';
import type { Problem } from '../screen/problem.js';
import {
  findingsCsv,
  findingsHeader,
  findingsNdjson,
  PROBLEM_COLUMNS,
  problemsCsv,
  problemsHeader,
} from './encode-rows.js';
import { COLUMNS, regionCentrePx, tableRows } from './table-row.js';

/** Reads RFC 4180 back, written from the rules of the RFC and not from the writer. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    rows.at(-1)!.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] === '\r\n') rows.push([]);
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}

const problem = (overrides: Partial<Problem>): Problem => ({
  severity: 'broken',
  code: 'truncated',
  path: 'a.dcm',
  studyInstanceUid: null,
  seriesInstanceUid: null,
  sopInstanceUid: null,
  what: 'w',
  expected: 'e',
  received: 'r',
  ...overrides,
});

describe('rows of a study', () => {
  const record = fixtureRecord(fixtureAnalysed([fixtureFinding(), fixtureFinding({ id: 2, probability: 0.71 })]));

  it('are the exam, then its findings, each with everything that identifies it', () => {
    const rows = tableRows(record);
    expect(rows.map((row) => [row.row_type, row.finding_id])).toEqual([
      ['exam', null],
      ['finding', 1],
      ['finding', 2],
    ]);
    expect(rows[0]).toMatchObject({
      presence: 'present',
      exam_probability: 0.973,
      emboli_reported: 2,
      quality: 'limited',
    });
    expect(rows[1]).toMatchObject({
      sop_instance_uid: '1.2.826.0.1.3680043.10.1.1.142',
      lobe: 'right-lower',
      length_mm: 12.34,
      calibre_mm: 2.16,
      peak_hu: 3071,
      peak_is_clipped: true,
      contrast_to_noise: null,
      centre_column_px: 182.5,
      centre_row_px: 246,
      centre_x_lps_mm: -62.41,
      slice_spacing_mm: 5,
      research_notice: 'Research software. Not for clinical use.',
    });
  });

  it('say why there is no answer', () => {
    const refused = fixtureRecord({ kind: 'not-analysable', reason: { code: 'gaps', message: 'Slices are missing' } });
    expect(tableRows(refused)).toMatchObject([
      { outcome: 'not-analysable', presence: null, reason_code: 'gaps', reason_message: 'Slices are missing' },
    ]);
    const failed = fixtureRecord(null, { failure: { code: 'analysis-timeout', message: 'Too slow' } });
    expect(tableRows(failed)).toMatchObject([{ outcome: 'not-analysable', reason_code: 'analysis-timeout' }]);
  });

  it('come back from CSV as they went in', () => {
    const rows = tableRows(record);
    const [header, ...lines] = parseCsv(findingsHeader() + findingsCsv(rows));
    expect(header).toEqual([...COLUMNS]);
    expect(lines).toHaveLength(3);
    const finding = Object.fromEntries(COLUMNS.map((column, index) => [column, lines[1]![index]]));
    expect(finding).toMatchObject({
      row_type: 'finding',
      centre_x_lps_mm: '-62.41',
      contrast_to_noise: '',
      peak_is_clipped: 'true',
      reasons: 'elongated, aspect 5.7; inside the right lung, in line with an artery; peak attenuation clipped',
    });
  });

  it('come back from NDJSON as they went in', () => {
    const rows = tableRows(record);
    expect(
      findingsNdjson(rows)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows);
  });
});

describe('CSV', () => {
  it('disarms text that a spreadsheet would run, and leaves numbers alone', () => {
    const received = '=cmd|"/C calc"!A0';
    const [, row] = parseCsv(problemsHeader() + problemsCsv([problem({ path: '-x.dcm', what: '@a', received })]));
    expect(row).toEqual(['broken', 'truncated', "'-x.dcm", '', '', '', "'@a", 'e', `'${received}`]);
  });

  it('keeps commas, quotes and line breaks inside their cell', () => {
    const path = 'a "quoted", and\r\nbroken name';
    const [header, row] = parseCsv(problemsHeader() + problemsCsv([problem({ path })]));
    expect(header).toEqual([...PROBLEM_COLUMNS]);
    expect(row![2]).toBe(path);
  });
});

describe('regionCentrePx', () => {
  it('is the middle of the box around the points', () => {
    const { image } = fixtureFinding().regions[0]!;
    expect(regionCentrePx({ image, purpose: 'centre', pointsPx: [[3.5, 4.5]] })).toEqual([3.5, 4.5]);
  });
});
