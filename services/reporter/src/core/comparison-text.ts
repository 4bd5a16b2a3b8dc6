import type { Change, ComparedFindings } from './priors.js';

/** "2026-10-03", or what is said when the earlier report has no date. */
const dateInWords = (date: string | null): string =>
  date === null ? 'an unknown date' : `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`;

/** What the result was compared with and what that came to, in one sentence; nothing without an earlier exam. */
export function comparisonComments({ earlier, changes, noLongerSeen }: ComparedFindings): string[] {
  if (!earlier) return [];
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
  return [`Compared with the ${what}: ${outcome}.`];
}
