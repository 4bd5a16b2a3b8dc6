import type { AnatomyGrid } from './anatomy-grid.js';

/** One connected piece of air, in cells of the anatomy grid. */
export interface AirCore {
  readonly label: number;
  readonly size: number;
  readonly meanHu: number;
  readonly centre: readonly [number, number, number];
  readonly first: readonly [number, number, number];
  readonly last: readonly [number, number, number];
}

/**
 * Size, density and place of each labelled piece, largest first.
 *
 * @param labelCount number of labels, 0 (outside) included
 */
export function describeCores(labels: Int32Array, labelCount: number, anatomy: AnatomyGrid): AirCore[] {
  const { nx, ny } = anatomy.grid;
  const pieces = Array.from({ length: labelCount }, (_, label) => ({
    label,
    size: 0,
    meanHu: 0,
    centre: [0, 0, 0] as [number, number, number],
    first: [Infinity, Infinity, Infinity] as [number, number, number],
    last: [-1, -1, -1] as [number, number, number],
  }));
  const at = [0, 0, 0];
  for (let n = 0; n < labels.length; n++) {
    if (labels[n] === 0) continue;
    const piece = pieces[labels[n]!]!;
    at[0] = n % nx;
    at[1] = Math.floor(n / nx) % ny;
    at[2] = Math.floor(n / (nx * ny));
    piece.size++;
    piece.meanHu += anatomy.meanHu[n]!;
    for (let axis = 0; axis < 3; axis++) {
      piece.centre[axis]! += at[axis]!;
      if (at[axis]! < piece.first[axis]!) piece.first[axis] = at[axis]!;
      if (at[axis]! > piece.last[axis]!) piece.last[axis] = at[axis]!;
    }
  }
  for (const piece of pieces) {
    piece.meanHu /= piece.size;
    for (let axis = 0; axis < 3; axis++) piece.centre[axis]! /= piece.size;
  }
  return pieces.slice(1).sort((a, b) => b.size - a.size);
}
