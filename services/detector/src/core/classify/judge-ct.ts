import type { CtCandidate } from '../candidates/ct-candidates.js';
import { CT_RULES } from '../parameters.js';
import { type Judgement, judgeCtCandidate } from './ct-rules.js';

export interface JudgedCandidate {
  readonly candidate: CtCandidate;
  readonly judgement: Judgement;
}

/** Judges every candidate, in the light of the others. */
export function judgeCandidates(
  candidates: readonly CtCandidate[],
  exam: { readonly isThickSliced: boolean; readonly bloodHu: number },
): JudgedCandidate[] {
  return candidates.map((candidate) => ({
    candidate,
    judgement: judgeCtCandidate(candidate, { ...exam, likeIt: countAlike(candidate, candidates) }),
  }));
}

function countAlike(candidate: CtCandidate, all: readonly CtCandidate[]): number {
  const isRod = ({ lengthMm, slenderness }: CtCandidate): boolean =>
    lengthMm <= CT_RULES.longestRodMm && slenderness >= CT_RULES.dotSlenderness;
  if (!isRod(candidate)) return 1;
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= CT_RULES.alikeShare * Math.max(a, b);
  return all.filter(
    (other) => isRod(other) && near(other.lengthMm, candidate.lengthMm) && near(other.calibreMm, candidate.calibreMm),
  ).length;
}
