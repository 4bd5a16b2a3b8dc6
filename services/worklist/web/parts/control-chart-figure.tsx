import type { VNode } from 'preact';
import type { ControlChart } from '../../src/core/acceptance.js';
import { percentText } from './units.js';

const WIDTH = 720;
const HEIGHT = 220;
const MARGIN = { left: 44, right: 12, top: 12, bottom: 34 };
/** Labels below the axis that still fit. */
const MAX_LABELS = 10;

/** Rejected findings by week, with the limits that chance keeps to. */
export function ControlChartFigure({ chart }: { chart: ControlChart }): VNode {
  const { points, centre } = chart;
  const top = Math.min(
    1,
    Math.max(0.1, ...points.map((point) => Math.max(point.upperLimit, point.rejectedShare))) * 1.1,
  );
  const step = (WIDTH - MARGIN.left - MARGIN.right) / Math.max(1, points.length);
  const x = (index: number) => MARGIN.left + (index + 0.5) * step;
  const y = (share: number) => HEIGHT - MARGIN.bottom - (share / top) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const steps = (value: (index: number) => number) =>
    points
      .map((_, index) => `${x(index) - step / 2},${y(value(index))} ${x(index) + step / 2},${y(value(index))}`)
      .join(' ');
  const every = Math.ceil(points.length / MAX_LABELS);
  const outside = points.filter(({ isOutside }) => isOutside).length;
  return (
    <figure class="chart">
      <figcaption>
        Rejected findings by week, {chart.algorithm} {chart.version}: {percentText(centre)} in all,{' '}
        {outside === 0
          ? 'every week within its limits'
          : `${outside} week${outside === 1 ? '' : 's'} outside its limits`}
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Control chart of ${chart.algorithm} ${chart.version}`}
      >
        {[0, top / 2, top].map((share) => (
          <g key={share}>
            <line class="grid" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={y(share)} y2={y(share)} />
            <text x={MARGIN.left - 6} y={y(share) + 4} text-anchor="end">
              {percentText(share)}
            </text>
          </g>
        ))}
        <polyline class="limit" points={steps((index) => points[index]?.upperLimit ?? 0)} />
        <polyline class="limit" points={steps((index) => points[index]?.lowerLimit ?? 0)} />
        <line class="centre" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={y(centre)} y2={y(centre)} />
        <polyline
          class="shares"
          points={points.map((point, index) => `${x(index)},${y(point.rejectedShare)}`).join(' ')}
        />
        {points.map((point, index) => (
          <g key={point.weekOf}>
            <circle class={point.isOutside ? 'outside' : 'inside'} cx={x(index)} cy={y(point.rejectedShare)} r={4}>
              <title>
                week of {point.weekOf}: {point.rejected} of {point.reviewed} rejected
              </title>
            </circle>
            {index % every === 0 && (
              <text x={x(index)} y={HEIGHT - MARGIN.bottom + 18} text-anchor="middle">
                {point.weekOf}
              </text>
            )}
          </g>
        ))}
      </svg>
    </figure>
  );
}
