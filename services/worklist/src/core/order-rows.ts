import type { WorklistRow } from './worklist-row.js';

/** Where a line stands, the most urgent first. A study without an answer needs a look before one said to be clear. */
const RANKS = {
  critical: 0,
  high: 1,
  medium: 2,
  low: 3,
  'no-answer': 4,
  'in-progress': 5,
  none: 6,
  'not-applicable': 7,
} as const;
export type Rank = keyof typeof RANKS;

/** What a line is sorted and coloured by. */
export function rankOf(row: Pick<WorklistRow, 'state' | 'urgency' | 'presence'>): Rank {
  switch (row.state) {
    case 'receiving':
    case 'waiting':
      return 'in-progress';
    case 'failed':
    case 'not-analysable':
      return 'no-answer';
    case 'not-applicable':
      return 'not-applicable';
    case 'analysed':
      if (row.urgency === null || row.urgency === 'none') return row.presence === 'undetermined' ? 'no-answer' : 'none';
      return row.urgency;
  }
}

/** What nobody has read yet before what was, then by urgency, then the longest waiting first. */
export function orderRows(rows: readonly WorklistRow[]): WorklistRow[] {
  return [...rows].sort(
    (a, b) =>
      Number(a.verdict !== null) - Number(b.verdict !== null) ||
      RANKS[rankOf(a)] - RANKS[rankOf(b)] ||
      compare(a.receivedAt, b.receivedAt) ||
      compare(a.key, b.key),
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
