import { html, type SafeHtml } from '../report/html.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';
import { isInTime, isRight, type SelftestOutcome } from './run-selftest.js';

/** What was tested, where and when. */
export interface Commissioning {
  readonly at: Date;
  readonly productVersion: string;
  readonly algorithm: string;
  readonly processors: string;
  readonly service: string;
  readonly destination: string;
  readonly outcomes: readonly SelftestOutcome[];
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.35rem .6rem;text-align:left}
.ok{color:#0a6b2d}.bad{color:#b00020;font-weight:600}.notice{border:2px solid #b00020;padding:.5rem 1rem}
dt{float:left;clear:left;width:10rem;font-weight:600}dd{margin:0 0 .2rem 10rem;overflow-wrap:anywhere}
.sign{margin-top:3rem;display:flex;gap:3rem}.sign div{flex:1;border-top:1px solid #111;padding-top:.3rem}`;

/** The commissioning report as one page: print it, or save it as PDF from there. */
export function commissioningPage(run: Commissioning): string {
  const style = html`<style>`.text + STYLE + html`</style>`.text;
  const head = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>PCE selftest</title>${style}</head>`;
  return `${head}${body(run).text}</html>\n`;
}

function body(run: Commissioning): SafeHtml {
  const right = run.outcomes.filter(isRight).length;
  const inTime = run.outcomes.filter(isInTime).length;
  return html`<body>
<h1>Commissioning report: selftest of PCE</h1>
<p class="notice">${RESEARCH_NOTICE} The studies are simulated: they show that images come in and reports come out,
and that simulated cement is told from none. They say nothing about accuracy in patients.</p>
<dl>
<dt>Date</dt><dd>${run.at.toISOString()}</dd>
<dt>Software</dt><dd>PCE ${run.productVersion}, ${run.algorithm}</dd>
<dt>Processors</dt><dd>${run.processors}</dd>
<dt>Sent to</dt><dd>${run.service}</dd>
<dt>Came back from</dt><dd>${run.destination}</dd>
</dl>
<h2>Result: ${right} of ${run.outcomes.length} answers right, ${inTime} in time</h2>
<table><thead><tr><th>Study</th><th>Images</th><th>Cement embolism expected</th><th>Reported</th>
<th>Last image to report delivered</th><th>Limit</th><th>Report</th></tr></thead>
<tbody>${run.outcomes.map(row)}</tbody></table>
<p>The time runs from the acknowledgement of the last image to the report being seen where it came back from.</p>
<div class="sign"><div>Name</div><div>Date and signature</div></div>
</body>`;
}

function row(outcome: SelftestOutcome): SafeHtml {
  const { name, images, accepted, received, seconds, limitSeconds, reportUid, failure } = outcome;
  const answer = received ?? failure ?? 'no report came';
  const time = seconds === null ? '-' : `${seconds.toFixed(2)} s`;
  return html`<tr><td>${name}</td><td>${images}</td><td>${accepted.join(' or ')}</td>
<td class="${isRight(outcome) ? 'ok' : 'bad'}">${answer}</td>
<td class="${isInTime(outcome) ? 'ok' : 'bad'}">${time}</td><td>${limitSeconds} s</td><td>${reportUid ?? '-'}</td></tr>`;
}

/** One line for the terminal. */
export function outcomeLine(outcome: SelftestOutcome): string {
  const { name, accepted, received, seconds, limitSeconds, failure } = outcome;
  const verdict = isRight(outcome) ? 'right' : 'WRONG';
  const answer = received ?? failure ?? 'no report came';
  const time =
    seconds === null
      ? ''
      : `, last image to report ${seconds.toFixed(2)} s (limit ${limitSeconds} s${isInTime(outcome) ? '' : ': LATE'})`;
  return `${verdict}: ${name}: expected ${accepted.join(' or ')}, reported ${answer}${time}\n`;
}
