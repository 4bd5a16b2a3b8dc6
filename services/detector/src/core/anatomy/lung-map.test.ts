import { describe, expect, it } from 'vitest';
import type { PlaneNetwork, Planes } from '../imaging/plane-network.js';
import { mapLungs } from './lung-map.js';

const COLUMNS = 640;
const ROWS = 320;

/** A film of half the height of the square the network sees, with a ramp of grey. */
const film = (valueAt: (share: number) => number = (share) => share) => ({
  columns: COLUMNS,
  rows: ROWS,
  pixels: Float32Array.from({ length: COLUMNS * ROWS }, (_, at) => valueAt((at % COLUMNS) / COLUMNS)),
});

/** Sees one box of lung, [left, top, right, bottom] in cells of the square, and keeps what it was given. */
function boxNetwork(box: readonly [number, number, number, number]) {
  const seen: Planes[] = [];
  const network: PlaneNetwork = {
    sideMultiple: 8,
    run: async (input) => {
      seen.push(input);
      const values = new Float32Array(3 * input.columns * input.rows);
      for (let j = box[1]; j < box[3]; j++) for (let i = box[0]; i < box[2]; i++) values[j * input.columns + i] = 1;
      return { values, channels: 3, columns: input.columns, rows: input.rows };
    },
  };
  return { network, seen };
}

describe('mapLungs', () => {
  it('puts the film into the middle of a square and the answer back onto the film', async () => {
    const { network, seen } = boxNetwork([20, 40, 60, 80]);
    const lungs = await mapLungs(film(), network);
    expect([seen[0]!.columns, seen[0]!.rows]).toEqual([128, 128]);
    // 64 of 128 rows hold the film; 32 rows above are padding.
    expect(seen[0]!.values.slice(128 * 128).reduce((sum, inside) => sum + inside, 0)).toBe(128 * 64);
    expect([lungs!.columns, lungs!.rows, lungs!.factor]).toEqual([128, 64, 5]);
    expect(lungs!.box.left).toBeCloseTo(102, 3);
    expect(lungs!.box.right).toBeCloseTo(298, 3);
    expect(lungs!.box.top).toBeCloseTo((8 + 0.4) * 5, 3);
  });

  it('tells a film of one lung', async () => {
    const lungs = await mapLungs(film(), boxNetwork([20, 40, 60, 80]).network);
    expect(lungs!.hasBothLungs).toBe(false);
  });

  it('shows the network the same for any gamma and window', async () => {
    const plain = boxNetwork([0, 40, 60, 80]);
    await mapLungs(film(), plain.network);
    const windowed = boxNetwork([0, 40, 60, 80]);
    await mapLungs(
      film((share) => 0.2 + 0.5 * share),
      windowed.network,
    );
    const pairs = [...plain.seen[0]!.values].map((value, at) => Math.abs(value - windowed.seen[0]!.values[at]!));
    expect(Math.max(...pairs.slice(0, 1000))).toBeLessThan(0.02);
    expect(pairs.reduce((sum, difference) => sum + difference, 0) / pairs.length).toBeLessThan(0.005);
  });

  it('is null where no lung of a size is seen', async () => {
    expect(await mapLungs(film(), boxNetwork([20, 40, 24, 44]).network)).toBeNull();
  });
});
