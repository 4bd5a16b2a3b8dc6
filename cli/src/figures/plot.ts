import { html, NOTHING, type SafeHtml } from '../report/html.js';

/** One thing drawn into a plot. Points are [x, y] in the plot's own units. */
export interface Series {
  readonly name: string;
  readonly kind: 'line' | 'points';
  readonly points: readonly (readonly [number, number])[];
  /** 95 % intervals of y, one for each point. */
  readonly intervals?: readonly (readonly [number, number])[];
  readonly isDashed?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  /** Names in place of numbers below the x axis, at 0, 1, 2, ... */
  readonly xNames?: readonly string[];
  readonly series: readonly Series[];
}

/** One column of a journal page. Source: Nature, guide to preparing final artwork, 89 mm. */
const WIDTH_MM = 89;
/** Drawing units: tenths of a millimetre. */
const WIDTH = 890;
const HEIGHT = 800;
const MARGIN = { left: 130, right: 30, top: 70, bottom: 130 };
/** Seven points high in print. */
const TEXT_SIZE = 25;
const TICKS = 5;
/** Told apart in print and by the colour blind. Source: Okabe and Ito, jfly.uni-koeln.de/color */
const INKS = ['#000000', '#0072b2', '#d55e00', '#009e73', '#cc79a7'];

/** A figure for a paper as a whole SVG file: one column wide, black axes, no outside parts. */
export function plotSvg(plot: Plot): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${plotMarkup(plot).text}\n`;
}

/** The same to be put into a page. */
export function plotMarkup(plot: Plot): SafeHtml {
  const scale = scaleOf(plot);
  const drawn = plot.series.map((series, index) => seriesMarkup(series, INKS[index % INKS.length]!, scale));
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_MM}mm" height="${(WIDTH_MM * HEIGHT) / WIDTH}mm" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Arial, Helvetica, sans-serif" font-size="${TEXT_SIZE}" role="img" aria-label="${plot.title}">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${MARGIN.left}" y="40" font-weight="bold">${plot.title}</text>
${axes(plot, scale)}${drawn}${legend(plot.series)}
</svg>`;
}

interface Scale {
  readonly x: (value: number) => string;
  readonly y: (value: number) => string;
}

function scaleOf({ xRange, yRange }: Plot): Scale {
  const along = (value: number, [from, to]: readonly [number, number]): number =>
    (Math.min(Math.max(value, from), to) - from) / (to - from || 1);
  const [width, height] = [WIDTH - MARGIN.left - MARGIN.right, HEIGHT - MARGIN.top - MARGIN.bottom];
  return {
    x: (value) => (MARGIN.left + along(value, xRange) * width).toFixed(1),
    y: (value) => (HEIGHT - MARGIN.bottom - along(value, yRange) * height).toFixed(1),
  };
}

function axes(plot: Plot, scale: Scale): SafeHtml {
  const [left, bottom] = [MARGIN.left, HEIGHT - MARGIN.bottom];
  const xTicks = plot.xNames
    ? plot.xNames.map((name, index) => [index, name] as const)
    : ticksOf(plot.xRange).map((value) => [value, numberText(value)] as const);
  const below = xTicks.map(
    ([value, text]) => html`<line x1="${scale.x(value)}" x2="${scale.x(value)}" y1="${bottom}" y2="${bottom + 10}"/>
<text x="${scale.x(value)}" y="${bottom + 40}" text-anchor="middle" stroke="none">${text}</text>`,
  );
  const beside = ticksOf(plot.yRange).map(
    (value) => html`<line x1="${left - 10}" x2="${left}" y1="${scale.y(value)}" y2="${scale.y(value)}"/>
<text x="${left - 16}" y="${Number(scale.y(value)) + 8}" text-anchor="end" stroke="none">${numberText(value)}</text>`,
  );
  const middleY = (MARGIN.top + bottom) / 2;
  return html`<g stroke="#000000" stroke-width="2"><path d="M${left} ${MARGIN.top}V${bottom}H${WIDTH - MARGIN.right}" fill="none"/>${below}${beside}</g>
<text x="${(left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 30}" text-anchor="middle">${plot.xLabel}</text>
<text transform="translate(34 ${middleY}) rotate(-90)" text-anchor="middle">${plot.yLabel}</text>`;
}

function ticksOf([from, to]: readonly [number, number]): number[] {
  return Array.from({ length: TICKS + 1 }, (_, index) => from + ((to - from) * index) / TICKS);
}

function numberText(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function seriesMarkup({ kind, points, intervals, isDashed }: Series, ink: string, { x, y }: Scale): SafeHtml {
  const bars = (intervals ?? []).map(([low, high], index) => {
    const at = x(points[index]![0]);
    return html`<line x1="${at}" x2="${at}" y1="${y(low)}" y2="${y(high)}" stroke="${ink}" stroke-width="2"/>`;
  });
  if (kind === 'points') {
    const dots = points.map(([px, py]) => html`<circle cx="${x(px)}" cy="${y(py)}" r="7" fill="${ink}"/>`);
    return html`${bars}${dots}`;
  }
  const path = points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ');
  const dash = isDashed ? html` stroke-dasharray="12 8"` : NOTHING;
  return html`${bars}<polyline points="${path}" fill="none" stroke="${ink}" stroke-width="3"${dash}/>`;
}

function legend(series: readonly Series[]): SafeHtml {
  if (series.length < 2) return NOTHING;
  const [x, start] = [WIDTH - MARGIN.right - 20, HEIGHT - MARGIN.bottom - 20];
  const lines = series.map(({ name }, index) => {
    const y = start - (series.length - 1 - index) * (TEXT_SIZE + 8);
    return html`<text x="${x}" y="${y}" text-anchor="end" fill="${INKS[index % INKS.length]!}">${name}</text>`;
  });
  return html`${lines}`;
}
