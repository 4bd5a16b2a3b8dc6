import { type Rank, rankOf } from './order-rows.js';
import type { WorklistRow } from './worklist-row.js';

/** What is to be seen of the list. */
export interface RowFilter {
  /** `open`: nobody has said anything about the exam yet. */
  reading: 'open' | 'read' | 'all';
  /** Ranks to show; empty: all. */
  ranks: readonly Rank[];
  /** Modalities to show; empty: all. */
  modalities: readonly string[];
  /** Words that all have to be in name, number, accession or description. */
  text: string;
}

export const EVERYTHING: RowFilter = { reading: 'all', ranks: [], modalities: [], text: '' };

/** The lines a filter lets through, in their order. */
export function filterRows(rows: readonly WorklistRow[], filter: RowFilter): WorklistRow[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      (filter.reading === 'all' || (filter.reading === 'read') === (row.verdict !== null)) &&
      (filter.ranks.length === 0 || filter.ranks.includes(rankOf(row))) &&
      (filter.modalities.length === 0 || row.modalities.some((modality) => filter.modalities.includes(modality))) &&
      words.every((word) => searchedText(row).includes(word)),
  );
}

/** Lines by rank, for the numbers on the filter buttons. */
export function countByRank(rows: readonly WorklistRow[]): Partial<Record<Rank, number>> {
  const counts: Partial<Record<Rank, number>> = {};
  for (const row of rows) {
    const rank = rankOf(row);
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return counts;
}

function searchedText(row: WorklistRow): string {
  return [row.patientName, row.patientId, row.accessionNumber, row.description].join(' ').toLowerCase();
}
