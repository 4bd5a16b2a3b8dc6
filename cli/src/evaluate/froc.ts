/** One mark of a report: its score and the lesion it hit, or null for a false positive. */
export interface ScoredMark {
  readonly score: number;
  /** Unique over the whole set, such as study UID and lesion number. */
  readonly lesion: string | null;
}

export interface FrocPoint {
  readonly threshold: number;
  readonly falsePositivesPerExam: number;
  readonly sensitivity: number;
}

/** Rates at which sensitivities are averaged, false positives per exam. Source: LUNA16, doi:10.1016/j.media.2017.06.015. */
export const MEAN_FROC_RATES = [0.125, 0.25, 0.5, 1, 2, 4] as const;

/**
 * Free-response ROC: lesion sensitivity against false positives per exam as the threshold falls.
 *
 * @param lesionCount all lesions, hit or not
 * @param examCount all exams, with or without lesions
 */
export function frocCurve(marks: readonly ScoredMark[], lesionCount: number, examCount: number): FrocPoint[] {
  if (examCount < 1) throw new RangeError(`frocCurve: expected at least one exam; received ${examCount}`);
  const ordered = [...marks].sort((a, b) => b.score - a.score);
  const found = new Set<string>();
  let falsePositives = 0;
  const points: FrocPoint[] = [{ threshold: Number.POSITIVE_INFINITY, falsePositivesPerExam: 0, sensitivity: 0 }];
  ordered.forEach((mark, index) => {
    if (mark.lesion === null) falsePositives += 1;
    else found.add(mark.lesion);
    // Marks of equal score come into the report together.
    if (ordered[index + 1]?.score === mark.score) return;
    points.push({
      threshold: mark.score,
      falsePositivesPerExam: falsePositives / examCount,
      sensitivity: lesionCount === 0 ? 0 : found.size / lesionCount,
    });
  });
  return points;
}

/** Best sensitivity reached with at most `rate` false positives per exam. */
export function sensitivityAt(points: readonly FrocPoint[], rate: number): number {
  return points.reduce(
    (best, point) => (point.falsePositivesPerExam <= rate ? Math.max(best, point.sensitivity) : best),
    0,
  );
}

/** Mean of the sensitivities at {@link MEAN_FROC_RATES}. */
export function meanFroc(points: readonly FrocPoint[]): number {
  return MEAN_FROC_RATES.reduce((sum, rate) => sum + sensitivityAt(points, rate), 0) / MEAN_FROC_RATES.length;
}
