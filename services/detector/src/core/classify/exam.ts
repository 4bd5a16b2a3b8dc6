import type { Presence } from '@pce/shared/contracts/exam-outcome';
import type { Assessment } from '@pce/shared/contracts/finding';
import { OPERATING_POINT } from '../parameters.js';

/** Which of the two operating levels a probability reaches. */
export function assess(probability: number): Assessment {
  if (probability >= OPERATING_POINT.alarmProbability) return 'suspected';
  return probability >= OPERATING_POINT.indeterminateProbability ? 'indeterminate' : 'candidate';
}

/** The exam's answer from its emboli: one suspected makes it present, indeterminate ones alone leave it open. */
export function presenceOf(probabilities: readonly number[]): Presence {
  const levels = new Set(probabilities.map(assess));
  if (levels.has('suspected')) return 'present';
  return levels.has('indeterminate') ? 'undetermined' : 'absent';
}

/** Probability of an exam in which nothing was found: what the detector may have missed. [design] */
const NOTHING_FOUND = 0.02;

/** Probability that the exam shows an embolus: that of its surest finding, since findings of one exam go together. */
export function examProbability(probabilities: readonly number[]): number {
  return Math.max(NOTHING_FOUND, ...probabilities);
}
