import type { Algorithm } from '@pce/shared/contracts/study-result';
import type { StudyRecord } from '../screen/study-record.js';
import { html } from './html.js';
import { LIST_SCRIPT } from './list-script.js';
import { compareForReport } from './report-order.js';
import { pageFoot, pageFrame, pageHead, type ReportPageInput } from './report-page.js';
import { embolusText, studyCard } from './study-card.js';
import { OUTCOME_NAMES, outcomeKey, percent, URGENCY_NAMES } from './wording.js';

/** A file of the report, by its path from the output folder. */
export interface ReportFile {
  readonly path: string;
  readonly content: Uint8Array | string;
}

export interface ReportListInput extends ReportPageInput {
  /** Writes a page or a picture beside the list. */
  write(file: ReportFile): Promise<void>;
  /** Makes a picture small enough for a row. */
  shrink(png: Uint8Array, columns: number, rows: number): Uint8Array;
}

/**
 * The report of many studies: a list that draws what is in view, and beside it a page and a small picture per study, so
 * that opening it costs the same for ten studies and ten thousand.
 */
export async function* reportList(input: ReportListInput): AsyncGenerator<string> {
  yield pageHead(input, { script: LIST_SCRIPT, images: "data: 'self' file:" }).text;
  yield '<div class="list"></div>\n<script type="application/json" id="rows">{"rows":[\n';
  let algorithm: Algorithm | null = null;
  let separator = '';
  for (const { studyInstanceUid } of [...input.studies].sort(compareForReport)) {
    const { record, pictures } = await input.load(studyInstanceUid);
    algorithm ??= record.result?.algorithm ?? null;
    await input.write({ path: `report/${studyInstanceUid}.html`, content: studyPage(record, pictures, input) });
    const overview = record.pictures.findIndex(({ findingId }) => findingId === null);
    if (overview >= 0) {
      const { columns, rows } = record.pictures[overview]!;
      const content = input.shrink(pictures[overview]!, columns, rows);
      await input.write({ path: `report/${studyInstanceUid}.png`, content });
    }
    yield separator + jsonInPage(rowOf(record, overview >= 0));
    separator = ',\n';
  }
  yield '\n]}</script>\n';
  yield pageFoot(input, algorithm, LIST_SCRIPT).text;
}

/** In the order the script takes them apart. */
function rowOf(record: StudyRecord, hasPicture: boolean): (string | boolean)[] {
  const outcome = record.result?.outcome ?? null;
  const key = outcomeKey(outcome);
  const analysed = outcome?.kind === 'analysed' ? outcome : null;
  const urgency = analysed?.suggestedUrgency ?? 'none';
  const refusal = outcome === null ? record.failure : outcome.kind === 'analysed' ? null : outcome.reason;
  return [
    record.studyInstanceUid,
    key,
    urgency === 'none' ? key : urgency,
    OUTCOME_NAMES[key],
    analysed ? URGENCY_NAMES[urgency] : '–',
    analysed ? percent(analysed.probability) : '–',
    record.modalities.join(' ') || '–',
    analysed ? embolusText(analysed) : '–',
    refusal?.message ?? '',
    hasPicture,
  ];
}

/** JSON that cannot end the element it stands in. */
function jsonInPage(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function studyPage(record: StudyRecord, pictures: readonly Uint8Array[], input: ReportPageInput): string {
  const pictureUrls = pictures.map((png) => `data:image/png;base64,${Buffer.from(png).toString('base64')}`);
  const hasReports = input.formats.has('sr');
  const card = studyCard(record, { open: true, pictureUrls, hasReports, root: '../' });
  const body = html`<main><p><a href="../report.html">All studies</a></p>
${card}</main>
</body>
</html>
`;
  return pageFrame({ script: '', images: 'data:' }).text + body.text;
}
