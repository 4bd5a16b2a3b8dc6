import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cross,
  invertAffine,
  lpsToVoxel,
  norm,
  type PointLpsMm,
  pixelToVoxel,
  stackAffine,
  voxelToLps,
  voxelToPixel,
} from './geometry.js';

const number = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true });
const triple = (least: number, most: number) => fc.tuple(number(least, most), number(least, most), number(least, most));

describe('geometry', () => {
  it('finds the voxel of every point it places, for any orientation and shear', () => {
    fc.assert(
      fc.property(
        triple(-1, 1),
        triple(-1, 1),
        triple(-300, 300),
        triple(-5, 5),
        triple(-50, 500),
        (a, b, first, shear, ijk) => {
          fc.pre(norm(a) > 0.1 && norm(cross(a, b)) > 0.1);
          const row = a.map((x) => x / norm(a)) as unknown as PointLpsMm;
          const normal = cross(row, b).map((x) => x / norm(cross(row, b))) as unknown as PointLpsMm;
          const column = cross(normal, row);
          const step = [0, 1, 2].map(
            (axis) => 2 * normal[axis]! + 0.1 * shear[axis]! * row[axis]!,
          ) as unknown as PointLpsMm;
          const affine = stackAffine(row, column, [0.7, 0.8], first, step);
          fc.pre(Math.abs(normal[0] * step[0] + normal[1] * step[1] + normal[2] * step[2]) > 0.5);
          const back = lpsToVoxel(affine, voxelToLps(affine, ijk));
          back.forEach((value, axis) => {
            expect(value).toBeCloseTo(ijk[axis]!, 5);
          });
        },
      ),
    );
  });

  it('draws a voxel centre half a pixel from the corner', () => {
    expect(voxelToPixel(0, 7)).toEqual([0.5, 7.5]);
    expect(pixelToVoxel(voxelToPixel(3, 4))).toEqual([3, 4]);
  });

  it('refuses a matrix that cannot be inverted', () => {
    expect(() => invertAffine(new Float64Array(16))).toThrow(RangeError);
  });
});
