/** A proportion with its 95 % interval. */
export interface Proportion {
  readonly hits: number;
  readonly total: number;
  /** hits / total, or null with nothing to divide. */
  readonly value: number | null;
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 % quantile of the standard normal distribution. */
const Z_95 = 1.959963984540054;

/**
 * Proportion with Wilson's score interval, which holds near 0 and 1 and for small totals.
 *
 * Source: Wilson 1927, doi:10.1080/01621459.1927.10502953.
 */
export function proportion(hits: number, total: number): Proportion {
  if (!(Number.isInteger(hits) && Number.isInteger(total) && hits >= 0 && hits <= total)) {
    throw new RangeError(`proportion: expected integers 0 <= hits <= total; received ${hits} of ${total}`);
  }
  if (total === 0) return { hits, total, value: null, low: 0, high: 1 };
  const p = hits / total;
  const z2 = Z_95 * Z_95;
  const centre = (p + z2 / (2 * total)) / (1 + z2 / total);
  const half = (Z_95 / (1 + z2 / total)) * Math.sqrt((p * (1 - p)) / total + z2 / (4 * total * total));
  return { hits, total, value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
