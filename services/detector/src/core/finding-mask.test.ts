import { describe, expect, it } from 'vitest';
import { findingMask } from './finding-mask.js';

const image = (slice: number) => ({ sopClassUid: '1.2', sopInstanceUid: `2.25.${slice}`, seriesInstanceUid: '1.3' });
const VOLUME = { columns: 4, rows: 3, sliceImages: [image(0), image(1), image(2)] };

describe('findingMask', () => {
  it('gives the runs of each slice, whatever the order of the voxels', () => {
    const voxels = Int32Array.of(12 + 7, 1, 2, 12 + 5, 12 + 4, 6);
    expect(findingMask(VOLUME, voxels)).toEqual([
      { image: image(0), runs: [1, 2, 6, 1] },
      { image: image(1), runs: [4, 2, 7, 1] },
    ]);
  });

  it('lets a run go on from the end of a row to the next one, and never to the next slice', () => {
    expect(findingMask(VOLUME, Int32Array.of(3, 4, 11, 12))).toEqual([
      { image: image(0), runs: [3, 2, 11, 1] },
      { image: image(1), runs: [0, 1] },
    ]);
  });
});
