import { simulateCtStudy, simulateRadiographStudy } from '@pce/test-support/phantom';
import type { SimulatedStudy } from '@pce/test-support/truth';

/** A study the selftest sends, and how soon its report must be there. */
export interface SelftestStudy {
  readonly name: string;
  readonly study: SimulatedStudy;
  /** From the last image acknowledged to the report delivered, on two processors. */
  readonly limitSeconds: number;
}

const FILM_LIMIT_S = 2;
const CT_LIMIT_S = 8;
/** Emboli in a positive study. */
const EMBOLI = 5;
/** Fixed, so that what is asked of the detector is the same at every site. */
const SEEDS = { film: 4, ct: 1 } as const;

/**
 * Four studies with known truth: film and CT, with cement and without.
 *
 * @param run makes their UIDs new, so that every run is a new study for the service
 * @param ctSlices slices of each CT
 */
export function* selftestStudies(run: string, ctSlices: number): Generator<SelftestStudy> {
  for (const emboli of [EMBOLI, 0]) {
    const name = `film ${emboli > 0 ? 'with' : 'without'} cement`;
    const study = simulateRadiographStudy({ seed: SEEDS.film, emboli, modality: 'DX', uidSalt: run });
    yield { name, study, limitSeconds: FILM_LIMIT_S };
  }
  for (const emboli of [EMBOLI, 0]) {
    const name = `CT of ${ctSlices} slices ${emboli > 0 ? 'with' : 'without'} cement`;
    const study = simulateCtStudy({ seed: SEEDS.ct, emboli, slices: ctSlices, uidSalt: run });
    yield { name, study, limitSeconds: CT_LIMIT_S };
  }
}
