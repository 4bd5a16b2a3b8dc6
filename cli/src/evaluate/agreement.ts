/** How two measurements of the same things agree. */
export interface Agreement {
  readonly count: number;
  /** Mean of measured minus true. */
  readonly bias: number;
  /** Bias -+ 1.96 standard deviations of the differences. */
  readonly lowerLimit: number;
  readonly upperLimit: number;
  readonly medianAbsoluteError: number;
}

const Z_95 = 1.959963984540054;

/**
 * Bias and limits of agreement of measured against true values.
 *
 * @returns null with fewer than two pairs
 * Source: Bland and Altman 1986, doi:10.1016/S0140-6736(86)90837-8.
 */
export function limitsOfAgreement(pairs: readonly (readonly [measured: number, truth: number])[]): Agreement | null {
  if (pairs.length < 2) return null;
  const differences = pairs.map(([measured, truth]) => measured - truth);
  const bias = differences.reduce((sum, d) => sum + d, 0) / differences.length;
  const sd = Math.sqrt(differences.reduce((sum, d) => sum + (d - bias) ** 2, 0) / (differences.length - 1));
  const absolute = differences.map(Math.abs).sort((a, b) => a - b);
  const middle = absolute.length / 2;
  const median = (absolute[Math.ceil(middle) - 1]! + absolute[Math.floor(middle)]!) / 2;
  return {
    count: pairs.length,
    bias,
    lowerLimit: bias - Z_95 * sd,
    upperLimit: bias + Z_95 * sd,
    medianAbsoluteError: median,
  };
}
