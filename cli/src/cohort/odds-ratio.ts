/** Counts of a fourfold table: exposed with and without the outcome, then not exposed with and without it. */
export type FourfoldTable = readonly [
  exposedWith: number,
  exposedWithout: number,
  otherWith: number,
  otherWithout: number,
];

export interface OddsRatio {
  readonly value: number;
  /** 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** One half was added to every count, because one was zero. */
  readonly isCorrected: boolean;
  /** Two-sided, after Fisher. */
  readonly exactP: number;
}

const Z_95 = 1.959963984540054;
/** Tables as likely as the observed one, but for rounding. Source: R's fisher.test. */
const RELATIVE_TOLERANCE = 1e-7;

/**
 * Odds ratio with Woolf's interval on the logarithm; with a zero among the counts one half is added to each.
 *
 * @returns null when a row or a column of the table is empty
 * @throws RangeError on counts that are not whole numbers from 0
 * Source: Woolf 1955, doi:10.1111/j.1469-1809.1955.tb01348.x; Haldane 1956, doi:10.1111/j.1469-1809.1955.tb01285.x
 */
export function oddsRatio(table: FourfoldTable): OddsRatio | null {
  if (!table.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`oddsRatio: expected whole numbers from 0; received ${table.join(', ')}`);
  }
  const [a, b, c, d] = table;
  if (a + b === 0 || c + d === 0 || a + c === 0 || b + d === 0) return null;
  const isCorrected = table.includes(0);
  const [e, f, g, h] = table.map((count) => count + (isCorrected ? 0.5 : 0)) as [number, number, number, number];
  const value = (e * h) / (f * g);
  const factor = Math.exp(Z_95 * Math.sqrt(1 / e + 1 / f + 1 / g + 1 / h));
  return { value, low: value / factor, high: value * factor, isCorrected, exactP: fisherExact(table) };
}

/**
 * Two-sided exact test of a fourfold table: the probability of all tables with the same margins that are at most as
 * likely as the observed one.
 *
 * Source: Fisher 1922, doi:10.2307/2340521; Agresti, Categorical Data Analysis, section 3.5
 */
export function fisherExact([a, b, c, d]: FourfoldTable): number {
  const [row, column, total] = [a + b, a + c, a + b + c + d];
  const logFactorials = new Float64Array(total + 1);
  for (let n = 1; n <= total; n++) logFactorials[n] = logFactorials[n - 1]! + Math.log(n);
  const logChoose = (n: number, k: number): number => logFactorials[n]! - logFactorials[k]! - logFactorials[n - k]!;
  const probability = (x: number): number =>
    Math.exp(logChoose(row, x) + logChoose(total - row, column - x) - logChoose(total, column));
  const observed = probability(a);
  let sum = 0;
  for (let x = Math.max(0, column + row - total); x <= Math.min(row, column); x++) {
    const p = probability(x);
    if (p <= observed * (1 + RELATIVE_TOLERANCE)) sum += p;
  }
  return Math.min(1, sum);
}
