import { FILM } from '../parameters.js';
import { mediastinalContrast } from './mediastinal-contrast.js';
import type { RadiographView } from './radiograph.js';

/**
 * Guesses the view of a film whose tags are silent: on a frontal film the middle is brighter than both sides, on a
 * lateral one it is not. PA and AP cannot be told apart so; PA is the usual one.
 *
 * @param pixels shape [rows, columns], dense bright, in 0..1
 */
export function viewFromImage(pixels: Float32Array, columns: number, rows: number): RadiographView {
  const { overBoth } = mediastinalContrast(pixels, columns, rows);
  return overBoth >= FILM.frontalContrast ? 'PA' : 'lateral';
}
