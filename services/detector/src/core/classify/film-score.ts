import type { HeatCandidate } from '../candidates/heat-candidates.js';
import { FILM_HEAT, FILM_SCORE } from '../parameters.js';
import type { RadiographView } from '../volume/radiograph.js';
import type { Judgement } from './ct-rules.js';

/** What the score of a candidate is made of, on scales where the logit is about linear. */
export interface ScoreFeatures {
  readonly meanHeatLogit: number;
  readonly peakHeatLogit: number;
  readonly logLengthMm: number;
  readonly logContrastToSpread: number;
  readonly logContrastToNoise: number;
  readonly branches: number;
  readonly deviceHeatLogit: number;
  readonly lungShare: number;
  readonly logWidthMm: number;
}

const logit = (probability: number): number => {
  const p = Math.min(0.995, Math.max(0.005, probability));
  return Math.log(p / (1 - p));
};

/** @param pixelMm working pixel size, as measured or assumed */
export function scoreFeatures(candidate: HeatCandidate, pixelMm: number): ScoreFeatures {
  return {
    meanHeatLogit: logit(candidate.meanHeat),
    peakHeatLogit: logit(candidate.peakHeat),
    logLengthMm: Math.log(Math.max(1, candidate.lengthPx * pixelMm)),
    logContrastToSpread: Math.log(Math.max(0.1, candidate.contrastToSpread)),
    logContrastToNoise: Math.log(Math.max(0.3, candidate.contrastToNoise)),
    branches: Math.min(3, candidate.branchCount),
    deviceHeatLogit: logit(candidate.deviceHeat),
    lungShare: candidate.lungShare,
    logWidthMm: Math.log(Math.max(0.3, candidate.widthPx * pixelMm)),
  };
}

/**
 * Probability that a candidate is cement: a logistic model of the network's answer and the candidate's shape, fitted
 * by training/film, for the prior of FILM_SCORE.
 */
export function judgeHeatCandidate(candidate: HeatCandidate, pixelMm: number, view: RadiographView): Judgement {
  const features = scoreFeatures(candidate, pixelMm);
  let sum: number = FILM_SCORE.bias;
  for (const name of Object.keys(features) as (keyof ScoreFeatures)[]) sum += FILM_SCORE.weights[name] * features[name];
  const isLong = candidate.lengthPx * pixelMm > FILM_HEAT.deviceLengthMm && candidate.branchCount === 0;
  const cap = Math.min(isLong ? FILM_SCORE.deviceCap : 1, view === 'lateral' ? FILM_SCORE.lateralCap : 1);
  return { probability: Math.min(cap, 1 / (1 + Math.exp(-sum))), reasons: reasonsOf(candidate, isLong) };
}

function reasonsOf(candidate: HeatCandidate, isLong: boolean): string[] {
  const reasons = [
    `network response ${candidate.meanHeat.toFixed(2)} along the line`,
    `contrast ${candidate.contrastToNoise.toFixed(1)} times the noise`,
  ];
  if (candidate.branchCount > 0)
    reasons.push(candidate.branchCount === 1 ? 'one branch' : `${candidate.branchCount} branches`);
  if (candidate.pieceCount > 1) reasons.push(`${candidate.pieceCount} pieces in a row`);
  if (candidate.deviceHeat > 0.3) reasons.push('may be a catheter, wire or clip');
  if (isLong) reasons.push('as long as a catheter or lead');
  if (candidate.lungShare < 0.5) reasons.push('at or beyond the edge of the lung field');
  reasons.push('CT recommended');
  return reasons;
}
