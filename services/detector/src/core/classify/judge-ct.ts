import type { FindingKind } from '@pce/shared/contracts/finding';
import { areAlikeRods, isShortRod } from '../candidates/alike-rods.js';
import type { CtCandidate } from '../candidates/ct-candidates.js';
import type { SpineCement } from '../candidates/spine-cement.js';
import { CT_SPINE_CEMENT } from '../parameters.js';
import { type CtContext, type Judgement, judgeCtCandidate } from './ct-rules.js';

/** A candidate with what it is taken for. */
export interface JudgedCandidate {
  readonly kind: FindingKind;
  readonly candidate: CtCandidate;
  readonly judgement: Judgement;
}

/** Judges every candidate, in the light of the others. */
export function judgeCandidates(
  candidates: readonly CtCandidate[],
  exam: Omit<CtContext, 'likeIt'>,
): JudgedCandidate[] {
  return candidates.map((candidate) => ({
    kind: 'pulmonary-cement-embolism',
    candidate,
    judgement: judgeCtCandidate(candidate, { ...exam, likeIt: countAlike(candidate, candidates) }),
  }));
}

/** Judges what was found in and beside the vertebrae: cement there explains emboli, but is none. */
export function judgeSpineCement({ vertebral, leaks }: SpineCement): JudgedCandidate[] {
  const volume = (candidate: CtCandidate): string => `${Math.round(candidate.volumeMm3)} mm3`;
  return [
    ...vertebral.map((candidate): JudgedCandidate => {
      const isSure = candidate.peakHu >= CT_SPINE_CEMENT.surePeakHu;
      const probability = isSure ? CT_SPINE_CEMENT.sureProbability : CT_SPINE_CEMENT.unsureProbability;
      const reasons = [`${volume(candidate)} denser than bone in a vertebral body`];
      return { kind: 'vertebral-cement', candidate, judgement: { probability, reasons } };
    }),
    ...leaks.map((candidate): JudgedCandidate => {
      const reasons = [`${volume(candidate)} denser than bone beside a vertebra that holds cement`];
      return {
        kind: 'venous-cement-leak',
        candidate,
        judgement: { probability: CT_SPINE_CEMENT.leakProbability, reasons },
      };
    }),
  ];
}

function countAlike(candidate: CtCandidate, all: readonly CtCandidate[]): number {
  return isShortRod(candidate) ? all.filter((other) => areAlikeRods(other, candidate)).length : 1;
}
