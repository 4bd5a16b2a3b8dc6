import { type Proportion, proportion } from '../evaluate/proportion.js';
import type { CohortExam, Procedure } from './cohort-exams.js';
import { type FourfoldTable, type OddsRatio, oddsRatio } from './odds-ratio.js';

/** A procedure with the exams after it and before the patient's next one. */
interface FollowedProcedure extends Procedure {
  readonly exams: readonly CohortExam[];
}

export interface IncidenceRow {
  readonly name: string;
  /** Procedures with embolism on at least one exam, of those with an exam. */
  readonly all: Proportion;
  readonly films: Proportion;
  readonly ct: Proportion;
}

export interface TimeBand {
  readonly name: string;
  /** Exams with embolism, of the exams in the band. */
  readonly positive: Proportion;
}

/** What a site's results and procedures come to. */
export interface Cohort {
  readonly patients: number;
  readonly procedures: number;
  readonly withoutExam: number;
  /** Analysed exams of patients without a procedure, or before their first. */
  readonly examsWithoutProcedure: Proportion;
  readonly incidence: readonly IncidenceRow[];
  /** By exam, as most of the literature counts. */
  readonly byExam: { readonly films: Proportion; readonly ct: Proportion };
  readonly leak: { readonly table: FourfoldTable; readonly oddsRatio: OddsRatio | null };
  readonly timeBands: readonly TimeBand[];
  /** Days from the procedure to the first exam with embolism: least, quartiles, most; null when there is none. */
  readonly daysToEmbolism: readonly [number, number, number, number, number] | null;
  /** Emboli on CTs that show any: median, least, most. */
  readonly embolusCount: { readonly median: number; readonly least: number; readonly most: number } | null;
}

/** Upper ends of the bands, days. [design] First films are made on day 0 or 1; late ones years after. */
const BANDS = [
  ['0-1 d', 1],
  ['2-7 d', 7],
  ['8-30 d', 30],
  ['1-3 mo', 90],
  ['3-12 mo', 365],
  ['1-4 y', 1461],
  ['> 4 y', Number.POSITIVE_INFINITY],
] as const;

const isPositive = ({ presence }: CohortExam): boolean => presence === 'present';

/** Puts exams to procedures and counts. An undetermined exam is no positive one. */
export function describeCohort(exams: readonly CohortExam[], procedures: readonly Procedure[]): Cohort {
  const followed = follow(exams, procedures);
  const known = followed.filter((procedure) => procedure.exams.length > 0);
  const afterProcedure = new Set(followed.flatMap((procedure) => procedure.exams));
  const before = exams.filter((exam) => !afterProcedure.has(exam));
  const codes = [...new Set(known.map(({ code }) => code))].sort();
  const table = leakTable(known);
  const after = [...afterProcedure];
  return {
    patients: new Set(procedures.map(({ patient }) => patient)).size,
    procedures: procedures.length,
    withoutExam: followed.length - known.length,
    examsWithoutProcedure: share(before, isPositive),
    incidence: [
      incidenceRow('all procedures', known),
      ...codes.map((code) =>
        incidenceRow(
          code,
          known.filter((procedure) => procedure.code === code),
        ),
      ),
    ],
    byExam: {
      films: share(
        after.filter(({ kind }) => kind === 'film'),
        isPositive,
      ),
      ct: share(
        after.filter(({ kind }) => kind === 'CT'),
        isPositive,
      ),
    },
    leak: { table, oddsRatio: oddsRatio(table) },
    timeBands: timeBands(known),
    daysToEmbolism: quartiles(known.flatMap(firstEmbolismDay)),
    embolusCount: countsOf(after.filter((exam) => exam.kind === 'CT' && isPositive(exam))),
  };
}

/** An exam belongs to the patient's last procedure on or before its day; of several that day, to the first listed. */
function follow(exams: readonly CohortExam[], procedures: readonly Procedure[]): FollowedProcedure[] {
  const own = new Map<Procedure, CohortExam[]>(procedures.map((procedure) => [procedure, []]));
  const ofPatient = new Map<string, Procedure[]>();
  for (const one of procedures) ofPatient.set(one.patient, [...(ofPatient.get(one.patient) ?? []), one]);
  for (const exam of exams) {
    const earlier = (ofPatient.get(exam.patient) ?? []).filter(({ day }) => day <= exam.day);
    const lastDay = Math.max(...earlier.map(({ day }) => day));
    const last = earlier.find(({ day }) => day === lastDay);
    if (last) own.get(last)!.push(exam);
  }
  return procedures.map((procedure) => ({ ...procedure, exams: own.get(procedure)! }));
}

function incidenceRow(name: string, procedures: readonly FollowedProcedure[]): IncidenceRow {
  const by = (kind: CohortExam['kind'] | null): Proportion => {
    const of = procedures.map(({ exams }) => exams.filter((exam) => kind === null || exam.kind === kind));
    return share(
      of.filter((exams) => exams.length > 0),
      (exams) => exams.some(isPositive),
    );
  };
  return { name, all: by(null), films: by('film'), ct: by('CT') };
}

function leakTable(procedures: readonly FollowedProcedure[]): FourfoldTable {
  const count = (leaks: boolean, embolism: boolean): number =>
    procedures.filter(
      ({ exams }) => exams.some(({ hasLeak }) => hasLeak) === leaks && exams.some(isPositive) === embolism,
    ).length;
  return [count(true, true), count(true, false), count(false, true), count(false, false)];
}

function timeBands(procedures: readonly FollowedProcedure[]): TimeBand[] {
  const timed = procedures.flatMap(({ day, exams }) => exams.map((exam) => ({ exam, days: exam.day - day })));
  return BANDS.map(([name, end], index) => {
    const start = index === 0 ? Number.NEGATIVE_INFINITY : BANDS[index - 1]![1];
    const inBand = timed.filter(({ days }) => days > start && days <= end);
    return { name, positive: share(inBand, ({ exam }) => isPositive(exam)) };
  });
}

function firstEmbolismDay({ day, exams }: FollowedProcedure): number[] {
  const days = exams.filter(isPositive).map((exam) => exam.day - day);
  return days.length === 0 ? [] : [Math.min(...days)];
}

function countsOf(exams: readonly CohortExam[]): Cohort['embolusCount'] {
  const five = quartiles(exams.map(({ embolusCount }) => embolusCount));
  return five && { median: five[2], least: five[0], most: five[4] };
}

/** Least, quartiles, most, linear between values. Source: Hyndman and Fan 1996, doi:10.2307/2684934, definition 7. */
function quartiles(values: readonly number[]): [number, number, number, number, number] | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (fraction: number): number => {
    const place = fraction * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return low + (high - low) * (place - Math.floor(place));
  };
  return [at(0), at(0.25), at(0.5), at(0.75), at(1)];
}

function share<T>(all: readonly T[], isHit: (one: T) => boolean): Proportion {
  return proportion(all.filter(isHit).length, all.length);
}
