/** The simulated studies tests and `pce simulate` start from. */
export { type CtStudyOptions, simulateCtStudy } from './phantom-ct.js';
export { type RadiographStudyOptions, simulateRadiographStudy } from './phantom-film.js';
