import type { FlowExclusion, StudyFlow } from '../screen/run-summary.js';
import { html, NOTHING, type SafeHtml } from './html.js';

/** Reasons named in a box; the rest are counted together. [design] */
const NAMED_REASONS = 5;
const WIDTH = 760;
const BOX_HEIGHT = 46;
const LEFT = { x: 20, width: 300 };
const RIGHT = { x: 410, width: 330 };
const LINE_HEIGHT = 18;

/** The flow of studies as a STARD diagram, an SVG figure. Source: STARD 2015 item 19, doi:10.1136/bmj.h5527. */
export function flowFigure(flow: StudyFlow): SafeHtml {
  const excluded = [
    ...exclusionLines('Not of a kind that is read', flow.notApplicable),
    ...exclusionLines('Could not be judged', flow.notAnalysable),
    ...(flow.notReached > 0 ? [`Not reached: ${flow.notReached}`] : []),
  ];
  const rightHeight = Math.max(BOX_HEIGHT, 20 + excluded.length * LINE_HEIGHT);
  const analysedY = Math.max(120, 70 + rightHeight);
  const endY = analysedY + 90;
  const ends = [
    ['Present', flow.present],
    ['Undetermined', flow.undetermined],
    ['Absent', flow.absent],
  ] as const;
  const height = endY + BOX_HEIGHT + 10;
  return html`<figure class="flow"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Flow of studies" font-size="14" fill="currentColor" stroke="none">
${box(LEFT.x, 10, LEFT.width, BOX_HEIGHT, [`Studies received: ${flow.received}`])}
${excluded.length > 0 ? html`${line(LEFT.x + LEFT.width / 2, 66, RIGHT.x, 66)}${box(RIGHT.x, 56, RIGHT.width, rightHeight, excluded)}` : NOTHING}
${line(LEFT.x + LEFT.width / 2, 10 + BOX_HEIGHT, LEFT.x + LEFT.width / 2, analysedY)}
${box(LEFT.x, analysedY, LEFT.width, BOX_HEIGHT, [`Analysed: ${flow.analysed}`])}
${ends.map(([name, count], index) => {
  const x = LEFT.x + index * 245;
  const middle = x + 115;
  return html`${line(LEFT.x + LEFT.width / 2, analysedY + BOX_HEIGHT, middle, endY)}${box(x, endY, 230, BOX_HEIGHT, [`${name}: ${count}`])}`;
})}
</svg><figcaption class="dim">Every study found is in exactly one box.</figcaption></figure>`;
}

function exclusionLines(name: string, { studies, reasons }: FlowExclusion): string[] {
  if (studies === 0) return [];
  const sorted = Object.entries(reasons).sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  const rest = sorted.slice(NAMED_REASONS).reduce((sum, [, count]) => sum + count, 0);
  return [
    `${name}: ${studies}`,
    ...sorted.slice(0, NAMED_REASONS).map(([code, count]) => `– ${code}: ${count}`),
    ...(rest > 0 ? [`– other reasons: ${rest}`] : []),
  ];
}

function box(x: number, y: number, width: number, height: number, lines: readonly string[]): SafeHtml {
  const first = y + height / 2 - ((lines.length - 1) * LINE_HEIGHT) / 2 + 5;
  return html`<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="none" stroke="currentColor"/>${lines.map((text, index) => html`<text x="${x + 14}" y="${first + index * LINE_HEIGHT}">${text}</text>`)}`;
}

function line(x1: number, y1: number, x2: number, y2: number): SafeHtml {
  return html`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="currentColor"/>`;
}
