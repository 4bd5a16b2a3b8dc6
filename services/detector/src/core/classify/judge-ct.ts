import type { CtCandidate } from '../candidates/ct-candidates.js';
import { CT_RULES } from '../parameters.js';
import { type Judgement, judgeCtCandidate } from './ct-rules.js';

export interface JudgedCandidate {
  readonly candidate: CtCandidate;
  readonly judgement: Judgement;
}

/** Rods are alike when length and calibre differ by no more than this share. [design] */
const ALIKE = 0.2;
/** Longer things are not counted as rods: clips and seeds are about 5 mm. Source: clinical.md [M]. */
const MAX_ROD_MM = 9;

/** Judges every candidate, in the light of the others. */
export function judgeCandidates(candidates: readonly CtCandidate[], isThickSliced: boolean): JudgedCandidate[] {
  return candidates.map((candidate) => ({
    candidate,
    judgement: judgeCtCandidate({
      ...candidate.shape,
      peakHu: candidate.peakHu,
      isThickSliced,
      depthMm: candidate.depthMm,
      shareInLungs: candidate.shareInLungs,
      continuesAsVessel: candidate.continuesAsVessel,
      likeIt: countAlike(candidate, candidates),
    }),
  }));
}

function countAlike(candidate: CtCandidate, all: readonly CtCandidate[]): number {
  const { lengthMm, calibreMm, slenderness } = candidate.shape;
  if (lengthMm > MAX_ROD_MM || slenderness < CT_RULES.dotSlenderness) return 1;
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= ALIKE * Math.max(a, b);
  return all.filter(
    ({ shape }) =>
      shape.slenderness >= CT_RULES.dotSlenderness &&
      near(shape.lengthMm, lengthMm) &&
      near(shape.calibreMm, calibreMm),
  ).length;
}
