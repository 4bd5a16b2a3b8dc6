/** Readers that are broken on purpose: a campaign has to notice each of them, or it notices nothing. */
export function plantedTargets() {
  const planted = (read) => ({ expected: ['PlantedError'], make: (random) => random.below(2), read });
  return {
    'planted refusal': planted(() => {
      throw Object.assign(new Error('refused'), { name: 'PlantedError' });
    }),
    'planted throw': planted(() => {
      throw new TypeError('not a reader’s own error');
    }),
    'planted later throw': planted(() => {
      setImmediate(() => {
        throw new Error('outside of any call');
      });
      return new Promise((resolve) => setTimeout(resolve, 20));
    }),
    'planted end': planted(() => process.exit(3)),
    'planted loop': planted(() => {
      for (;;) Math.random();
    }),
    'planted silence': planted(() => new Promise(() => {})),
    'planted growth': planted(() => {
      const kept = [];
      for (;;) kept.push(new Array(1e6).fill(kept.length));
    }),
  };
}
