import type { Finding } from '@pce/shared/contracts/finding';
import type { RecordedPicture } from '../screen/study-record.js';
import { html, NOTHING, type SafeHtml } from './html.js';
import { ASSESSMENT_NAMES, KIND_NAMES, measurementsInWords, percent, placeInWords } from './wording.js';

/** A picture of the report with its `data:` address. */
export interface ShownPicture extends Omit<RecordedPicture, 'fileName'> {
  readonly url: string;
}

/** One finding: what and where in a line, its pictures, and why it was judged so. */
export function findingBlock(finding: Finding, pictures: readonly ShownPicture[]): SafeHtml {
  const own = pictures.filter(({ findingId }) => findingId === finding.id);
  const measured = measurementsInWords(finding.measurements);
  return html`<li class="finding" value="${finding.id}"><div class="facts">
<p class="what"><span class="number">${finding.id}</span> <b><span class="judged-${finding.assessment}">${capitalised(ASSESSMENT_NAMES[finding.assessment])}</span> ${KIND_NAMES[finding.kind]}</b>, ${finding.morphology}</p>
<p>${placeInWords(finding)}</p>
<p class="num">probability ${percent(finding.probability)}</p>
<ul class="measured num">${measured.map((text) => html`<li>${text}</li>`)}</ul>
<ul class="why">${finding.reasons.map((reason) => html`<li>${reason}</li>`)}</ul></div>
${own.length > 0 ? html`<div class="pictures">${own.map(figure)}</div>` : NOTHING}</li>
`;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A picture that can be enlarged, with its caption. */
export function figure(picture: ShownPicture): SafeHtml {
  return html`<figure><button type="button"><img src="${picture.url}" width="${picture.columns}" height="${picture.rows}" decoding="async" alt="${picture.label}"></button><figcaption>${picture.label}</figcaption></figure>`;
}
