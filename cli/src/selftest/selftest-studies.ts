import type { Presence } from '@pce/shared/contracts/exam-outcome';
import { simulateCtStudy, simulateRadiographStudy } from '@pce/test-support/phantom';
import type { SimulatedStudy } from '@pce/test-support/truth';

/** A study the selftest sends, what its report may say, and how soon it must be there. */
export interface SelftestStudy {
  readonly name: string;
  readonly study: SimulatedStudy;
  readonly accepted: readonly Presence[];
  /** From the last image acknowledged to the report delivered, on two processors. */
  readonly limitSeconds: number;
}

const FILM_LIMIT_S = 2;
const CT_LIMIT_S = 8;
/** Fixed, so that what is asked of the detector is the same at every site. */
const SEEDS = { film: 16, ct: 1 } as const;
const FILM_EMBOLI = Array.from({ length: 8 }, (_, index) => ({
  morphology: index % 2 === 0 ? ('branching' as const) : ('tubular' as const),
  calibreMm: 3.5,
}));
const CT_EMBOLI = 5;
/** Films show less, see the model card: such heavy cement must at least not be called absent. */
const POSITIVE_FILM: readonly Presence[] = ['present', 'undetermined'];

/**
 * Four studies with known truth: film and CT, with cement and without.
 *
 * @param run makes their UIDs new, so that every run is a new study for the service
 * @param ctSlices slices of each CT
 */
export function* selftestStudies(run: string, ctSlices: number): Generator<SelftestStudy> {
  for (const emboli of [FILM_EMBOLI, []]) {
    const study = simulateRadiographStudy({ seed: SEEDS.film, emboli, modality: 'DX', uidSalt: run });
    const isPositive = emboli.length > 0;
    const accepted = isPositive ? POSITIVE_FILM : ['absent' as const];
    yield { name: `film ${cement(isPositive)}`, study, accepted, limitSeconds: FILM_LIMIT_S };
  }
  for (const emboli of [CT_EMBOLI, 0]) {
    const study = simulateCtStudy({ seed: SEEDS.ct, emboli, slices: ctSlices, uidSalt: run });
    const name = `CT of ${ctSlices} slices ${cement(emboli > 0)}`;
    yield { name, study, accepted: [emboli > 0 ? 'present' : 'absent'], limitSeconds: CT_LIMIT_S };
  }
}

function cement(isPositive: boolean): string {
  return `${isPositive ? 'with' : 'without'} cement`;
}
