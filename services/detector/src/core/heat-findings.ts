import type { Finding, Morphology } from '@pce/shared/contracts/finding';
import type { LungFields } from './anatomy/lung-fields.js';
import type { HeatCandidate } from './candidates/heat-candidates.js';
import type { WorkingFilm } from './candidates/working-film.js';
import type { Judgement } from './classify/ct-rules.js';
import { assess } from './classify/exam.js';
import { sideOf, thinOut, zoneOf } from './film-findings.js';
import { FILM_HEAT } from './parameters.js';
import type { Radiograph } from './volume/radiograph.js';

export interface JudgedHeat {
  readonly candidate: HeatCandidate;
  readonly judgement: Judgement;
}

/** Turns judged candidates into findings, most probable first, those of at least `reportAbove`. */
export function describeHeatFindings(
  film: Radiograph,
  fields: LungFields,
  working: WorkingFilm,
  judged: readonly JudgedHeat[],
  reportAbove: number,
): Finding[] {
  return judged
    .filter(({ judgement }) => judgement.probability >= reportAbove)
    .sort((a, b) => b.judgement.probability - a.judgement.probability)
    .map((one, index) => describeFinding(film, fields, working, one, index + 1));
}

function describeFinding(
  film: Radiograph,
  fields: LungFields,
  working: WorkingFilm,
  { candidate, judgement }: JudgedHeat,
  id: number,
): Finding {
  const lines = candidate.paths.map((path) => thinOut(path).map((point) => toFilmPoint(film, working, point)));
  const middle = lines[0]![Math.floor(lines[0]!.length / 2)]!;
  return {
    id,
    kind: 'pulmonary-cement-embolism',
    assessment: assess(judgement.probability),
    probability: judgement.probability,
    morphology: morphologyOf(candidate),
    site: 'lung',
    side: sideOf(film, fields, middle),
    zone: zoneOf(film, fields, middle),
    lobe: null,
    arteryLevel: null,
    regions: lines.map((pointsPx) => ({
      image: film.image,
      purpose: pointsPx.length > 1 ? ('centreline' as const) : ('centre' as const),
      pointsPx,
    })),
    centreLpsMm: null,
    centrelineLpsMm: [],
    measurements: {
      ...lengthsOf(film, working, candidate),
      volumeMm3: null,
      peakHu: null,
      peakIsClipped: false,
      contrastToNoise: candidate.contrastToNoise,
      inDetectorPlane: film.calibration === 'detector-plane',
    },
    reasons: [...judgement.reasons],
  };
}

/** Centre of a working pixel as a point of the film, whose top left corner is [0, 0]. */
function toFilmPoint(film: Radiograph, working: WorkingFilm, [x, y]: readonly [number, number]): [number, number] {
  const column = working.left + (x + 0.5) * working.step;
  const row = working.top + (y + 0.5) * working.step;
  return [Math.min(film.columns, Math.max(0, column)), Math.min(film.rows, Math.max(0, row))];
}

function lengthsOf(film: Radiograph, working: WorkingFilm, candidate: HeatCandidate) {
  if (film.spacingMm === null) return { lengthMm: null, calibreMm: null };
  const pixelMm = working.assumedPixelMm * working.step;
  return { lengthMm: candidate.lengthPx * pixelMm, calibreMm: candidate.widthPx * pixelMm };
}

function morphologyOf(candidate: HeatCandidate): Morphology {
  if (candidate.pieceCount > 1) return 'beaded';
  if (candidate.branchCount > 0) return 'branching';
  return candidate.lengthPx < FILM_HEAT.dotSlenderness * candidate.widthPx ? 'punctate' : 'tubular';
}
