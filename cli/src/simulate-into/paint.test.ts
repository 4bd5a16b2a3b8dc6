import type { Volume } from '@pce/detector/core/volume/volume';
import { describe, expect, it } from 'vitest';
import { describeInset, HU } from './inset.js';
import { paintInsets } from './paint.js';

const spacingMm = [0.7, 0.7, 2] as const;
const [columns, rows, slices] = [60, 60, 20];

function emptyVolume(): Volume {
  return {
    hu: new Int16Array(columns * rows * slices),
    columns,
    rows,
    slices,
    spacingMm,
    voxelToLpsMm: Float64Array.of(0.7, 0, 0, 0, 0, 0.7, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1),
    sliceThicknessMm: 2,
    clippedAtHu: 3071,
    sliceImages: [],
    seriesInstanceUid: '2.25.1',
    frameOfReferenceUid: null,
    remarks: [],
  };
}

const imaging = { psfMm: 0.6, thicknessMm: 2, spill: 0.1, clippedAtHu: 3071, seed: 1 };

function cast(from: number, to: number) {
  const what = { kind: 'pulmonary-cement-embolism', mimic: null, morphology: 'tubular', site: null } as const;
  const points = [
    [15, 21, from],
    [27, 21, to],
  ] as const;
  return describeInset([{ points, radiiMm: [1, 1], hu: 3000 }], { ...what, displacedHu: HU.lung });
}

describe('paintInsets', () => {
  it('keeps the amount of material, however it is blurred and cut', () => {
    for (const to of [12, 20, 29]) {
      const hu = new Float32Array(columns * rows * slices);
      const inset = cast(12, to);
      paintInsets(hu, emptyVolume(), [inset], imaging);
      const painted = hu.reduce((sum, value) => sum + value, 0) * 0.7 * 0.7 * 2;
      const lengthMm = Math.hypot(12, to - 12);
      const volumeMm3 = Math.PI * lengthMm + (4 / 3) * Math.PI;
      expect(painted / (volumeMm3 * (3000 - HU.lung))).toBeCloseTo(1, 1);
    }
  });
  it('gives the peak before clipping', () => {
    const hu = new Float32Array(columns * rows * slices);
    const [peakHu] = paintInsets(hu, emptyVolume(), [cast(12, 12)], imaging);
    expect(peakHu).toBeCloseTo(Math.max(...hu), 3);
  });
});
