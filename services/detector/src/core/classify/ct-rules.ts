import type { CandidateShape } from '../candidates/measure.js';
import { CT_RULES } from '../parameters.js';

/** What the rules look at. */
export interface CtFeatures extends CandidateShape {
  readonly peakHu: number;
  readonly isThickSliced: boolean;
  /** Distance to the surface of the closed lung, millimetres. */
  readonly depthMm: number;
  readonly shareInLungs: number;
  /** Soft tissue of vessel calibre goes on beyond an end of the centreline. */
  readonly continuesAsVessel: boolean;
  /** How many candidates of this exam have about its size, itself included, when it is a short rod. */
  readonly likeIt: number;
}

export interface Judgement {
  readonly probability: number;
  readonly reasons: readonly string[];
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Probability that a candidate is a cement embolus, by rules, with the reasons in words. */
export function judgeCtCandidate(features: CtFeatures): Judgement {
  const { slenderness, lengthMm, aeratedShare, peakHu } = features;
  const reasons = [
    `length ${lengthMm.toFixed(1)} mm, ${slenderness.toFixed(1)} times its width`,
    peakHu >= CT_RULES.softTissuePeakHu ? 'denser than most calcium' : 'no denser than calcium may be',
  ];
  let logit =
    CT_RULES.bias +
    CT_RULES.slenderWeight * clamp((slenderness - 1.8) / 2, -1, 1.5) +
    CT_RULES.lengthWeight * clamp((lengthMm - 5) / 6, -1, 1.2) +
    CT_RULES.aeratedWeight * clamp((aeratedShare - 0.5) * 2, -1, 1) +
    CT_RULES.peakWeight * clamp((peakHu - 500) / 800, -1, 1);
  if (features.branchCount > 0 && slenderness > CT_RULES.dotSlenderness) {
    logit += CT_RULES.branchingBonus;
    reasons.push('branches');
  }
  if (features.continuesAsVessel) {
    logit += CT_RULES.vesselBonus;
    reasons.push('in line with a vessel');
  }
  if (features.depthMm < CT_RULES.nearWallMm) {
    logit -= CT_RULES.nearWallPenalty;
    reasons.push('close to the chest wall');
  }
  let cap = 1;
  const limit = (to: number, reason: string): void => {
    cap = Math.min(cap, to);
    reasons.push(reason);
  };
  if (slenderness < CT_RULES.dotSlenderness && lengthMm < CT_RULES.dotLengthMm) {
    limit(CT_RULES.dotCap, 'a dot: cannot be told from a calcified granuloma');
  } else if (slenderness < CT_RULES.dotSlenderness) {
    limit(CT_RULES.dotCap, `round, ${slenderness.toFixed(1)} times as long as wide`);
  }
  if (peakHu < (features.isThickSliced ? CT_RULES.faintPeakThickHu : CT_RULES.faintPeakHu)) {
    limit(CT_RULES.faintCap, `no more than ${Math.round(peakHu)} HU, as calcified bronchial walls have`);
  }
  if (aeratedShare < CT_RULES.softTissueAerated) {
    const isMetalLike = peakHu >= CT_RULES.softTissuePeakHu;
    const isTubular = slenderness >= CT_RULES.softTissueSlenderness && lengthMm >= CT_RULES.softTissueLengthMm;
    if (!isMetalLike || !isTubular) limit(CT_RULES.softTissueCap, 'in soft tissue, as calcified nodes and walls are');
  }
  if (lengthMm > CT_RULES.deviceLengthMm) limit(CT_RULES.deviceCap, 'longer than 10 cm, as a catheter or lead is');
  if (features.shareInLungs < CT_RULES.minShareInLungs) limit(CT_RULES.softTissueCap, 'reaches beyond the lung');
  if (features.likeIt >= CT_RULES.repeatedRods) limit(CT_RULES.repeatedCap, 'one of several identical short rods');
  return { probability: Math.min(cap, 1 / (1 + Math.exp(-logit))), reasons };
}
