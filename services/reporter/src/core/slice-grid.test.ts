import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom, type DicomAttributes } from '@pce/test-support/dicom-builder';
import { describe, expect, it } from 'vitest';
import { sliceGrid } from './slice-grid.js';

const TILTED: DicomAttributes = {
  Rows: 20,
  Columns: 30,
  PixelSpacing: [0.5, 0.8],
  ImagePositionPatient: [10, -20, 30],
  ImageOrientationPatient: [0, 1, 0, 0, 0, -1],
};
const headerOf = (attributes: DicomAttributes) => readPart10(buildDicom({ attributes })).dataset;

describe('sliceGrid', () => {
  it('places pixels by position, orientation and spacing: rows first in Pixel Spacing', () => {
    const grid = sliceGrid(headerOf(TILTED), 1)!;
    expect(grid.pointOf(0, 0)).toEqual([10, -20, 30]);
    expect(grid.pointOf(10, 0)).toEqual([10, -12, 30]);
    expect(grid.pointOf(0, 10)).toEqual([10, -20, 25]);
  });

  it('finds the pixel of a point again, and how far the point is from the slice', () => {
    const grid = sliceGrid(headerOf(TILTED), 1)!;
    const [x, y, z] = grid.pointOf(7, 4) as [number, number, number];
    const { column, row, outOfPlaneMm } = grid.pixelOf([x + 3, y, z]);
    expect(column).toBeCloseTo(7);
    expect(row).toBeCloseTo(4);
    expect(Math.abs(outOfPlaneMm)).toBeCloseTo(3);
  });

  it('is nothing where the header does not say, or says nonsense', () => {
    expect(sliceGrid(headerOf({ ...TILTED, ImagePositionPatient: undefined }), 1)).toBeNull();
    expect(sliceGrid(headerOf({ ...TILTED, PixelSpacing: [0, 0.8] }), 1)).toBeNull();
    expect(sliceGrid(headerOf({ ...TILTED, Columns: undefined }), 1)).toBeNull();
  });
});
