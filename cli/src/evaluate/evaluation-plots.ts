import { stringify } from 'csv-stringify/sync';
import type { Plot } from '../figures/plot.js';
import type { Assessment } from './assess-set.js';

/** A figure with the numbers it is drawn from. */
export interface Figure {
  /** File name without its end. */
  readonly name: string;
  readonly plot: Plot;
  readonly csv: string;
}

const CHANCE = {
  name: 'chance',
  kind: 'line',
  isDashed: true,
  points: [
    [0, 0],
    [1, 1],
  ],
} as const;
const IDEAL = { ...CHANCE, name: 'ideal' } as const;
const UNIT = [0, 1] as const;

/** ROC, FROC and calibration. */
export function evaluationFigures(assessment: Assessment): Figure[] {
  return [rocFigure(assessment), frocFigure(assessment), calibrationFigure(assessment)];
}

function rocFigure({ roc }: Assessment): Figure {
  const points = roc.points.map((p) => [p.falsePositiveRate, p.sensitivity] as const);
  return {
    name: 'roc',
    plot: {
      title: 'ROC by exam',
      xLabel: '1 - specificity',
      yLabel: 'Sensitivity',
      xRange: UNIT,
      yRange: UNIT,
      series: [{ name: 'software', kind: 'line', points }, CHANCE],
    },
    csv: table(
      ['threshold', 'false_positive_rate', 'sensitivity'],
      roc.points.map((p) => [p.threshold, p.falsePositiveRate, p.sensitivity]),
    ),
  };
}

function frocFigure({ froc }: Assessment): Figure {
  const mostFalse = Math.max(0.1, ...froc.map((point) => point.falsePositivesPerExam));
  const points = froc.map((p) => [p.falsePositivesPerExam, p.sensitivity] as const);
  return {
    name: 'froc',
    plot: {
      title: 'FROC by lesion',
      xLabel: 'False marks per exam',
      yLabel: 'Sensitivity',
      xRange: [0, mostFalse],
      yRange: UNIT,
      series: [{ name: 'software', kind: 'line', points }],
    },
    csv: table(
      ['threshold', 'false_positives_per_exam', 'sensitivity'],
      froc.map((p) => [p.threshold, p.falsePositivesPerExam, p.sensitivity]),
    ),
  };
}

function calibrationFigure({ calibration }: Assessment): Figure {
  const bins = calibration.bins.map(({ meanProbability, positive: { value, ...rest } }) => ({
    meanProbability,
    share: value ?? 0,
    ...rest,
  }));
  return {
    name: 'calibration',
    plot: {
      title: 'Calibration by exam',
      xLabel: 'Stated probability',
      yLabel: 'Positive exams (95 % CI)',
      xRange: UNIT,
      yRange: UNIT,
      series: [
        {
          name: 'tenths of the scale',
          kind: 'points',
          points: bins.map((bin) => [bin.meanProbability, bin.share]),
          intervals: bins.map((bin) => [bin.low, bin.high]),
        },
        IDEAL,
      ],
    },
    csv: table(
      ['mean_probability', 'positive', 'exams', 'share', 'low', 'high'],
      bins.map((bin) => [bin.meanProbability, bin.hits, bin.total, bin.share, bin.low, bin.high]),
    ),
  };
}

function table(header: readonly string[], rows: readonly (readonly number[])[]): string {
  return stringify([[...header], ...rows.map((row) => row.map((value) => (Number.isFinite(value) ? value : '')))]);
}
