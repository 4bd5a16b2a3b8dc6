/** Longest decimal string, in characters. Source: PS3.5 section 6.2, VR DS. */
export const DS_MAX_LENGTH = 16;

/**
 * Writes a number as a decimal string: the shortest exact form, else as many digits as fit.
 *
 * We format ourselves because dcmjs cuts a longer text at 16 characters, exponent and all.
 *
 * @returns at most 16 characters, never "-0"
 * @throws RangeError when the number is not finite
 * Source: PS3.5 section 6.2, VR DS
 */
export function formatDecimalString(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`decimal string: expected a finite number; received ${value}`);
  const exact = String(value);
  if (exact.length <= DS_MAX_LENGTH) return exact;
  for (let digits = DS_MAX_LENGTH; digits > 0; digits--) {
    const exponential = value.toExponential(digits - 1).replace('e+', 'e');
    const plain = String(Number(exponential));
    const fitting = [plain, exponential].find((text) => text.length <= DS_MAX_LENGTH && Number.isFinite(Number(text)));
    if (fitting !== undefined) return fitting;
  }
  throw new RangeError(`decimal string: expected a number of ${DS_MAX_LENGTH} characters; received ${value}`);
}

/** Rounds to a number of decimals, for measurements whose further digits mean nothing. */
export function roundTo(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  const rounded = Math.round(value * scale) / scale;
  return Number.isFinite(rounded) ? rounded : value;
}
