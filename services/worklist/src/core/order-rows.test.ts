import { describe, expect, it } from 'vitest';
import { countByRank, EVERYTHING, filterRows } from './filter-rows.js';
import { orderRows, rankOf } from './order-rows.js';
import type { WorklistRow } from './worklist-row.js';

let minutes = 0;
function row(key: string, change: Partial<WorklistRow> = {}): WorklistRow {
  minutes += 1;
  return {
    key,
    patientName: 'Doe, Anna',
    patientId: 'P-1',
    birthDate: '',
    sex: 'F',
    accessionNumber: 'A4711',
    studyDate: '',
    description: 'Chest',
    modalities: ['CT'],
    imageCount: 1,
    receivedAt: new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString(),
    state: 'analysed',
    reason: null,
    urgency: 'none',
    presence: 'absent',
    probability: 0.1,
    embolusCount: 0,
    resultId: 'r',
    algorithmVersion: '1',
    isReported: true,
    verdict: null,
    verdictBy: null,
    ...change,
  };
}

const keys = (rows: readonly WorklistRow[]) => rows.map(({ key }) => key);

describe('orderRows', () => {
  it('puts the most urgent first, then the longest waiting, and what was read last', () => {
    const rows = [
      row('clear'),
      row('read', { urgency: 'critical', verdict: 'accepted' }),
      row('medium-old', { urgency: 'medium' }),
      row('medium-new', { urgency: 'medium' }),
      row('waiting', { state: 'waiting', urgency: null, presence: null }),
      row('failed', { state: 'failed', urgency: null, presence: null }),
      row('critical', { urgency: 'critical' }),
      row('low', { urgency: 'low' }),
    ];
    const expected = ['critical', 'medium-old', 'medium-new', 'low', 'failed', 'waiting', 'clear', 'read'];
    expect(keys(orderRows(rows))).toEqual(expected);
    expect(keys(orderRows([...rows].reverse()))).toEqual(expected);
  });

  it('keeps a study that could not be judged before those said to be clear', () => {
    expect(rankOf({ state: 'not-analysable', urgency: null, presence: null })).toBe('no-answer');
    expect(rankOf({ state: 'analysed', urgency: 'none', presence: 'undetermined' })).toBe('no-answer');
    expect(rankOf({ state: 'analysed', urgency: 'none', presence: 'absent' })).toBe('none');
  });
});

describe('filterRows', () => {
  const rows = [
    row('ct', { urgency: 'high' }),
    row('film', { modalities: ['DX'], patientName: 'Roe, Bob', verdict: 'rejected' }),
  ];

  it('shows what every condition lets through', () => {
    expect(keys(filterRows(rows, EVERYTHING))).toEqual(['ct', 'film']);
    expect(keys(filterRows(rows, { ...EVERYTHING, reading: 'open' }))).toEqual(['ct']);
    expect(keys(filterRows(rows, { ...EVERYTHING, reading: 'read' }))).toEqual(['film']);
    expect(keys(filterRows(rows, { ...EVERYTHING, ranks: ['high'] }))).toEqual(['ct']);
    expect(keys(filterRows(rows, { ...EVERYTHING, modalities: ['DX', 'CR'] }))).toEqual(['film']);
    expect(keys(filterRows(rows, { ...EVERYTHING, text: 'bob a47' }))).toEqual(['film']);
    expect(keys(filterRows(rows, { ...EVERYTHING, text: 'bob carol' }))).toEqual([]);
    expect(countByRank(rows)).toEqual({ high: 1, none: 1 });
  });
});
