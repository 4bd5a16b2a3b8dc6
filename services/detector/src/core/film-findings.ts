import type { Finding } from '@pce/shared/contracts/finding';
import type { LungFields } from './anatomy/lung-fields.js';
import type { FilmCandidate } from './candidates/radiograph-candidates.js';
import type { Judgement } from './classify/ct-rules.js';
import { assess } from './classify/exam.js';
import { voxelToPixel } from './volume/geometry.js';
import type { Radiograph } from './volume/radiograph.js';

/** A line drawn with more points than this says no more. */
const MAX_POINTS = 40;

export interface JudgedLine {
  readonly candidate: FilmCandidate;
  readonly judgement: Judgement;
}

/**
 * Turns judged lines into findings, most probable first, those of at least `reportAbove`.
 *
 * @param factor image pixels along one working pixel
 */
export function describeFilmFindings(
  film: Radiograph,
  fields: LungFields,
  judged: readonly JudgedLine[],
  factor: number,
  reportAbove: number,
): Finding[] {
  return judged
    .filter(({ judgement }) => judgement.probability >= reportAbove)
    .sort((a, b) => b.judgement.probability - a.judgement.probability)
    .map(({ candidate, judgement }, index): Finding => {
      const points = thinOut(candidate.path).map((point) => toImagePoint(film, point, factor));
      const middle = points[Math.floor(points.length / 2)]!;
      return {
        id: index + 1,
        kind: 'pulmonary-cement-embolism',
        assessment: assess(judgement.probability),
        probability: judgement.probability,
        morphology: candidate.branchCount > 0 ? 'branching' : 'tubular',
        site: 'lung',
        side: sideOf(film, fields, middle),
        zone: zoneOf(film, fields, middle),
        lobe: null,
        arteryLevel: null,
        regions: [{ image: film.image, purpose: 'centreline', pointsPx: points }],
        centreLpsMm: null,
        centrelineLpsMm: [],
        measurements: {
          ...lengthsOf(film, candidate, factor),
          volumeMm3: null,
          peakHu: null,
          peakIsClipped: false,
          contrastToNoise: candidate.contrastToNoise,
          inDetectorPlane: film.calibration === 'detector-plane',
        },
        reasons: [...judgement.reasons],
      };
    });
}

/** Points of a way, few enough to draw. */
export function thinOut<T>(path: readonly T[]): T[] {
  const step = Math.max(1, Math.ceil(path.length / (MAX_POINTS - 1)));
  return path.filter((_, index) => index % step === 0 || index === path.length - 1);
}

/** Centre of a working pixel as a point of the film. */
function toImagePoint(film: Radiograph, [i, j]: readonly [number, number], factor: number): [number, number] {
  const [x, y] = voxelToPixel(i, j);
  return [Math.min(film.columns, x * factor), Math.min(film.rows, y * factor)];
}

function lengthsOf(film: Radiograph, candidate: FilmCandidate, factor: number) {
  if (film.spacingMm === null) return { lengthMm: null, calibreMm: null };
  const pixelMm = ((film.spacingMm[0] + film.spacingMm[1]) / 2) * factor;
  return { lengthMm: candidate.lengthPx * pixelMm, calibreMm: candidate.widthPx * pixelMm };
}

/** Patient's side; null where the film does not say which way it faces, or lies on its side. */
export function sideOf(film: Radiograph, fields: LungFields, [x]: readonly [number, number]): Finding['side'] {
  if (film.patientLeftIsOn === null || film.view === 'lateral') return null;
  const isOnRight = x / fields.factor > fields.midlineColumn;
  return isOnRight === (film.patientLeftIsOn === 'right') ? 'left' : 'right';
}

/** Thirds of the height of the lung fields. */
export function zoneOf(film: Radiograph, fields: LungFields, [, y]: readonly [number, number]): Finding['zone'] {
  if (film.headIsOn === 'left' || film.headIsOn === 'right') return null;
  const share = (y / fields.factor - fields.firstRow) / Math.max(1, fields.lastRow + 1 - fields.firstRow);
  const fromTop = film.headIsOn === 'bottom' ? 1 - share : share;
  if (fromTop < 1 / 3) return 'upper';
  return fromTop < 2 / 3 ? 'middle' : 'lower';
}
