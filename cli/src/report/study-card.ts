import type { Analysed, Urgency } from '@pce/shared/contracts/exam-outcome';
import { ASSESSMENTS, type Finding } from '@pce/shared/contracts/finding';
import type { ExamPart } from '@pce/shared/contracts/study-result';
import { OutputFolder } from '../output/output-folder.js';
import type { Problem } from '../screen/problem.js';
import type { StudyRecord } from '../screen/study-record.js';
import { figure, findingBlock, type ShownPicture } from './finding-block.js';
import { html, NOTHING, type SafeHtml } from './html.js';
import { ASSESSMENT_NAMES, OUTCOME_NAMES, outcomeKey, percent, URGENCY_NAMES } from './wording.js';

/** Up to this many are counted exactly; above, a report says "numerous". Source: [design], as in the SR. */
const EXACT_COUNT_LIMIT = 12;

export interface CardOptions {
  /** Whether the card starts opened. */
  readonly open: boolean;
  /** `data:` address of each picture of the record, in its order. */
  readonly pictureUrls: readonly string[];
  readonly hasReports: boolean;
  /** From the page to the output folder. @default '' */
  readonly root?: string;
}

/** One study of the report: a line with what counts, and behind it pictures, findings and technique. */
export function studyCard(record: StudyRecord, options: CardOptions): SafeHtml {
  const outcome = record.result?.outcome ?? null;
  const key = outcomeKey(outcome);
  const analysed = outcome?.kind === 'analysed' ? outcome : null;
  const urgency: Urgency = analysed?.suggestedUrgency ?? 'none';
  const pictures = record.pictures.map((picture, index) => ({ ...picture, url: options.pictureUrls[index] ?? '' }));
  const tone = urgency === 'none' ? key : urgency;
  return html`<details class="study tone-${tone}" data-outcome="${key}" data-findings="${analysed?.findings.length ?? 0}"${options.open ? html` open` : NOTHING}>
<summary><span class="arrow" aria-hidden="true"></span><span class="tag">${analysed ? URGENCY_NAMES[urgency] : '–'}</span>
<span class="tag tone-${key}">${OUTCOME_NAMES[key]}</span>
${analysed ? meter(analysed.probability) : html`<span class="dim">–</span>`}
<span>${record.modalities.join(' ') || '–'}</span>
<span>${analysed ? embolusText(analysed) : '–'}</span>
<span class="wide"><span class="uid">${record.studyInstanceUid}</span>${refusalLine(record)}</span></summary>
<div class="body"><div class="top">${overviews(pictures, (analysed?.findings.length ?? 0) > 0)}
<div class="about">${remarks(record)}
${technique(record, options)}</div></div>
${analysed ? findingList(analysed.findings, pictures) : NOTHING}</div>
</details>
`;
}

function meter(probability: number): SafeHtml {
  const width = Math.max(1, Math.round(probability * 44));
  return html`<span class="meter"><svg viewBox="0 0 44 6" aria-hidden="true"><rect width="44" height="6" rx="3"/><rect width="${width}" height="6" rx="3"/></svg><span class="num">${percent(probability)}</span></span>`;
}

/** The emboli of the surest assessment there is: "2 suspected", "1 possible". */
export function embolusText({ findings }: Analysed): string {
  const emboli = findings.filter(({ kind }) => kind === 'pulmonary-cement-embolism');
  for (const assessment of ASSESSMENTS) {
    const count = emboli.filter((finding) => finding.assessment === assessment).length;
    if (count > EXACT_COUNT_LIMIT) return 'numerous';
    if (count > 0) return `${count} ${ASSESSMENT_NAMES[assessment]}`;
  }
  return 'none';
}

/** Why there is no answer, where the eye looks first. */
function refusalLine({ result, failure }: StudyRecord): SafeHtml {
  const reason = result === null ? failure : result.outcome.kind === 'analysed' ? null : result.outcome.reason;
  return reason === null ? NOTHING : html` <span class="refusal dim">${reason.message}</span>`;
}

/** Pictures of no finding in particular: large beside findings, small when there are none. */
function overviews(pictures: readonly ShownPicture[], hasFindings: boolean): SafeHtml {
  const general = pictures.filter(({ findingId }) => findingId === null);
  if (general.length === 0) return NOTHING;
  return html`<div class="overviews${hasFindings ? '' : ' small'}">${general.map(figure)}</div>`;
}

function findingList(findings: readonly Finding[], pictures: readonly ShownPicture[]): SafeHtml {
  if (findings.length === 0) return html`<p>Nothing found above the reporting threshold.</p>`;
  return html`<ol class="findings">
${findings.map((finding) => findingBlock(finding, pictures))}</ol>`;
}

function remarks(record: StudyRecord): SafeHtml {
  const sentences = [...outcomeSentences(record), ...record.problems.map(problemSentence)];
  if (sentences.length === 0) return NOTHING;
  return html`<h3>Remarks</h3><ul>${[...new Set(sentences)].map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}

function outcomeSentences({ result }: StudyRecord): string[] {
  const outcome = result?.outcome ?? null;
  if (outcome?.kind !== 'analysed') return [];
  const { level } = outcome.quality;
  return [...(level === 'diagnostic' ? [] : [`Image quality: ${level}.`]), ...outcome.quality.remarks];
}

function problemSentence(problem: Problem): string {
  const detail = [
    problem.expected && `expected ${problem.expected}`,
    problem.received && `received ${problem.received}`,
  ].filter(Boolean);
  return detail.length === 0 ? problem.what : `${problem.what}: ${detail.join('; ')}`;
}

function technique(record: StudyRecord, options: CardOptions): SafeHtml {
  const parts = record.result?.parts ?? [];
  return html`<h3>Study</h3><dl>
<dt>Study Instance UID</dt><dd class="uid">${record.studyInstanceUid}</dd>
${parts.map(partLine)}<dt>Instances read</dt><dd>${record.instanceCount}</dd>
<dt>Structured report</dt><dd>${reportLink(record, options)}</dd>
<dt>Time taken</dt><dd>${record.seconds.toFixed(1)} s</dd></dl>`;
}

function partLine(part: ExamPart): SafeHtml {
  const geometry = [
    part.sliceSpacingMm === null ? null : `spacing ${Number(part.sliceSpacingMm.toFixed(2))} mm`,
    part.sliceThicknessMm === null ? null : `thickness ${Number(part.sliceThicknessMm.toFixed(2))} mm`,
  ].filter(Boolean);
  const images = `${part.images.length} image${part.images.length === 1 ? '' : 's'}`;
  return html`<dt>${part.modality} series</dt><dd><span class="uid">${part.seriesInstanceUid}</span> <span class="dim">${[images, ...geometry].join(', ')}</span></dd>
`;
}

function reportLink(record: StudyRecord, { hasReports, root = '' }: CardOptions): SafeHtml {
  const uid = record.reportSopInstanceUid;
  if (uid !== null) {
    const path = OutputFolder.reportPath(record.studyInstanceUid, uid);
    return html`<a class="uid" href="${root}${path}">${path}</a>`;
  }
  if (!hasReports) return html`<span class="dim">not written: --format without sr</span>`;
  const isOtherKind = record.result?.outcome.kind === 'not-applicable';
  return html`<span class="dim">none: ${isOtherKind ? 'the study is not of a kind this software reads' : 'the study was not processed'}</span>`;
}
