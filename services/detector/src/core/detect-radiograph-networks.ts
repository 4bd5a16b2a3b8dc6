import type { Analysed, NotAnalysable } from '@pce/shared/contracts/exam-outcome';
import { mapLungs } from './anatomy/lung-map.js';
import { findHeatCandidates } from './candidates/heat-candidates.js';
import { cementNetworkInput, makeWorkingFilm } from './candidates/working-film.js';
import { examProbability, presenceOf } from './classify/exam.js';
import { judgeHeatCandidate } from './classify/film-score.js';
import { suggestUrgency } from './classify/urgency.js';
import type { DetectOptions } from './detect-options.js';
import { filmQuality } from './film-quality.js';
import { describeHeatFindings } from './heat-findings.js';
import type { PlaneNetwork } from './imaging/plane-network.js';
import type { Radiograph } from './volume/radiograph.js';
import { notAnalysable } from './volume/reason.js';

/** The trained networks of the film detector. */
export interface FilmNetworks {
  /** [rank of grey, within the film] to [viewer's left lung, viewer's right lung, mediastinum]. */
  readonly lungs: PlaneNetwork;
  /** [local contrast, probability of lung] to [cement, other dense thin things], at half the size. */
  readonly cement: PlaneNetwork;
}

/**
 * Looks for cement in the lungs of a film: lung fields, the lungs' box at one pixel size, what the network takes for
 * cement there, then the shape of each piece.
 *
 * @returns not analysable, with the reason, when no lung is seen
 */
export async function detectWithNetworks(
  film: Radiograph,
  options: DetectOptions,
  networks: FilmNetworks,
): Promise<Analysed | NotAnalysable> {
  const lungs = await mapLungs(film, networks.lungs);
  if (lungs === null) {
    return notAnalysable('no-lung-field', 'Film', 'at least one lung field', 'an image in which none is seen');
  }
  const working = makeWorkingFilm(film, lungs);
  const heat = await networks.cement.run(cementNetworkInput(working, networks.cement.sideMultiple));
  const pixelMm = working.assumedPixelMm * working.step;
  const judged = findHeatCandidates(heat, working).map((candidate) => ({
    candidate,
    judgement: judgeHeatCandidate(candidate, pixelMm, film.view),
  }));
  const probabilities = judged.map(({ judgement }) => judgement.probability);
  const findings = describeHeatFindings(film, lungs, working, judged, options.reportAbove);
  return {
    kind: 'analysed',
    presence: presenceOf(probabilities),
    probability: examProbability(probabilities),
    suggestedUrgency: suggestUrgency(findings),
    quality: filmQuality(film, lungs.isOutlined),
    findings,
  };
}
