import type { Analysed, NotAnalysable } from '@pce/shared/contracts/exam-outcome';
import { findLungFields } from './anatomy/lung-fields.js';
import { findFilmCandidates } from './candidates/radiograph-candidates.js';
import { examProbability, presenceOf } from './classify/exam.js';
import { judgeFilmCandidates } from './classify/film-rules.js';
import { suggestUrgency } from './classify/urgency.js';
import type { DetectOptions } from './detect-options.js';
import { describeFilmFindings } from './film-findings.js';
import { filmQuality } from './film-quality.js';
import { shrinkImage } from './imaging/resample-image.js';
import { FILM_LINES } from './parameters.js';
import type { Radiograph } from './volume/radiograph.js';

/**
 * Looks for fine dense lines in the lung fields of a film.
 *
 * Rules on ridges alone are a weak film detector, so it answers with caution: an alarm needs a line that stands far
 * above noise, ribs and vessels of the same film.
 *
 * @returns not analysable, with the reason, when no lung field is found
 */
export async function detectRadiograph(film: Radiograph, options: DetectOptions): Promise<Analysed | NotAnalysable> {
  const fields = findLungFields(film);
  if (fields === null) {
    const message =
      'Expected a film with at least one lung field; received none that could be told from its surroundings.';
    return { kind: 'not-analysable', reason: { code: 'no-lung-field', message } };
  }
  const factor = Math.max(1, Math.max(film.columns, film.rows) / FILM_LINES.workingSidePx);
  const working = shrinkImage(film, factor);
  const candidates = findFilmCandidates(working, fields, factor);
  const judgements = judgeFilmCandidates(candidates, Math.max(working.columns, working.rows));
  const judged = candidates.map((candidate, index) => ({ candidate, judgement: judgements[index]! }));
  const probabilities = judgements.map(({ probability }) => probability);
  const findings = describeFilmFindings(film, fields, judged, factor, options.reportAbove);
  return {
    kind: 'analysed',
    presence: presenceOf(probabilities),
    probability: examProbability(probabilities),
    suggestedUrgency: suggestUrgency(findings),
    quality: filmQuality(film, fields.isOutlined),
    findings,
  };
}
