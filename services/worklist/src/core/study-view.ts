import type { Analysed } from '@pce/shared/contracts/exam-outcome';
import type { Finding, ImageRegion } from '@pce/shared/contracts/finding';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { LedgerInstance } from '@pce/shared/ports/ledger';
import type { LedgerResult } from '@pce/shared/ports/result-ledger';
import type { Review, Verdict } from '@pce/shared/ports/review-ledger';
import { type ImageStack, imageStacks, placeOfImage } from './image-stacks.js';
import type { ReaderMark } from './reader-study.js';
import type { WorklistRow } from './worklist-row.js';

/** Where a finding shows: which image of which stack, and the points on it. */
export interface PlacedRegion {
  stack: number;
  index: number;
  purpose: ImageRegion['purpose'];
  pointsPx: [number, number][];
}

export interface ViewReview {
  verdict: Verdict;
  comment: string;
  by: string;
  /** ISO 8601. */
  at: string;
}

/** A finding as the viewer lists it: what the analysis says but for UIDs. */
export interface ViewFinding extends Omit<Finding, 'regions' | 'centreLpsMm' | 'centrelineLpsMm'> {
  regions: PlacedRegion[];
  /** The last first. */
  reviews: ViewReview[];
}

/** What a reader marked, on which image of which stack. */
export interface ViewMark {
  markId: string;
  stack: number;
  index: number;
  pointPx: [number, number];
  comment: string;
}

/** Everything the viewer shows of a study but the pixels. */
export interface StudyView {
  row: WorklistRow;
  stacks: ImageStack[];
  /** Null where readers do not add any. */
  marks: ViewMark[] | null;
  result: {
    resultId: string;
    algorithm: { name: string; version: string };
    analysedAt: string;
    durationMs: number;
    quality: Analysed['quality'] | null;
    /** What was not read and why. */
    partReasons: string[];
    findings: ViewFinding[];
    examReviews: ViewReview[];
    /** Pictures drawn by the analysis: number and what they show. */
    pictures: { number: number; findingId: number | null; label: string }[];
  } | null;
}

export interface StudyViewParts {
  row: WorklistRow;
  instances: readonly LedgerInstance[];
  current: LedgerResult | null;
  reviews: readonly Review[];
  pictures: readonly { findingId: number | null; label: string }[];
  /** Null where readers do not add any. */
  marks: readonly ReaderMark[] | null;
}

/** Puts the viewer's page together; no UID gets in. */
export function studyView({ row, instances, current, reviews, pictures, marks }: StudyViewParts): StudyView {
  const result = current?.result ?? null;
  const stacks = imageStacks(instances, result);
  if (!current || !result) return { row, stacks, marks: null, result: null };
  const { outcome } = result;
  const place = (region: ImageRegion): PlacedRegion[] => {
    const found = placeOfImage(stacks, instances, region.image);
    return found ? [{ ...found, purpose: region.purpose, pointsPx: region.pointsPx }] : [];
  };
  return {
    row,
    stacks,
    marks: marks?.flatMap((mark) => viewMark(mark, stacks, instances)) ?? null,
    result: {
      resultId: current.resultId,
      algorithm: { name: result.algorithm.name, version: result.algorithm.version },
      analysedAt: current.analysedAt.toISOString(),
      durationMs: current.durationMs,
      quality: outcome.kind === 'analysed' ? outcome.quality : null,
      partReasons: reasonsOf(result),
      findings: outcome.kind === 'analysed' ? outcome.findings.map((one) => viewFinding(one, place, reviews)) : [],
      examReviews: reviewsOf(reviews, null),
      pictures: pictures.map(({ findingId, label }, number) => ({ number, findingId, label })),
    },
  };
}

function viewMark(mark: ReaderMark, stacks: readonly ImageStack[], instances: readonly LedgerInstance[]): ViewMark[] {
  const found = placeOfImage(stacks, instances, mark);
  const { markId, columnPx, rowPx, comment } = mark;
  return found ? [{ markId, ...found, pointPx: [columnPx, rowPx], comment }] : [];
}

function viewFinding(
  finding: Finding,
  place: (region: ImageRegion) => PlacedRegion[],
  reviews: readonly Review[],
): ViewFinding {
  const { regions, centreLpsMm: _centre, centrelineLpsMm: _centreline, ...rest } = finding;
  return { ...rest, regions: regions.flatMap(place), reviews: reviewsOf(reviews, finding.id) };
}

function reasonsOf({ parts }: StudyResult): string[] {
  return parts.flatMap(({ modality, outcome }) =>
    outcome.kind === 'analysed' ? [] : `${modality}: ${outcome.reason.message}`,
  );
}

function reviewsOf(reviews: readonly Review[], findingId: number | null): ViewReview[] {
  return reviews
    .filter((review) => review.findingId === findingId)
    .map(({ verdict, comment, userName, reviewedAt }) => ({
      verdict,
      comment,
      by: userName,
      at: reviewedAt.toISOString(),
    }))
    .reverse();
}
