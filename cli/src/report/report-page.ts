import { createHash } from 'node:crypto';
import type { Algorithm } from '@pce/shared/contracts/study-result';
import type { OutputFormat } from '../output/output-formats.js';
import { studyFlow } from '../screen/run-summary.js';
import { type RunTotals, type StudyDigest, studiesDone } from '../screen/run-totals.js';
import type { StudyRecord } from '../screen/study-record.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';
import { flowFigure } from './flow-figure.js';
import { html, NOTHING, SafeHtml } from './html.js';
import { compareForReport } from './report-order.js';
import { REPORT_SCRIPT } from './report-script.js';
import { REPORT_STYLE } from './report-style.js';
import { studyCard } from './study-card.js';
import { OUTCOME_NAMES, type OutcomeKey } from './wording.js';

/** Up to this many studies with findings start opened; more would make the list hard to survey. [design] */
const OPENED_STUDIES = 12;

export interface ReportPageInput {
  readonly totals: RunTotals;
  readonly studies: readonly StudyDigest[];
  /** Gives a record and the PNG files of its pictures; called once per study, in order. */
  load(studyInstanceUid: string): Promise<{ record: StudyRecord; pictures: readonly Uint8Array[] }>;
  readonly formats: ReadonlySet<OutputFormat>;
  readonly productVersion: string;
  readonly screenedAt: Date;
  readonly wasInterrupted: boolean;
}

/** The report as one page that needs nothing else, in pieces so that its size never has to fit into memory. */
export async function* reportPage(input: ReportPageInput): AsyncGenerator<string> {
  yield pageHead(input).text;
  let algorithm: Algorithm | null = null;
  let opened = 0;
  for (const digest of [...input.studies].sort(compareForReport)) {
    const { record, pictures } = await input.load(digest.studyInstanceUid);
    algorithm ??= record.result?.algorithm ?? null;
    const needsLook = digest.outcome === 'present' || digest.outcome === 'undetermined';
    const open = needsLook && opened < OPENED_STUDIES;
    if (open) opened += 1;
    yield studyCard(record, { open, pictureUrls: pictures.map(dataUrl), hasReports: input.formats.has('sr') }).text;
  }
  yield pageFoot(input, algorithm).text;
}

function dataUrl(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

function sourceHash(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
}

/** What a page may run and show. */
interface PageParts {
  readonly script: string;
  /** Source list of the Content Security Policy for images. */
  readonly images: string;
}

const SINGLE_PAGE: PageParts = { script: REPORT_SCRIPT, images: 'data:' };

/** Nothing from elsewhere, and no script or style but ours: what a file contributes can only ever be text. */
function policyOf({ script, images }: PageParts): string {
  return [
    "default-src 'none'",
    `img-src ${images}`,
    `style-src ${sourceHash(REPORT_STYLE)}`,
    `script-src ${sourceHash(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Everything before the content: head, style and the notice. */
export function pageFrame(parts: PageParts): SafeHtml {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new SafeHtml(policyOf(parts))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Pulmonary cement embolism screening</title>
<link rel="icon" href="data:,">
<style>${new SafeHtml(REPORT_STYLE)}</style>
</head>
<body>
<div class="banner">${RESEARCH_NOTICE}</div>
`;
}

/** The frame, the counts and the tools, up to where the studies begin. */
export function pageHead(input: ReportPageInput, parts = SINGLE_PAGE): SafeHtml {
  const { totals } = input;
  return html`${pageFrame(parts)}<header>
<h1>Pulmonary cement embolism screening</h1>
<p class="dim">${studiesDone(totals)} of ${totals.studies} studies from ${totals.files} files, ${dateText(input.screenedAt)}</p>
${input.wasInterrupted ? html`<p><strong>The run was stopped before its end:</strong> ${totals.studies - studiesDone(totals)} studies have no answer yet.</p>` : NOTHING}
<div class="tiles">${(Object.keys(OUTCOME_NAMES) as OutcomeKey[]).map((key) => tile(key, totals))}</div>
${problemLine(totals)}
<details class="flow-of-studies"><summary>Flow of studies</summary>${flowFigure(studyFlow(totals))}</details>
</header>
<main>
<div class="tools" hidden><input type="search" aria-label="Search studies" placeholder="Search: UID, lobe, shape, reason ...">
${(Object.keys(OUTCOME_NAMES) as OutcomeKey[]).map(filterButton)}<output aria-live="polite"></output></div>
${
  totals.studies === 0
    ? html`<p class="empty">No study was found in the input.</p>`
    : html`<div class="columns" aria-hidden="true"><span></span><span>Urgency</span><span>Embolism</span><span>Probability</span><span>Kind</span><span>Reported</span><span>Study</span></div>
<p class="empty" id="none" hidden>No study fits the search.</p>`
}
`;
}

function tile(key: OutcomeKey, totals: RunTotals): SafeHtml {
  return html`<div class="tile tone-${key}"><b>${totals.outcomes[key]}</b><span>${OUTCOME_NAMES[key]}</span></div>`;
}

function filterButton(key: OutcomeKey): SafeHtml {
  return html`<button type="button" class="tone-${key}" data-outcome="${key}" aria-pressed="false">${OUTCOME_NAMES[key]}</button>
`;
}

function problemLine({ problems }: RunTotals): SafeHtml {
  const parts = [
    problems.broken > 0 ? `${problems.broken} broken` : null,
    problems['not-analysable'] > 0 ? `${problems['not-analysable']} not analysable` : null,
    problems['not-applicable'] > 0 ? `${problems['not-applicable']} not applicable` : null,
    problems.ignored > 0 ? `${problems.ignored} passed over` : null,
  ].filter(Boolean);
  if (parts.length === 0) return html`<p class="dim">Every file was read.</p>`;
  return html`<p class="dim">Files and series without an analysis: ${parts.join(', ')}. Each is named with its reason in <a href="problems.csv">problems.csv</a>.</p>`;
}

/** How to read the page, how it was made, and its script. */
export function pageFoot(input: ReportPageInput, algorithm: Algorithm | null, script = REPORT_SCRIPT): SafeHtml {
  return html`</main>
<footer>
<h2>How to read this page</h2>
<p><b>Present</b>: at least one suspected cement embolus. <b>Undetermined</b>: only possible emboli, marks that cannot be decided.
<b>Absent</b>: neither; it never lowers a priority and does not exclude embolism. <b>Not analysable</b>: of a kind we read, but it could not be judged: read it as if this software had not run.
Urgency is a suggestion; whoever owns the reading list decides. Probabilities are the algorithm's own and were not calibrated on your patients.</p>
<h2>How it was made</h2>
<dl><dt>Software</dt><dd>pce ${input.productVersion}</dd>
${
  algorithm
    ? html`<dt>Algorithm</dt><dd>${algorithm.name} ${algorithm.version}</dd>
<dt>Parameters (SHA-256)</dt><dd class="uid">${algorithm.parametersDigest}</dd>
<dt>Reported from probability</dt><dd>${algorithm.reportAbove}</dd>
`
    : NOTHING
}<dt>Screened</dt><dd>${dateText(input.screenedAt)}</dd></dl>
<p>${RESEARCH_NOTICE}</p>
</footer>
<dialog aria-label="Enlarged picture"><img src="data:," alt=""></dialog>
<script type="module">${new SafeHtml(script)}</script>
</body>
</html>
`;
}

function dateText(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
