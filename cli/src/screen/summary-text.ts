import { join } from 'node:path';
import { OUTCOME_NAMES, type OutcomeKey } from '../report/wording.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';
import type { ScreenSummary } from './screen.js';

/** What a run came to, in a few lines for the terminal. */
export function summaryText({ totals, output, wasInterrupted }: ScreenSummary): string {
  const outcomes = (Object.keys(OUTCOME_NAMES) as OutcomeKey[])
    .filter((key) => totals.outcomes[key] > 0)
    .map((key) => `${totals.outcomes[key]} ${OUTCOME_NAMES[key].toLowerCase()}`);
  const lines = [
    `${totals.studies} studies, ${totals.instances} instances, ${totals.files} files`,
    ...(outcomes.length > 0 ? [`Pulmonary cement embolism: ${outcomes.join(', ')}`] : []),
    ...(wasInterrupted ? ['Stopped before the end: the studies above without an answer were not reached.'] : []),
    ...(output.formats.has('sr') ? [`DICOM SR: ${totals.reports} in ${output.path}`] : []),
    ...(output.formats.has('html') ? [`Report:   ${output.reportPagePath}`] : []),
    ...(output.formats.has('csv') ? [`Table:    ${join(output.path, 'findings.csv')}`] : []),
  ];
  const { broken, ignored } = totals.problems;
  const notes = [
    broken > 0 ? `${broken} broken` : null,
    totals.problems['not-analysable'] > 0 ? `${totals.problems['not-analysable']} not analysable` : null,
    totals.problems['not-applicable'] > 0 ? `${totals.problems['not-applicable']} not applicable` : null,
    ignored > 0 ? `${ignored} passed over` : null,
  ].filter(Boolean);
  if (notes.length > 0) lines.push(`Problems: ${notes.join(', ')}: ${join(output.path, 'problems.csv')}`);
  return `${lines.join('\n')}\n${RESEARCH_NOTICE}\n`;
}
