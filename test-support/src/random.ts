/** A seeded stream of random numbers: the same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Standard normal. */
  normal(): number;
  /** An integer in [0, count). */
  index(count: number): number;
  pick<T>(values: readonly T[]): T;
  /** 32 random bits. */
  bits(): number;
}

/** A 32-bit hash of text (FNV-1a), to seed streams by name. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * Small fast chaotic generator of Doty-Humphrey, 32 bit.
 *
 * @param seed the number of the phantom
 * @param purpose names an independent stream, so that drawing more of one thing does not change another
 */
export function seededRandom(seed: number, purpose: string): Random {
  let a = seed | 0;
  let b = hashText(purpose) | 0;
  let c = hashText(`${purpose}/${seed}`) | 0;
  let counter = 1;
  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 16; i++) bits();
  const uniform = (): number => bits() / 4294967296;
  return {
    bits,
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    index: (count) => Math.floor(uniform() * count),
    pick: (values) => values[Math.floor(uniform() * values.length)]!,
  };
}

const NORMAL_TABLE_BITS = 14;

/** Quantiles of the standard normal at the centres of 2^14 equal bins, for fast noise. Source: Acklam's rational form is avoided; bisection on erf is exact enough. */
function normalQuantiles(): Float32Array {
  const size = 1 << NORMAL_TABLE_BITS;
  const table = new Float32Array(size);
  // integrate dx/dp = sqrt(2 pi) exp(x^2 / 2) outwards from the median, in quarter bins
  const stepsPerBin = 4;
  let x = 0;
  const dp = 1 / (size * stepsPerBin);
  for (let bin = 0; bin < size / 2; bin++) {
    for (let step = 0; step < stepsPerBin; step++) {
      const slope = Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2);
      const middle = x + (slope * dp) / 2;
      if (step === stepsPerBin / 2) {
        table[size / 2 + bin] = x;
        table[size / 2 - 1 - bin] = -x;
      }
      x += Math.sqrt(2 * Math.PI) * Math.exp((middle * middle) / 2) * dp;
    }
  }
  return table;
}

let quantiles: Float32Array | null = null;

/** Fills `out` with standard normal noise, two values for each draw. */
export function fillNormal(out: Float32Array, random: Random): void {
  quantiles ??= normalQuantiles();
  const mask = (1 << NORMAL_TABLE_BITS) - 1;
  for (let i = 0; i < out.length; i += 2) {
    const bits = random.bits();
    out[i] = quantiles[bits & mask]!;
    if (i + 1 < out.length) out[i + 1] = quantiles[(bits >>> (32 - NORMAL_TABLE_BITS)) & mask]!;
  }
}
