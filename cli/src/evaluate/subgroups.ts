import type { ComparedExam } from './compare.js';
import { type Proportion, proportion } from './proportion.js';
import { type Roc, rocCurve } from './roc.js';

export interface Subgroup {
  readonly name: string;
  readonly exams: number;
  readonly sensitivity: Proportion;
  readonly specificity: Proportion;
  readonly auc: Roc['auc'];
}

/** Up to this spacing slices are thin. Source: clinical figures are given for 1-2 mm and 3-5 mm. */
const THIN_MM = 2;

/** Exams by technique and by the groups the truth names, each with its own figures; an exam may be in several. */
export function subgroups(exams: readonly ComparedExam[]): Subgroup[] {
  const groups = new Map<string, ComparedExam[]>();
  for (const exam of exams) {
    for (const name of new Set([techniqueOf(exam), ...exam.truth.subgroups])) {
      groups.set(name, [...(groups.get(name) ?? []), exam]);
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, members]) => describe(name, members));
}

function techniqueOf({ truth }: ComparedExam): string {
  if (truth.sliceSpacingMm === null) return 'films';
  return truth.sliceSpacingMm <= THIN_MM ? 'CT, slices to 2 mm' : 'CT, slices over 2 mm';
}

function describe(name: string, exams: readonly ComparedExam[]): Subgroup {
  const found = (exam: ComparedExam): boolean => exam.reported?.presence === 'present';
  const positive = exams.filter(({ truth }) => truth.isPositive);
  const negative = exams.filter(({ truth }) => !truth.isPositive);
  const scored = exams.map(({ truth, reported }) => ({
    score: reported?.probability ?? 0,
    positive: truth.isPositive,
  }));
  return {
    name,
    exams: exams.length,
    sensitivity: proportion(positive.filter(found).length, positive.length),
    specificity: proportion(negative.filter((exam) => !found(exam)).length, negative.length),
    auc: rocCurve(scored).auc,
  };
}
