import { type Agreement, limitsOfAgreement } from './agreement.js';
import { type Calibration, calibration } from './calibration.js';
import type { ComparedExam, ComparedMark } from './compare.js';
import { type FrocPoint, frocCurve, meanFroc } from './froc.js';
import { type Proportion, proportion } from './proportion.js';
import { type Roc, rocCurve } from './roc.js';
import { type Subgroup, subgroups } from './subgroups.js';
import type { TrueLesion } from './truth-set.js';

/** A name with a share. */
export interface NamedProportion {
  readonly name: string;
  readonly share: Proportion;
}

/** How well reports agree with the truth. */
export interface Assessment {
  readonly exams: number;
  readonly withoutReport: number;
  readonly sensitivity: Proportion;
  readonly specificity: Proportion;
  /** The same for patients: right when all exams of the patient are. */
  readonly byPatient: { readonly sensitivity: Proportion; readonly specificity: Proportion };
  readonly lesions: readonly NamedProportion[];
  readonly falsePositivesPerExam: number;
  readonly falsePositives: readonly { readonly name: string; readonly count: number }[];
  readonly subgroups: readonly Subgroup[];
  readonly calibration: Calibration;
  readonly roc: Roc;
  readonly froc: readonly FrocPoint[];
  readonly meanFroc: number;
  readonly lengthErrorMm: Agreement | null;
  readonly calibreErrorMm: Agreement | null;
  readonly lengthWithinTenPercent: Proportion;
  readonly calibreWithinHalfMm: Proportion;
  readonly side: Proportion;
  readonly zone: Proportion;
}

const EMBOLISM = 'pulmonary-cement-embolism';
/** Emboli and cement in the great veins: what must be found, under either name. */
const isSought = (lesion: TrueLesion): boolean =>
  lesion.kind === EMBOLISM || lesion.site === 'azygos-vein' || lesion.site === 'inferior-vena-cava';
const isAlarm = ({ mark }: ComparedMark): boolean => mark.kind === EMBOLISM && mark.isPresent;

/** Adds a set of compared exams up. Exams without a report count as not found. */
export function assessSet(exams: readonly ComparedExam[]): Assessment {
  const positive = exams.filter(({ truth }) => truth.isPositive);
  const negative = exams.filter(({ truth }) => !truth.isPositive);
  const alarmed = ({ reported }: ComparedExam): boolean => reported?.presence === 'present';
  const falseMarks = exams.flatMap(({ marks }) =>
    marks.filter((one) => isAlarm(one) && !(one.lesion && isSought(one.lesion))),
  );
  const pairs = bestMarks(exams);
  const curve = frocOf(exams);
  return {
    exams: exams.length,
    withoutReport: exams.filter(({ reported }) => reported === null).length,
    sensitivity: proportion(positive.filter(alarmed).length, positive.length),
    specificity: proportion(negative.filter((exam) => !alarmed(exam)).length, negative.length),
    byPatient: {
      sensitivity: allRight(positive, alarmed),
      specificity: allRight(negative, (exam) => !alarmed(exam)),
    },
    lesions: lesionGroups(exams),
    falsePositivesPerExam: exams.length ? falseMarks.length / exams.length : 0,
    falsePositives: countBy(falseMarks.map(({ lesion }) => lesion?.mimic ?? lesion?.kind ?? 'not in the truth')),
    subgroups: subgroups(exams),
    // An exam without a report states no probability.
    calibration: calibration(scoredExams(exams.filter(({ reported }) => reported !== null))),
    roc: rocCurve(scoredExams(exams)),
    froc: curve,
    meanFroc: meanFroc(curve),
    lengthErrorMm: limitsOfAgreement(numbers(pairs, 'lengthMm')),
    calibreErrorMm: limitsOfAgreement(numbers(pairs, 'calibreMm')),
    lengthWithinTenPercent: share(
      numbers(pairs, 'lengthMm'),
      ([measured, truth]) => Math.abs(measured - truth) <= 0.1 * truth,
    ),
    calibreWithinHalfMm: share(numbers(pairs, 'calibreMm'), ([measured, truth]) => Math.abs(measured - truth) <= 0.5),
    side: share(
      pairs.filter(({ mark, lesion }) => mark.side && lesion.side),
      ({ mark, lesion }) => mark.side === lesion.side,
    ),
    zone: share(
      pairs.filter(({ mark, lesion }) => mark.zone && lesion.zone),
      ({ mark, lesion }) => mark.zone === lesion.zone,
    ),
  };
}

function scoredExams(exams: readonly ComparedExam[]) {
  return exams.map(({ truth, reported }) => ({ score: reported?.probability ?? 0, positive: truth.isPositive }));
}

function share<T>(all: readonly T[], isRight: (one: T) => boolean): Proportion {
  return proportion(all.filter(isRight).length, all.length);
}

function allRight(exams: readonly ComparedExam[], isRight: (exam: ComparedExam) => boolean): Proportion {
  const patients = new Map<string, boolean>();
  for (const exam of exams)
    patients.set(exam.truth.patient, (patients.get(exam.truth.patient) ?? true) && isRight(exam));
  return share([...patients.values()], (right) => right);
}

/** Each sought lesion with the surest alarm on it. */
function bestMarks(exams: readonly ComparedExam[]): { mark: ComparedMark['mark']; lesion: TrueLesion }[] {
  return exams.flatMap(({ truth, marks }) =>
    truth.lesions.filter(isSought).flatMap((lesion) => {
      const own = marks.filter((one) => one.lesion === lesion && one.mark.isPresent);
      const [best] = own.sort((a, b) => b.mark.probability - a.mark.probability);
      return best ? [{ mark: best.mark, lesion }] : [];
    }),
  );
}

function numbers(pairs: ReturnType<typeof bestMarks>, what: 'lengthMm' | 'calibreMm'): [number, number][] {
  return pairs.flatMap(({ mark, lesion }) => {
    const [measured, truth] = [mark[what], lesion[what]];
    return measured === null || truth === null ? [] : [[measured, truth] as [number, number]];
  });
}

/** Lesion sensitivity by form, calibre and slice spacing, central ones and invisible ones apart. */
function lesionGroups(exams: readonly ComparedExam[]): NamedProportion[] {
  const groups = new Map<string, boolean[]>();
  for (const { truth, marks } of exams) {
    for (const lesion of truth.lesions.filter(isSought)) {
      const isFound = marks.some(
        (one) => one.lesion === lesion && one.mark.isPresent && one.mark.kind !== 'vertebral-cement',
      );
      for (const name of groupNames(lesion, truth.sliceSpacingMm))
        groups.set(name, [...(groups.get(name) ?? []), isFound]);
    }
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, found]) => ({ name, share: share(found, (one) => one) }));
}

/** Up to this spacing slices are thin. Source: clinical figures are given for 1-2 mm and 3-5 mm. */
const THIN_MM = 2;

function groupNames(lesion: TrueLesion, spacingMm: number | null): string[] {
  const slices = spacingMm === null ? 'film' : spacingMm <= THIN_MM ? 'slices to 2 mm' : 'slices over 2 mm';
  const c = lesion.calibreMm;
  const calibre = c === null ? 'calibre not known' : c < 0.95 ? 'under 1 mm' : c < 1.95 ? '1 to 2 mm' : '2 mm and more';
  const isPeripheral = lesion.site === null || lesion.site === 'pulmonary-artery' || lesion.site === 'lung';
  const first = isPeripheral ? (lesion.shape ?? 'any form') : lesion.site!;
  const all = lesion.isVisible ? 'all visible' : 'all not visible';
  return [`${all}, ${slices}`, `${first}, ${calibre}, ${slices}`];
}

function countBy(names: readonly string[]): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

function frocOf(exams: readonly ComparedExam[]): FrocPoint[] {
  const lesions = exams.flatMap(({ truth }) => truth.lesions.filter((lesion) => isSought(lesion) && lesion.isVisible));
  const name = new Map(lesions.map((lesion, index) => [lesion, String(index)] as const));
  const marks = exams.flatMap(({ marks: all }) =>
    all
      .filter(({ mark, lesion }) => mark.kind === EMBOLISM && !(lesion && isSought(lesion) && !lesion.isVisible))
      .map(({ mark, lesion }) => ({ score: mark.probability, lesion: (lesion && name.get(lesion)) ?? null })),
  );
  return exams.length ? frocCurve(marks, lesions.length, exams.length) : [];
}
