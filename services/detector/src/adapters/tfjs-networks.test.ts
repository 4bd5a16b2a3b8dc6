import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PlaneNetwork } from '../core/imaging/plane-network.js';
import { type LoadedNetworks, loadFilmNetworks } from './tfjs-networks.js';

interface Check {
  readonly input: { readonly channels: number; readonly rows: number; readonly columns: number };
  readonly outputShape: readonly number[];
  readonly samples: readonly (readonly [number, number])[];
}

/** What the network that was trained answered to a fixed input, as training/film/export.py wrote it down. */
function readCheck(name: string): Check {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../model', `${name}.check.json`), 'utf8')) as Check;
}

async function answer(network: PlaneNetwork, { input }: Check) {
  const { channels, rows, columns } = input;
  const values = Float32Array.from({ length: channels * rows * columns }, (_, at) => Math.sin(at * 0.37));
  return network.run({ values, channels, rows, columns });
}

describe('film networks', () => {
  let loaded: LoadedNetworks;
  beforeAll(async () => {
    loaded = await loadFilmNetworks();
  });

  for (const name of ['lungs', 'cement'] as const) {
    it(`answer as they did when they were trained: ${name}`, async () => {
      const check = readCheck(`film-${name}`);
      const { values, channels, rows, columns } = await answer(loaded.networks[name], check);
      expect([channels, rows, columns]).toEqual(check.outputShape);
      for (const [at, expected] of check.samples) expect(Math.abs(values[at]! - expected)).toBeLessThan(1e-4);
    });

    it(`give the same answer twice, and probabilities: ${name}`, async () => {
      const check = readCheck(`film-${name}`);
      const first = await answer(loaded.networks[name], check);
      expect((await answer(loaded.networks[name], check)).values).toEqual(first.values);
      expect(first.values.every((value) => value >= 0 && value <= 1)).toBe(true);
    });
  }

  it('are identified by a digest of their weights', async () => {
    expect(loaded.modelDigest).toMatch(/^[0-9a-f]{64}$/);
    expect((await loadFilmNetworks()).modelDigest).toBe(loaded.modelDigest);
  });
});
