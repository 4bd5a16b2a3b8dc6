import type { Analysed, NotAnalysable } from '@pce/shared/contracts/exam-outcome';
import { chestQuality, whyNoChest } from './anatomy/chest.js';
import { mapChest } from './anatomy/chest-map.js';
import { findCtCandidates } from './candidates/ct-candidates.js';
import { findSpineCement, separateLeaks } from './candidates/spine-cement.js';
import { examProbability, presenceOf } from './classify/exam.js';
import { judgeCandidates, judgeSpineCement } from './classify/judge-ct.js';
import { suggestUrgency } from './classify/urgency.js';
import { describeCtFindings } from './ct-findings.js';
import type { DetectOptions } from './detect-options.js';
import { CT_VOLUME } from './parameters.js';
import type { Volume } from './volume/volume.js';

/**
 * Looks for cement emboli in a chest CT: the anatomy, what is denser than blood in and between the lungs, its shape
 * and place, and cement in the spine, where it comes from.
 *
 * @returns not analysable, with the reason, for what is no chest with two aerated lungs
 */
export async function detectCt(volume: Volume, options: DetectOptions): Promise<Analysed | NotAnalysable> {
  const chest = mapChest(volume);
  const refusal = whyNoChest(volume, chest);
  if (chest === null || refusal !== null) return refusal!;
  const isThickSliced = volume.spacingMm[2] > CT_VOLUME.thinSliceMm;
  const spineCement = findSpineCement(volume, chest);
  const { leaks, others } = separateLeaks(volume, findCtCandidates(volume, chest), spineCement);
  const emboli = judgeCandidates(others, { isThickSliced, bloodHu: chest.blood.hu, noiseHu: chest.blood.noiseHu });
  const spine = judgeSpineCement({ ...spineCement, leaks });
  const findings = describeCtFindings(volume, chest, [...emboli, ...spine], options.reportAbove);
  const probabilities = emboli.map(({ judgement }) => judgement.probability);
  return {
    kind: 'analysed',
    presence: presenceOf(probabilities),
    probability: examProbability(probabilities),
    suggestedUrgency: suggestUrgency(findings),
    quality: chestQuality(volume, chest),
    findings,
  };
}
