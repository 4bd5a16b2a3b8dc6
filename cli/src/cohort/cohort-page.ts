import { shareText } from '../evaluate/page.js';
import { proportion } from '../evaluate/proportion.js';
import { type Plot, plotMarkup } from '../figures/plot.js';
import { html } from '../report/html.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';
import type { Cohort } from './describe-cohort.js';

/** Figures others published, to be read beside a site's own. They differ in how films and CTs were chosen. */
export const LITERATURE = [
  {
    name: 'Embolism on films after a procedure',
    figure: '1 to 7 %',
    source: 'Bliemel 2013; Duran 2007',
  },
  {
    name: 'Embolism on CT after a procedure',
    figure: '2 to 26 %',
    source: 'JOSR 2021; Venmans 2010',
  },
  {
    name: 'Emboli on a positive CT',
    figure: 'median 2, 1 to 12',
    source: 'Luetmer 2011, doi:10.3174/ajnr.a2368',
  },
] as const;

/** What a figure of this kind cannot say. */
const CAUTION = [
  'Present means: the software suspects it. Nobody has confirmed it, and false alarms are counted as embolism.',
  'Leak and embolism were found by the same software, often on the same exam: their association is not independent of its errors.',
  'Exams were made for reasons of their own: procedures without an exam are left out, not counted as free of embolism.',
  'Procedures of one patient are not independent; intervals do not allow for it.',
] as const;

/** Own figures in the order of {@link LITERATURE}. */
function ownFigures({ byExam, embolusCount }: Cohort): string[] {
  const count = embolusCount;
  return [
    shareText(byExam.films),
    shareText(byExam.ct),
    count ? `median ${count.median}, ${count.least} to ${count.most}` : 'none to count',
  ];
}

export function oddsRatioText({ leak: { oddsRatio } }: Cohort): string {
  if (oddsRatio === null) return 'a row or column of the table is empty';
  const { value, low, high, exactP, isCorrected } = oddsRatio;
  const corrected = isCorrected ? ', one half added to each count' : '';
  return `odds ratio ${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}${corrected}), p ${exactP.toPrecision(2)}`;
}

/** The facts of a cohort in order, as name and text. */
export function cohortFacts(cohort: Cohort): [string, string][] {
  const [a, b, c, d] = cohort.leak.table;
  const days = cohort.daysToEmbolism;
  return [
    ['Patients with a procedure', String(cohort.patients)],
    ['Procedures', `${cohort.procedures}, ${cohort.withoutExam} of them without an analysed exam`],
    ['Exams before or without a procedure: positive', shareText(cohort.examsWithoutProcedure)],
    ...cohort.incidence.flatMap(({ name, all, films, ct }): [string, string][] => [
      [`Incidence by procedure, ${name}`, shareText(all)],
      [`  on films`, shareText(films)],
      [`  on CT`, shareText(ct)],
    ]),
    ['With a leak: embolism', shareText(proportion(a, a + b))],
    ['Without a leak: embolism', shareText(proportion(c, c + d))],
    ['Leak and embolism', oddsRatioText(cohort)],
    [
      'Days to the first exam with embolism',
      days ? `median ${days[2]} (quartiles ${days[1]} to ${days[3]}; ${days[0]} to ${days[4]})` : 'none',
    ],
    ...cohort.timeBands.map(({ name, positive }): [string, string] => [
      `Exams after ${name}: positive`,
      shareText(positive),
    ]),
    ...LITERATURE.map(({ name, figure, source }, index): [string, string] => [
      name,
      `${ownFigures(cohort)[index]}; published ${figure} (${source})`,
    ]),
  ];
}

/** Share of exams with embolism by time since the procedure. */
export function timePlot({ timeBands }: Cohort): Plot {
  const shown = timeBands.map(({ name, positive }, index) => ({ name, positive, index }));
  const known = shown.filter(({ positive }) => positive.value !== null);
  const most = Math.max(0.1, ...known.map(({ positive }) => positive.high));
  return {
    title: 'Embolism by time since the procedure',
    xLabel: 'Time since the procedure',
    yLabel: 'Exams with suspected embolism (95 % CI)',
    xRange: [-0.5, timeBands.length - 0.5],
    yRange: [0, Math.min(1, Math.ceil(most * 10) / 10)],
    xNames: timeBands.map(({ name }) => name),
    series: [
      {
        name: 'exams',
        kind: 'points',
        points: known.map(({ index, positive }) => [index, positive.value ?? 0] as const),
        intervals: known.map(({ positive }) => [positive.low, positive.high] as const),
      },
    ],
  };
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse;margin:1rem 0}td,th{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #ddd}
svg{max-width:30rem;height:auto}.notice{background:#fff3cd;padding:.6rem 1rem}`;

/** One page with all figures; loads nothing. */
export function cohortPage(cohort: Cohort): string {
  const own = ownFigures(cohort);
  const rows = cohortFacts(cohort).map(([name, text]) => html`<tr><th>${name}</th><td>${text}</td></tr>`);
  const [a, b, c, d] = cohort.leak.table;
  const beside = LITERATURE.map(
    ({ name, figure, source }, index) =>
      html`<tr><th>${name}</th><td>${own[index]!}</td><td>${figure}</td><td>${source}</td></tr>`,
  );
  const page = html`<!doctype html><html lang="en"><meta charset="utf-8"><title>Cohort</title>
<style>${STYLE}</style><h1>Cohort</h1><p class="notice">${RESEARCH_NOTICE}</p>
<ul>${CAUTION.map((line) => html`<li>${line}</li>`)}</ul>
<h2>This archive beside the literature</h2>
<table><tr><th></th><th>here</th><th>published</th><th>source</th></tr>${beside}</table>
<h2>Leak and embolism</h2>
<table><tr><th></th><th>embolism</th><th>none</th></tr><tr><th>leak</th><td>${a}</td><td>${b}</td></tr>
<tr><th>no leak</th><td>${c}</td><td>${d}</td></tr></table><p>${oddsRatioText(cohort)}; Woolf's interval, Fisher's exact test.</p>
<h2>Time</h2>${plotMarkup(timePlot(cohort))}
<h2>All figures</h2><p>Shares with their 95 % interval after Wilson.</p><table>${rows}</table></html>`;
  return `${page.text}\n`;
}
