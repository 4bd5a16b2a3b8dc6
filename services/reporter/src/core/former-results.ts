import type { LedgerResult } from '@pce/shared/ports/result-ledger';

/**
 * The results of a study that came before one, the latest first: those it supersedes, those they superseded, and so on.
 * Not by their times: a clock may have been wrong.
 *
 * @param ofStudy every result of the study
 * @param before null: all, the current one first
 */
export function formerResults(ofStudy: readonly LedgerResult[], before: LedgerResult | null): LedgerResult[] {
  const supersededBy = (id: string | null) => ofStudy.filter((result) => result.supersededBy === id);
  const former = before === null ? supersededBy(null) : supersededBy(before.resultId);
  for (const result of former) {
    for (const earlier of supersededBy(result.resultId)) if (!former.includes(earlier)) former.push(earlier);
  }
  return former;
}
