import type { FilmCandidate } from '../candidates/radiograph-candidates.js';
import { FILM_RULES } from '../parameters.js';
import type { Judgement } from './ct-rules.js';

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/**
 * Judges the lines of one film by rules, each against the strong lines of the same film: ribs and vessels.
 *
 * @param longerSidePx of the image the candidates were found in
 */
export function judgeFilmCandidates(candidates: readonly FilmCandidate[], longerSidePx: number): Judgement[] {
  const strengths = candidates.map(({ strength }) => strength).sort((a, b) => a - b);
  const typical = strengths[Math.floor(strengths.length / 2)] ?? 1;
  const standsOut = candidates.filter(({ strength }) => strength > FILM_RULES.plainRatioToFilm * typical).length;
  return candidates.map((candidate) => judge(candidate, candidate.strength / typical, standsOut, longerSidePx));
}

function judge(candidate: FilmCandidate, ratio: number, standsOut: number, longerSidePx: number): Judgement {
  const { contrastToNoise, parallelShare, edgeShare, lengthPx } = candidate;
  const reasons = [
    `contrast ${contrastToNoise.toFixed(1)} times the noise`,
    `${ratio.toFixed(1)} times as strong as the typical line of this film`,
  ];
  let logit =
    FILM_RULES.bias +
    FILM_RULES.contrastWeight * clamp(Math.log2(Math.max(0.1, contrastToNoise) / FILM_RULES.plainContrast), -1.5, 2) +
    FILM_RULES.sharpnessWeight * clamp(Math.log2(ratio / FILM_RULES.plainRatioToFilm) * 2, -2, 3);
  if (candidate.branchCount > 0) {
    logit += FILM_RULES.branchingBonus;
    reasons.push('branches');
  }
  if (standsOut >= 3 && ratio > FILM_RULES.plainRatioToFilm) {
    logit += FILM_RULES.companionBonus;
    reasons.push('one of several');
  }
  logit -= FILM_RULES.ribPenalty * parallelShare;
  if (parallelShare > 0.5) reasons.push('has a parallel partner, as rib edges do');
  logit -= FILM_RULES.edgePenalty * edgeShare;
  if (edgeShare > 0.5) reasons.push('along the edge of the lung field');
  let cap: number = FILM_RULES.cap;
  if (lengthPx > FILM_RULES.deviceShare * longerSidePx) {
    cap = FILM_RULES.deviceCap;
    reasons.push('as long as a catheter or lead');
  }
  reasons.push('CT recommended');
  return { probability: Math.min(cap, 1 / (1 + Math.exp(-logit))), reasons };
}
