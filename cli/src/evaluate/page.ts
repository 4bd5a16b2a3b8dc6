import { html, type SafeHtml } from '../report/html.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';
import type { Agreement } from './agreement.js';
import type { Assessment } from './assess-set.js';
import type { Proportion } from './proportion.js';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse;margin:1rem 0}td,th{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #ddd}
svg{max-width:24rem;margin-right:1rem}.notice{background:#fff3cd;padding:.6rem 1rem}`;

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** A share with its count and 95 % interval: "98.5 % (197 of 200; 95.7 % to 99.5 %)". */
export function shareText({ hits, total, value, low, high }: Proportion): string {
  if (value === null) return 'none to count';
  return `${percent(value)} (${hits} of ${total}; ${percent(low)} to ${percent(high)})`;
}

function agreementText(agreement: Agreement | null): string {
  if (agreement === null) return 'fewer than two to compare';
  const { bias, lowerLimit, upperLimit, count, medianAbsoluteError } = agreement;
  const mm = (value: number): string => `${value.toFixed(2)} mm`;
  return `bias ${mm(bias)}, limits ${mm(lowerLimit)} to ${mm(upperLimit)}, median error ${mm(medianAbsoluteError)} (${count})`;
}

/** The facts of an assessment in order, as name and text. */
export function assessmentFacts(a: Assessment): [string, string][] {
  const auc = a.roc.auc;
  return [
    ['Exams', `${a.exams}, ${a.withoutReport} of them without a report`],
    ['Exam sensitivity', shareText(a.sensitivity)],
    ['Exam specificity', shareText(a.specificity)],
    ['Patients with every positive exam found', shareText(a.byPatient.sensitivity)],
    ['Patients without a false alarm', shareText(a.byPatient.specificity)],
    [
      'Area under the ROC curve',
      auc ? `${auc.value.toFixed(3)} (${auc.low.toFixed(3)} to ${auc.high.toFixed(3)})` : 'needs both kinds',
    ],
    ['Mean FROC, visible lesions', a.meanFroc.toFixed(3)],
    ['False alarms per exam', a.falsePositivesPerExam.toFixed(3)],
    ...a.falsePositives.map(({ name, count }): [string, string] => [`False alarms: ${name}`, String(count)]),
    ...a.lesions.map(({ name, share }): [string, string] => [`Found: ${name}`, shareText(share)]),
    ['Length', agreementText(a.lengthErrorMm)],
    ['Length within 10 %', shareText(a.lengthWithinTenPercent)],
    ['Calibre', agreementText(a.calibreErrorMm)],
    ['Calibre within 0.5 mm', shareText(a.calibreWithinHalfMm)],
    ['Side right', shareText(a.side)],
    ['Zone right', shareText(a.zone)],
  ];
}

/** One page with all figures and both curves; loads nothing. */
export function evaluationPage(assessment: Assessment): string {
  const rows = assessmentFacts(assessment).map(([name, text]) => html`<tr><th>${name}</th><td>${text}</td></tr>`);
  const roc = assessment.roc.points.map((p) => [p.falsePositiveRate, p.sensitivity] as const);
  const mostFalse = Math.max(0.1, ...assessment.froc.map((p) => p.falsePositivesPerExam));
  const froc = assessment.froc.map((p) => [p.falsePositivesPerExam / mostFalse, p.sensitivity] as const);
  const page = html`<!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation</title>
<style>${STYLE}</style><h1>Evaluation</h1><p class="notice">${RESEARCH_NOTICE}</p>
<p>Reports against truth. Intervals are 95 %, after Wilson. Exams of one patient are not independent: the intervals by exam are too narrow where patients have several. Simulated truth says nothing of patients.</p>
<table>${rows}</table>
${curve('ROC: false positive rate 0 to 1', roc)}${curve(`FROC: false marks per exam 0 to ${mostFalse.toFixed(2)}`, froc)}
</html>`;
  return `${page.text}\n`;
}

/** A curve in the unit square, as steps. */
function curve(title: string, points: readonly (readonly [number, number])[]): SafeHtml {
  const at = ([x, y]: readonly [number, number]): string =>
    `${(20 + 260 * x).toFixed(1)},${(280 - 260 * y).toFixed(1)}`;
  return html`<figure style="display:inline-block;margin:0"><figcaption>${title}; sensitivity 0 to 1</figcaption>
<svg viewBox="0 0 300 300" role="img" aria-label="${title}"><path d="M20 20V280H280" fill="none" stroke="#888"/>
<polyline points="${points.map(at).join(' ')}" fill="none" stroke="#0b5fa5" stroke-width="2"/></svg></figure>`;
}
