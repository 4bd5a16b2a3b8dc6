import type { Quality } from '@pce/shared/contracts/exam-outcome';
import { FILM_LINES } from './parameters.js';
import type { Radiograph } from './volume/radiograph.js';

/** What a reader of the report should know of the film. */
export function filmQuality(film: Radiograph, isOutlined: boolean): Quality {
  const remarks = [...film.remarks];
  if (film.calibration === 'uncalibrated') remarks.push('The film is not calibrated: no millimetres are given.');
  if (film.view === 'lateral') remarks.push('Lateral view: sides cannot be told apart.');
  const isCoarse = Math.max(film.columns, film.rows) < FILM_LINES.workingSidePx;
  if (isCoarse) remarks.push(`Longer side ${Math.max(film.columns, film.rows)} pixels: fine lines may not show.`);
  if (!isOutlined) remarks.push('The lung fields could not be outlined: two standard fields were searched.');
  return { level: isCoarse || !isOutlined || film.view === 'lateral' ? 'limited' : 'diagnostic', remarks };
}
