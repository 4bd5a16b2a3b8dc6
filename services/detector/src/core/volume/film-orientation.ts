import type { Radiograph } from './radiograph.js';

/** How a film lies, as far as Patient Orientation tells. */
export type FilmOrientation = Pick<Required<Radiograph>, 'patientLeftIsOn' | 'headIsOn'>;

/**
 * Reads Patient Orientation: the directions towards which columns and rows count up, by their main letter:
 * L, R left and right; H, F head and feet; A, P front and back.
 *
 * Source: PS3.3 C.7.6.1.1.1
 */
export function filmOrientation(patientOrientation: readonly string[]): FilmOrientation {
  const row = patientOrientation[0]?.[0];
  const column = patientOrientation[1]?.[0];
  return {
    patientLeftIsOn: row === 'L' ? 'right' : row === 'R' ? 'left' : null,
    headIsOn: column === 'F' ? 'top' : column === 'H' ? 'bottom' : row === 'F' ? 'left' : row === 'H' ? 'right' : null,
  };
}
