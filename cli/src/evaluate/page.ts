import { plotMarkup } from '../figures/plot.js';
import { html, NOTHING, type SafeHtml } from '../report/html.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';
import type { Agreement } from './agreement.js';
import type { Assessment } from './assess-set.js';
import { evaluationFigures } from './evaluation-plots.js';
import type { Kappa } from './kappa.js';
import type { Proportion } from './proportion.js';
import type { ReaderAgreement } from './reader-labels.js';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse;margin:1rem 0}td,th{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #ddd}
svg{max-width:26rem;height:auto;margin-right:1rem}.notice{background:#fff3cd;padding:.6rem 1rem}`;

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
  return [
    ['Exams', `${a.exams}, ${a.withoutReport} of them without a report`],
    ['Exam sensitivity', shareText(a.sensitivity)],
    ['Exam specificity', shareText(a.specificity)],
    ['Patients with every positive exam found', shareText(a.byPatient.sensitivity)],
    ['Patients without a false alarm', shareText(a.byPatient.specificity)],
    ['Area under the ROC curve', aucText(a.roc.auc)],
    ['Brier score', a.calibration.brier?.toFixed(4) ?? 'none to count'],
    ['Expected calibration error', a.calibration.expectedError?.toFixed(4) ?? 'none to count'],
    ['Mean FROC, visible lesions', a.meanFroc.toFixed(3)],
    ['False alarms per exam', a.falsePositivesPerExam.toFixed(3)],
    ...a.falsePositives.map(({ name, count }): [string, string] => [`False alarms: ${name}`, String(count)]),
    ...a.lesions.map(({ name, share }): [string, string] => [`Found: ${name}`, shareText(share)]),
    ['Length', agreementText(a.lengthErrorMm)],
    ['Length within 10 %', shareText(a.lengthWithinTenPercent)],
    ['Calibre', agreementText(a.calibreErrorMm)],
    ['Calibre within 0.5 mm', shareText(a.calibreWithinHalfMm)],
    ...a.subgroups.flatMap(({ name, sensitivity, specificity }): [string, string][] => [
      [`Sensitivity, ${name}`, shareText(sensitivity)],
      [`Specificity, ${name}`, shareText(specificity)],
    ]),
    ['Side right', shareText(a.side)],
    ['Zone right', shareText(a.zone)],
  ];
}

/** The facts of readers' labels in order, as name and text. */
export function readerFacts({ readers, pairs, allExams }: ReaderAgreement): [string, string][] {
  return [
    ...readers.flatMap(({ reader, ...own }): [string, string][] => [
      [`${reader}: answers for the exam accepted`, shareText(own.examsAccepted)],
      [`${reader}: findings accepted`, shareText(own.findingsAccepted)],
      [`${reader}: marks added`, String(own.marksAdded)],
      [`${reader}: of what is real, found by the software`, shareText(own.foundBySoftware)],
    ]),
    ...pairs.flatMap(({ readers: names, exams, findings }): [string, string][] => [
      [`${names}: kappa, exams`, kappaText(exams)],
      [`${names}: kappa, findings`, kappaText(findings)],
    ]),
    ...(allExams ? [['All readers: kappa after Fleiss, exams', kappaText(allExams)] as [string, string]] : []),
  ];
}

function kappaText({ count, value, low, high }: Kappa): string {
  if (value === null) return `not defined (${count} in common)`;
  const interval = low === null || high === null ? '' : `${low.toFixed(2)} to ${high.toFixed(2)}; `;
  return `${value.toFixed(2)} (${interval}${count} in common)`;
}

function aucText(auc: Assessment['roc']['auc']): string {
  return auc ? `${auc.value.toFixed(3)} (${auc.low.toFixed(3)} to ${auc.high.toFixed(3)})` : 'needs both kinds';
}

function subgroupTable({ subgroups }: Assessment): SafeHtml {
  const rows = subgroups.map(
    ({ name, exams, sensitivity, specificity, auc }) =>
      html`<tr><th>${name}</th><td>${exams}</td><td>${shareText(sensitivity)}</td><td>${shareText(specificity)}</td><td>${aucText(auc)}</td></tr>`,
  );
  return html`<table><tr><th>group</th><th>exams</th><th>sensitivity</th><th>specificity</th><th>area under the ROC curve</th></tr>${rows}</table>`;
}

const factRows = (facts: readonly [string, string][]): SafeHtml[] =>
  facts.map(([name, text]) => html`<tr><th>${name}</th><td>${text}</td></tr>`);

/** One page with all figures and curves; loads nothing. */
export function evaluationPage(assessment: Assessment, readers: ReaderAgreement | null): string {
  const page = html`<!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation</title>
<style>${STYLE}</style><h1>Evaluation</h1><p class="notice">${RESEARCH_NOTICE}</p>
<p>Reports against truth. Intervals are 95 %, after Wilson. Exams of one patient are not independent: the intervals by exam are too narrow where patients have several. Simulated truth says nothing of patients.</p>
<table>${factRows(assessmentFacts(assessment))}</table>
${evaluationFigures(assessment).map(({ plot }) => plotMarkup(plot))}
<h2>Subgroups</h2>${subgroupTable(assessment)}
${readers ? html`<h2>Readers</h2><table>${factRows(readerFacts(readers))}</table>` : NOTHING}
</html>`;
  return `${page.text}\n`;
}
