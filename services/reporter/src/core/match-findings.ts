import type { Finding } from '@pce/shared/contracts/finding';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { PriorFinding } from './prior-exam.js';

/** Farthest apart the same finding may lie in one frame of reference, mm: a vessel's length of a breath. [design] */
const SAME_PLACE_MM = 15;
/** The same on one film, in pixels. [design] */
const SAME_PLACE_PX = 48;
/** Sizes agree when they differ by no more than this share of the larger one, or by the millimetres below. [design] */
const SIZE_SHARE = 0.5;
const LENGTH_TOLERANCE_MM = 5;
const CALIBRE_TOLERANCE_MM = 2;
/** An embolus elsewhere counts as the same only when its size agrees closely. [design] */
const MIGRATED_SIZE_SHARE = 0.2;
const MIGRATED_LENGTH_MM = 2;
const MIGRATED_CALIBRE_MM = 1;

/** How an earlier finding was recognised: where it was, or by its size alone at another place. */
type MatchKind = 'same-place' | 'moved';

export interface FindingMatch {
  readonly finding: Finding;
  readonly prior: PriorFinding;
  readonly kind: MatchKind;
}

interface SizeTolerance {
  readonly share: number;
  readonly lengthMm: number;
  readonly calibreMm: number;
}
const SAME_SIZE: SizeTolerance = { share: SIZE_SHARE, lengthMm: LENGTH_TOLERANCE_MM, calibreMm: CALIBRE_TOLERANCE_MM };
const CLOSE_SIZE: SizeTolerance = {
  share: MIGRATED_SIZE_SHARE,
  lengthMm: MIGRATED_LENGTH_MM,
  calibreMm: MIGRATED_CALIBRE_MM,
};

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, axis) => value - (b[axis] ?? 0)));

const frameOf = (finding: Finding, { parts }: StudyResult): string | null =>
  parts.find(({ seriesInstanceUid }) => seriesInstanceUid === finding.regions[0]!.image.seriesInstanceUid)
    ?.frameOfReferenceUid ?? null;

/** Middle of a region, [column, row]. */
function centrePx({ regions }: Finding): [number, number] {
  const { pointsPx } = regions[0]!;
  const mean = (axis: 0 | 1) => pointsPx.reduce((sum, point) => sum + point[axis], 0) / pointsPx.length;
  return [mean(0), mean(1)];
}

/** Distance as a share of what is allowed, where both lie in one frame of reference or on one image; else null. */
function relativeDistance(finding: Finding, prior: PriorFinding, result: StudyResult): number | null {
  const { position, onImage } = prior;
  if (finding.centreLpsMm && position && position.frameOfReferenceUid === frameOf(finding, result)) {
    return distance(finding.centreLpsMm, position.centreLpsMm) / SAME_PLACE_MM;
  }
  if (!finding.centreLpsMm && onImage && onImage.sopInstanceUid === finding.regions[0]!.image.sopInstanceUid) {
    return distance(centrePx(finding), onImage.centrePx) / SAME_PLACE_PX;
  }
  return null;
}

/** Difference as a share of what is allowed; 0 where one of them was not measured, which speaks for nothing. */
function relativeDifference(a: number | null, b: number | null, share: number, leastMm: number): number {
  if (a === null || b === null) return 0;
  return Math.abs(a - b) / Math.max(leastMm, share * Math.max(a, b));
}

function sizeDifference({ measurements }: Finding, prior: PriorFinding, tolerance: SizeTolerance): number {
  const { share, lengthMm, calibreMm } = tolerance;
  return Math.max(
    relativeDifference(measurements.lengthMm, prior.lengthMm, share, lengthMm),
    relativeDifference(measurements.calibreMm, prior.calibreMm, share, calibreMm),
  );
}

/** The same lobe where both exams tell lobes, else the same zone of the same lung. */
function isSameRegion({ side, lobe, zone }: Finding, prior: PriorFinding): boolean {
  if (lobe !== null && prior.lobe !== null) return lobe === prior.lobe;
  return side !== null && zone !== null && side === prior.side && zone === prior.zone;
}

/** Cost of taking both for the same finding at the same place, from 0; above 1 they are not. */
function samePlaceCost(finding: Finding, prior: PriorFinding, result: StudyResult): number {
  const apart = relativeDistance(finding, prior, result);
  if (apart !== null) return apart;
  return isSameRegion(finding, prior) ? sizeDifference(finding, prior, SAME_SIZE) : Number.POSITIVE_INFINITY;
}

/** The same for another place; only what was measured twice can be recognised by its size. */
function movedCost(finding: Finding, prior: PriorFinding): number {
  const { lengthMm, calibreMm } = finding.measurements;
  const isMeasured = [lengthMm, calibreMm, prior.lengthMm, prior.calibreMm].every((value) => value !== null);
  return isMeasured ? sizeDifference(finding, prior, CLOSE_SIZE) : Number.POSITIVE_INFINITY;
}

type Cost = (finding: Finding, prior: PriorFinding) => number;

/** Pairs each finding with at most one earlier one, the likeliest pairs first; the order of input breaks ties. */
function pairUp(findings: readonly Finding[], priors: readonly PriorFinding[], costOf: Cost, kind: MatchKind) {
  const pairs = findings
    .flatMap((finding) => priors.map((prior) => ({ finding, prior, kind, cost: costOf(finding, prior) })))
    .filter(({ finding, prior, cost }) => finding.kind === prior.kind && cost <= 1)
    .sort((a, b) => a.cost - b.cost);
  const taken = new Set<unknown>();
  const matches: FindingMatch[] = [];
  for (const { finding, prior } of pairs) {
    if (taken.has(finding) || taken.has(prior)) continue;
    taken.add(finding).add(prior);
    matches.push({ finding, prior, kind });
  }
  return matches;
}

/**
 * Recognises findings of an earlier report: by distance where both lie in one frame of reference or on one film; else
 * by lobe (zone and side where there is no lobe) and size; what is left over of emboli by size alone, elsewhere.
 *
 * @param mayMove whether an embolus at another place may be taken for the same one
 */
export function matchFindings(
  result: StudyResult,
  findings: readonly Finding[],
  priors: readonly PriorFinding[],
  mayMove: boolean,
): FindingMatch[] {
  const inPlace = pairUp(findings, priors, (finding, prior) => samePlaceCost(finding, prior, result), 'same-place');
  if (!mayMove) return inPlace;
  const taken = new Set<unknown>(inPlace.flatMap(({ finding, prior }) => [finding, prior]));
  const isLeft = (one: Finding | PriorFinding) => one.kind === 'pulmonary-cement-embolism' && !taken.has(one);
  return [...inPlace, ...pairUp(findings.filter(isLeft), priors.filter(isLeft), movedCost, 'moved')];
}
