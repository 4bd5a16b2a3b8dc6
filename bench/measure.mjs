// Measures two or more ways of doing the same thing in turn, A B A B ..., so that a drift of the machine's speed meets
// all of them alike. Quote the ratio, not the milliseconds.

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
};

/**
 * Runs each way `runs` times in turn after one uncounted round and prints medians and ratios.
 *
 * @param {string} title
 * @param {Record<string, () => unknown>} ways the first is ours; ratios say how many times faster it is than the others
 * @param {{ runs?: number, unit?: string, perRun?: number }} options `perRun` things of `unit` are done in each run
 * @returns {Promise<Record<string, number>>} median milliseconds by name
 */
export async function compare(title, ways, { runs = 7, unit = '', perRun = 1 } = {}) {
  const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = -1; round < runs; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const start = performance.now();
      await way();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  const medians = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
  const [first, ...others] = Object.keys(ways);
  const rate = (name) => (unit ? `, ${Math.round((perRun * 1000) / medians[name])} ${unit}/s` : '');
  console.log(`${title}`);
  for (const name of Object.keys(ways)) {
    const spread = `${Math.min(...times[name]).toFixed(1)} to ${Math.max(...times[name]).toFixed(1)}`;
    console.log(`  ${name.padEnd(28)} ${medians[name].toFixed(1).padStart(9)} ms (${spread})${rate(name)}`);
  }
  for (const other of others) {
    console.log(`  ratio: ${first} is ${(medians[other] / medians[first]).toFixed(2)} times as fast as ${other}`);
  }
  return medians;
}
