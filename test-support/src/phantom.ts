/** The simulated studies tests and `pce simulate` start from. */
export { simulateCtStudy } from './phantom-ct.js';
export { simulateRadiographStudy } from './phantom-film.js';
