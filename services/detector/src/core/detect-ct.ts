import type { Analysed, NotAnalysable } from '@pce/shared/contracts/exam-outcome';
import { chestQuality, whyNoChest } from './anatomy/chest.js';
import { mapChest } from './anatomy/chest-map.js';
import { findCtCandidates } from './candidates/ct-candidates.js';
import { examProbability, presenceOf } from './classify/exam.js';
import { judgeCandidates } from './classify/judge-ct.js';
import { suggestUrgency } from './classify/urgency.js';
import { describeCtFindings } from './ct-findings.js';
import type { DetectOptions } from './detect-options.js';
import { CT_VOLUME } from './parameters.js';
import type { Volume } from './volume/volume.js';

/**
 * Looks for cement emboli in a chest CT: lungs, then what is denser than blood in them, then shape and place.
 *
 * @returns not analysable, with the reason, for what is no chest with two aerated lungs
 */
export async function detectCt(volume: Volume, options: DetectOptions): Promise<Analysed | NotAnalysable> {
  const chest = mapChest(volume);
  const refusal = whyNoChest(volume, chest);
  if (chest === null || refusal !== null) return refusal!;
  const candidates = findCtCandidates(volume, chest);
  const judged = judgeCandidates(candidates, {
    isThickSliced: volume.spacingMm[2] > CT_VOLUME.thinSliceMm,
    bloodHu: chest.blood.hu,
  });
  const findings = describeCtFindings(volume, chest, judged, options.reportAbove);
  const probability = examProbability(judged.map(({ judgement }) => judgement.probability));
  return {
    kind: 'analysed',
    presence: presenceOf(judged.map(({ judgement }) => judgement.probability)),
    probability,
    suggestedUrgency: suggestUrgency(findings),
    quality: chestQuality(volume, chest),
    findings,
  };
}
