import { type Proportion, proportion } from './proportion.js';
import type { ScoredExam } from './roc.js';

/** Exams of like probability: what was said of them and what was true. */
export interface CalibrationBin {
  readonly meanProbability: number;
  readonly positive: Proportion;
}

export interface Calibration {
  /** Tenths of the scale, the empty ones left out. */
  readonly bins: readonly CalibrationBin[];
  /** Mean squared difference of probability and truth; null without exams. */
  readonly brier: number | null;
  /** Mean of |said - true| over the bins, weighted by their exams; null without exams. */
  readonly expectedError: number | null;
}

const BINS = 10;

/**
 * How far stated probabilities can be taken at their word.
 *
 * Source: Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2; Van Calster 2019, doi:10.1186/s12916-019-1466-7
 */
export function calibration(exams: readonly ScoredExam[]): Calibration {
  const groups = Array.from({ length: BINS }, (): ScoredExam[] => []);
  for (const exam of exams) groups[Math.min(BINS - 1, Math.floor(exam.score * BINS))]!.push(exam);
  const bins = groups
    .filter((group) => group.length > 0)
    .map((group) => ({
      meanProbability: group.reduce((sum, { score }) => sum + score, 0) / group.length,
      positive: proportion(group.filter(({ positive }) => positive).length, group.length),
    }));
  if (exams.length === 0) return { bins, brier: null, expectedError: null };
  const brier = exams.reduce((sum, { score, positive }) => sum + (score - Number(positive)) ** 2, 0) / exams.length;
  const expectedError =
    bins.reduce((sum, { meanProbability, positive }) => {
      return sum + positive.total * Math.abs(meanProbability - (positive.value ?? 0));
    }, 0) / exams.length;
  return { bins, brier, expectedError };
}
