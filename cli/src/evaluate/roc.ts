/** An exam with its score and whether the condition is really there. */
export interface ScoredExam {
  readonly score: number;
  readonly positive: boolean;
}

export interface RocPoint {
  readonly threshold: number;
  readonly sensitivity: number;
  readonly falsePositiveRate: number;
}

export interface Roc {
  readonly points: readonly RocPoint[];
  /** Area under the curve with its 95 % interval; null when either class is missing. */
  readonly auc: { readonly value: number; readonly low: number; readonly high: number } | null;
}

const Z_95 = 1.959963984540054;

/**
 * Empirical ROC curve; equal scores make one step.
 *
 * The area is the Mann-Whitney statistic, its variance DeLong's, the interval built on the logit scale so that it
 * stays within 0..1. Source: DeLong 1988, doi:10.2307/2531595.
 */
export function rocCurve(exams: readonly ScoredExam[]): Roc {
  const positives = exams.filter((exam) => exam.positive).map((exam) => exam.score);
  const negatives = exams.filter((exam) => !exam.positive).map((exam) => exam.score);
  const thresholds = [...new Set(exams.map((exam) => exam.score))].sort((a, b) => b - a);
  const points: RocPoint[] = [{ threshold: Number.POSITIVE_INFINITY, sensitivity: 0, falsePositiveRate: 0 }];
  for (const threshold of thresholds) {
    points.push({
      threshold,
      sensitivity: shareAtOrAbove(positives, threshold),
      falsePositiveRate: shareAtOrAbove(negatives, threshold),
    });
  }
  return { points, auc: areaUnderCurve(positives, negatives) };
}

function shareAtOrAbove(scores: readonly number[], threshold: number): number {
  if (scores.length === 0) return 0;
  return scores.filter((score) => score >= threshold).length / scores.length;
}

/** 1 when the first score wins, one half on a tie. */
const wins = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function areaUnderCurve(positives: readonly number[], negatives: readonly number[]): Roc['auc'] {
  if (positives.length === 0 || negatives.length === 0) return null;
  const ofPositive = positives.map((p) => mean(negatives.map((n) => wins(p, n))));
  const ofNegative = negatives.map((n) => mean(positives.map((p) => wins(p, n))));
  const auc = mean(ofPositive);
  const variance = sampleVariance(ofPositive) / positives.length + sampleVariance(ofNegative) / negatives.length;
  if (auc === 0 || auc === 1 || variance === 0) return { value: auc, low: auc, high: auc };
  const logit = Math.log(auc / (1 - auc));
  const half = (Z_95 * Math.sqrt(variance)) / (auc * (1 - auc));
  const fromLogit = (x: number): number => 1 / (1 + Math.exp(-x));
  return { value: auc, low: fromLogit(logit - half), high: fromLogit(logit + half) };
}

function sampleVariance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
