import { describe, expect, it } from 'vitest';
import { findHeatCandidates } from './heat-candidates.js';
import type { WorkingFilm } from './working-film.js';

const SIDE = 64;

/** An answer of the network with straight runs of a probability: [column, row, length] of each. */
function heatWith(runs: readonly (readonly [number, number, number])[], probability = 0.9) {
  const values = new Float32Array(2 * SIDE * SIDE);
  for (const [x, y, length] of runs) for (let n = 0; n < length; n++) values[y * SIDE + x + n] = probability;
  return { values, channels: 2, columns: SIDE, rows: SIDE };
}

const film: WorkingFilm = {
  pixels: new Float32Array(4 * SIDE * SIDE).fill(0.5),
  lung: new Float32Array(4 * SIDE * SIDE).fill(1),
  columns: 2 * SIDE,
  rows: 2 * SIDE,
  left: 0,
  top: 0,
  step: 1,
  assumedPixelMm: 0.4,
};

describe('findHeatCandidates', () => {
  it('finds nothing in nothing', () => {
    expect(findHeatCandidates(heatWith([]), film)).toEqual([]);
  });

  it('places a line at twice the pixels of the answer', () => {
    const [line, ...others] = findHeatCandidates(heatWith([[10, 20, 12]]), film);
    expect(others).toEqual([]);
    expect(line!.paths[0]!.every(([, y]) => y === 40.5)).toBe(true);
    expect(line!.pieceCount).toBe(1);
    expect(line!.meanHeat).toBeCloseTo(0.9, 5);
  });

  it('takes beads in a row for one cast, and what lies far off for another', () => {
    const beads = [
      [10, 20, 4],
      [17, 20, 4],
      [24, 20, 4],
      [10, 40, 6],
    ] as const;
    const found = findHeatCandidates(heatWith(beads), film);
    expect(found.map(({ pieceCount }) => pieceCount).sort()).toEqual([1, 3]);
  });

  it('does not start from what is only followed', () => {
    expect(findHeatCandidates(heatWith([[10, 20, 12]], 0.2), film)).toEqual([]);
  });
});
