import { buildSmallSlice, smallSlicePosition } from '../../test-support/dist/small-ct.js';
import { buildSmallFilm } from '../../test-support/dist/small-film.js';
import { uidFromSeed } from '../../test-support/dist/uid-from-seed.js';
import { randomFrom } from '../hostile/random.mjs';

/** One study in so many is a CT, comes twice, comes late, and so on. [design] */
const ONE_IN = { ct: 4, duplicate: 8, late: 8, resent: 10, storescu: 2 };
const SLICES = [4, 8];
const FILM = { columns: 64, rows: 80 };

/** What study number `index` of a seed is, and how it is sent. */
export function planStudy(seed, index) {
  const random = randomFrom(`faults ${seed} study ${index}`);
  const isCt = random.oneIn(ONE_IN.ct);
  const images = isCt ? SLICES[0] + random.below(SLICES[1] - SLICES[0] + 1) : 1 + Number(random.oneIn(5));
  return {
    index,
    uid: uidFromSeed(`faults ${seed} ${index}`),
    isCt,
    images,
    sender: random.oneIn(ONE_IN.storescu) ? 'storescu' : 'orthanc',
    /** Each image twice in the same burst. */
    isDuplicated: random.oneIn(ONE_IN.duplicate),
    /** One more image after the first report. */
    isLate: random.oneIn(ONE_IN.late),
    /** The whole study again after the first report. */
    isResent: random.oneIn(ONE_IN.resent),
  };
}

/** The image files of a study; the one after the last is the late image. */
export function imageOf(seed, study, number) {
  const name = `faults ${seed} ${study.index}`;
  const attributes = {
    StudyInstanceUID: study.uid,
    SOPInstanceUID: uidFromSeed(`${name} image ${number}`),
    InstanceNumber: number + 1,
    PatientID: `FAULTS-${seed}-${study.index}`,
    PatientName: 'Campaign^Fault',
  };
  const bytes = study.isCt
    ? buildSmallSlice({
        seed: `${number}`,
        study: name,
        positionLpsMm: smallSlicePosition(3 * number),
        attributes: { ...attributes, SeriesInstanceUID: uidFromSeed(`${name} series`) },
      })
    : buildSmallFilm({
        ...FILM,
        seed: `${number}`,
        attributes: { ...attributes, SeriesInstanceUID: uidFromSeed(`${name} series ${number}`) },
      });
  return { uid: attributes.SOPInstanceUID, studyUid: study.uid, bytes };
}

/** Faults in the order they come, kinds evenly mixed; which process, how long and when follow from the seed. */
export function planFaults(seed, count, kinds) {
  const random = randomFrom(`faults ${seed} plan`);
  const plan = [];
  while (plan.length < count) {
    const round = [...kinds];
    while (round.length > 0 && plan.length < count) {
      const [kind] = round.splice(random.below(round.length), 1);
      plan.push({ number: plan.length + 1, kind, salt: `faults ${seed} fault ${plan.length}` });
    }
  }
  return plan;
}
