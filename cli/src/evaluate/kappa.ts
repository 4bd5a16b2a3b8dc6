/** Agreement beyond chance, with its 95 % interval where there is one. */
export interface Kappa {
  /** What both, or all, judged. */
  readonly count: number;
  /** Null where chance alone would agree on everything, or there is nothing to agree on. */
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

const Z_95 = 1.959963984540054;

/**
 * Cohen's kappa of two readers, unweighted, with the large-sample interval.
 *
 * @param pairs what the first and the second reader said of the same thing
 * Source: Cohen 1960, doi:10.1177/001316446002000104; variance: Fleiss, Cohen, Everitt 1969, doi:10.1037/h0028106
 */
export function cohensKappa(pairs: readonly (readonly [first: string, second: string])[]): Kappa {
  const count = pairs.length;
  const words = [...new Set(pairs.flat())].sort();
  const share = (isCounted: (pair: readonly [string, string]) => boolean): number =>
    pairs.filter(isCounted).length / count;
  const first = new Map(words.map((word) => [word, share(([said]) => said === word)]));
  const second = new Map(words.map((word) => [word, share(([, said]) => said === word)]));
  const observed = share(([a, b]) => a === b);
  const expected = words.reduce((sum, word) => sum + first.get(word)! * second.get(word)!, 0);
  if (count === 0 || expected === 1) return { count, value: null, low: null, high: null };
  const value = (observed - expected) / (1 - expected);
  // Fleiss, Cohen, Everitt 1969, eq. (13).
  let sum = 0;
  for (const a of words) {
    for (const b of words) {
      const cell = share(([x, y]) => x === a && y === b);
      const weight =
        a === b ? 1 - (first.get(a)! + second.get(a)!) * (1 - value) : (1 - value) * (second.get(a)! + first.get(b)!);
      sum += cell * weight ** 2;
    }
  }
  const variance = (sum - (value - expected * (1 - value)) ** 2) / (count * (1 - expected) ** 2);
  const half = Z_95 * Math.sqrt(Math.max(0, variance));
  return { count, value, low: value - half, high: Math.min(1, value + half) };
}

/**
 * Fleiss' kappa of any number of readers, all of whom judged everything.
 *
 * @param judged by thing, what each reader said; as many for each
 * @throws RangeError when the numbers differ or there are fewer than two readers
 * Source: Fleiss 1971, doi:10.1037/h0031619
 */
export function fleissKappa(judged: readonly (readonly string[])[]): Kappa {
  const count = judged.length;
  const readers = judged[0]?.length ?? 0;
  const nothing = { count, value: null, low: null, high: null };
  if (count === 0) return nothing;
  if (readers < 2 || judged.some((said) => said.length !== readers)) {
    throw new RangeError('fleissKappa: expected two readers or more, the same number for each thing');
  }
  const words = [...new Set(judged.flat())];
  const timesSaid = (said: readonly string[], word: string): number => said.filter((one) => one === word).length;
  const shares = words.map((word) => timesSaid(judged.flat(), word) / (count * readers));
  const expected = shares.reduce((sum, p) => sum + p * p, 0);
  const observed =
    judged.reduce((sum, said) => {
      const squares = words.reduce((all, word) => all + timesSaid(said, word) ** 2, 0);
      return sum + (squares - readers) / (readers * (readers - 1));
    }, 0) / count;
  return expected === 1 ? nothing : { ...nothing, value: (observed - expected) / (1 - expected) };
}
