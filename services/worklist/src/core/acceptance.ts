import type { Review } from '@pce/shared/ports/review-ledger';

/** A share with its 95 % interval; null where nothing was counted. */
export interface Share {
  share: number;
  low: number;
  high: number;
}

/** What readers made of one version's findings and exams. */
export interface VersionAcceptance {
  algorithm: string;
  version: string;
  findings: { accepted: number; rejected: number; acceptance: Share | null };
  exams: { accepted: number; rejected: number; acceptance: Share | null };
}

/** One week of a control chart: the share of rejected findings and what chance allows. */
export interface ChartPoint {
  /** Monday, ISO 8601. */
  weekOf: string;
  reviewed: number;
  rejected: number;
  rejectedShare: number;
  lowerLimit: number;
  upperLimit: number;
  isOutside: boolean;
}

/** A p chart of the rejected findings of one version. */
export interface ControlChart {
  algorithm: string;
  version: string;
  /** Share over all weeks. */
  centre: number;
  points: ChartPoint[];
}

/** 97.5 % quantile of the normal distribution. */
const Z_95 = 1.959964;
/** Distance of the control limits from the centre line, standard deviations. Source: Shewhart; ISO 7870-2. */
const LIMIT_SIGMAS = 3;
const WEEK_MS = 7 * 86_400_000;
/** 5 January 1970 was a Monday. */
const FIRST_MONDAY_MS = 4 * 86_400_000;

/**
 * Acceptance by algorithm version, the newest version met last.
 *
 * @param reviews the last of each finding and exam
 */
export function acceptanceByVersion(reviews: readonly Review[]): VersionAcceptance[] {
  return byVersion(reviews).map(({ algorithm, version, reviews: own }) => ({
    algorithm,
    version,
    findings: counted(own.filter(({ findingId }) => findingId !== null)),
    exams: counted(own.filter(({ findingId }) => findingId === null)),
  }));
}

/** Rejected findings by week and version, with three-sigma limits for as many findings as the week had. */
export function controlCharts(reviews: readonly Review[]): ControlChart[] {
  const judged = reviews.filter(({ findingId, verdict }) => findingId !== null && verdict !== 'open');
  return byVersion(judged).map(({ algorithm, version, reviews: own }) => {
    const centre = own.filter(({ verdict }) => verdict === 'rejected').length / own.length;
    const weeks = new Map<number, Review[]>();
    for (const review of own) {
      const week = Math.floor((review.reviewedAt.getTime() - FIRST_MONDAY_MS) / WEEK_MS);
      weeks.set(week, [...(weeks.get(week) ?? []), review]);
    }
    const points = [...weeks].sort(([a], [b]) => a - b).map(([week, ofWeek]) => chartPoint(week, ofWeek, centre));
    return { algorithm, version, centre, points };
  });
}

/** Wilson score interval. Source: Wilson 1927, 10.1080/01621459.1927.10502953. */
export function wilsonShare(successes: number, trials: number): Share | null {
  if (trials === 0) return null;
  const share = successes / trials;
  const z2 = Z_95 ** 2;
  const middle = (share + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (Z_95 / (1 + z2 / trials)) * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials ** 2));
  return { share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

function chartPoint(week: number, reviews: readonly Review[], centre: number): ChartPoint {
  const rejected = reviews.filter(({ verdict }) => verdict === 'rejected').length;
  const rejectedShare = rejected / reviews.length;
  const sigma = Math.sqrt((centre * (1 - centre)) / reviews.length);
  const lowerLimit = Math.max(0, centre - LIMIT_SIGMAS * sigma);
  const upperLimit = Math.min(1, centre + LIMIT_SIGMAS * sigma);
  return {
    weekOf: new Date(FIRST_MONDAY_MS + week * WEEK_MS).toISOString().slice(0, 10),
    reviewed: reviews.length,
    rejected,
    rejectedShare,
    lowerLimit,
    upperLimit,
    isOutside: rejectedShare < lowerLimit || rejectedShare > upperLimit,
  };
}

function counted(reviews: readonly Review[]): VersionAcceptance['findings'] {
  const accepted = reviews.filter(({ verdict }) => verdict === 'accepted').length;
  const rejected = reviews.filter(({ verdict }) => verdict === 'rejected').length;
  return { accepted, rejected, acceptance: wilsonShare(accepted, accepted + rejected) };
}

function byVersion(reviews: readonly Review[]): { algorithm: string; version: string; reviews: Review[] }[] {
  const versions = new Map<string, { algorithm: string; version: string; reviews: Review[] }>();
  for (const review of reviews) {
    const { algorithm, algorithmVersion: version } = review;
    const key = JSON.stringify([algorithm, version]);
    const known = versions.get(key);
    if (known) known.reviews.push(review);
    else versions.set(key, { algorithm, version, reviews: [review] });
  }
  return [...versions.values()];
}
