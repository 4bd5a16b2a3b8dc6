import type { Change, ComparedFindings } from './priors.js';

/** "2026-10-03", or what is said when the earlier report has no date. */
const dateInWords = (date: string | null): string =>
  date === null ? 'an unknown date' : `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`;

/** Said where a source of earlier reports was asked in vain. */
const LOOKUP_FAILED = {
  alone: 'No earlier report could be looked up: a source of earlier reports did not answer.',
  beside: 'A source of earlier reports did not answer: there may be a later one.',
} as const;

/** What the result was compared with and what that came to, in a sentence each; nothing where nobody looked. */
export function comparisonComments(compared: ComparedFindings): string[] {
  const { earlier, changes, noLongerSeen, isLookupIncomplete } = compared;
  if (!earlier) return isLookupIncomplete ? [LOOKUP_FAILED.alone] : [];
  const count = (change: Change) => [...changes.values()].filter((one) => one === change).length;
  const counts = [
    [count('new'), 'new'],
    [count('stable'), 'stable'],
    [count('migrated'), 'migrated'],
    [noLongerSeen.length, 'no longer seen'],
  ] as const;
  const words = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  const outcome = words.length > 0 ? words.join(', ') : 'nothing to compare';
  const what = `automatic report of ${earlier.modalities.join(' and ') || 'images'} of ${dateInWords(earlier.studyDate)}`;
  return [`Compared with the ${what}: ${outcome}.`, ...(isLookupIncomplete ? [LOOKUP_FAILED.beside] : [])];
}
