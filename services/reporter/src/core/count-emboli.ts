import type { Finding } from '@pce/shared/contracts/finding';
import type { StudyResult } from '@pce/shared/contracts/study-result';

/** How many marks there are, and how many emboli they are at least. */
export interface EmbolusCount {
  readonly marks: number;
  /** An embolus may be marked once per view: the largest number on one CT series or one film. */
  readonly emboli: number;
  /** CT series and films that carry marks. */
  readonly views: number;
}

/** Counts emboli of one assessment. */
export function countEmboli({ outcome, parts }: StudyResult, assessment: Finding['assessment']): EmbolusCount {
  const findings = outcome.kind === 'analysed' ? outcome.findings : [];
  const ctSeries = new Set(parts.filter(({ modality }) => modality === 'CT').map((part) => part.seriesInstanceUid));
  const perView = new Map<string, number>();
  for (const finding of findings) {
    if (finding.kind !== 'pulmonary-cement-embolism' || finding.assessment !== assessment) continue;
    const { seriesInstanceUid, sopInstanceUid } = finding.regions[0]!.image;
    const view = ctSeries.has(seriesInstanceUid) ? seriesInstanceUid : sopInstanceUid;
    perView.set(view, (perView.get(view) ?? 0) + 1);
  }
  const counts = [...perView.values()];
  return { marks: counts.reduce((sum, count) => sum + count, 0), emboli: Math.max(0, ...counts), views: counts.length };
}
