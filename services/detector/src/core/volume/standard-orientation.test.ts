import type { Finding } from '@pce/shared/contracts/finding';
import { describe, expect, it } from 'vitest';
import { type PointLpsMm, pixelToVoxel, stackAffine, voxelToLps, voxelToPixel } from './geometry.js';
import type { Radiograph } from './radiograph.js';
import { standardiseRadiograph, standardiseVolume } from './standard-orientation.js';
import type { Volume } from './volume.js';

const IMAGE = { sopClassUid: '1', sopInstanceUid: '2', seriesInstanceUid: '3' };
const [COLUMNS, ROWS, SLICES] = [4, 3, 2];

function volumeTurned(rowDirection: PointLpsMm, columnDirection: PointLpsMm): Volume {
  const spacingMm = [0.5, 0.75, 2] as const;
  return {
    hu: Int16Array.from({ length: COLUMNS * ROWS * SLICES }, (_, at) => at),
    columns: COLUMNS,
    rows: ROWS,
    slices: SLICES,
    spacingMm,
    voxelToLpsMm: stackAffine(rowDirection, columnDirection, [0.5, 0.75], [10, 20, 30], [0, 0, 2]),
    sliceThicknessMm: 2,
    clippedAtHu: 3071,
    sliceImages: [IMAGE, IMAGE],
    seriesInstanceUid: '3',
    frameOfReferenceUid: null,
    remarks: [],
  };
}

function findingAt(point: readonly [number, number]): Finding {
  return { regions: [{ image: IMAGE, purpose: 'centre', pointsPx: [[...point]] }] } as unknown as Finding;
}

/** All ways the axial plane can lie, in right angles. */
const TURNS = (
  [
    [
      [1, 0, 0],
      [0, 1, 0],
    ],
    [
      [-1, 0, 0],
      [0, -1, 0],
    ],
    [
      [-1, 0, 0],
      [0, 1, 0],
    ],
    [
      [1, 0, 0],
      [0, -1, 0],
    ],
    [
      [0, 1, 0],
      [1, 0, 0],
    ],
    [
      [0, 1, 0],
      [-1, 0, 0],
    ],
    [
      [0, -1, 0],
      [1, 0, 0],
    ],
    [
      [0, -1, 0],
      [-1, 0, 0],
    ],
  ] as [PointLpsMm, PointLpsMm][]
).map(([row, column]) => ({ name: `${row} / ${column}`, row, column }));

describe('standardiseVolume', () => {
  it.each(TURNS)('turns $name and keeps every value at its place in the patient', ({ row, column }) => {
    const stored = volumeTurned(row, column);
    const { image, toStored } = standardiseVolume(stored);
    expect(image.voxelToLpsMm[0]).toBeGreaterThan(0);
    expect(image.voxelToLpsMm[5]).toBeGreaterThan(0);
    expect([image.voxelToLpsMm[1], image.voxelToLpsMm[4]].map(Math.abs)).toEqual([0, 0]);
    for (let k = 0; k < SLICES; k++) {
      for (let j = 0; j < image.rows; j++) {
        for (let i = 0; i < image.columns; i++) {
          const value = image.hu[(k * image.rows + j) * image.columns + i]!;
          const [px] = toStored(findingAt(voxelToPixel(i, j))).regions[0]!.pointsPx;
          const [p, q] = pixelToVoxel(px!);
          expect(stored.hu[(k * ROWS + q) * COLUMNS + p]).toBe(value);
          const here = voxelToLps(image.voxelToLpsMm, [i, j, k]);
          const there = voxelToLps(stored.voxelToLpsMm, [p, q, k]);
          here.forEach((mm, axis) => {
            expect(mm).toBeCloseTo(there[axis]!, 9);
          });
        }
      }
    }
  });

  it('leaves a volume that lies as usual alone', () => {
    const stored = volumeTurned([1, 0, 0], [0, 1, 0]);
    expect(standardiseVolume(stored).image).toBe(stored);
  });
});

describe('standardiseRadiograph', () => {
  const film = (headIsOn: Radiograph['headIsOn'], patientLeftIsOn: Radiograph['patientLeftIsOn']): Radiograph => ({
    pixels: Float32Array.from({ length: COLUMNS * ROWS }, (_, at) => at),
    columns: COLUMNS,
    rows: ROWS,
    spacingMm: [0.5, 0.75],
    calibration: 'calibrated',
    view: 'PA',
    viewSource: 'tags',
    bodyPart: 'chest',
    patientLeftIsOn,
    ...(headIsOn === undefined ? {} : { headIsOn }),
    image: IMAGE,
    remarks: [],
  });

  it.each([
    ['upside down and mirrored', 'bottom', 'left', 0, [3.5, 2.5]],
    ['upside down', 'bottom', 'right', 3, [3.5, 2.5]],
    ['mirrored', 'top', 'left', 8, [3.5, 2.5]],
    ['with the head to the left', 'left', null, 11, [2.5, 3.5]],
    ['with the head to the right', 'right', null, 8, [2.5, 3.5]],
  ] as const)('turns a film %s', (_, head, left, valueOfLast, last) => {
    const stored = film(head, left);
    const { image, toStored } = standardiseRadiograph(stored);
    expect(image.headIsOn).toBe('top');
    expect(image.patientLeftIsOn).not.toBe('left');
    expect(image.pixels.at(-1)).toBe(valueOfLast);
    const [[column, row]] = toStored(findingAt(last)).regions[0]!.pointsPx as [[number, number]];
    expect(stored.pixels[Math.floor(row) * COLUMNS + Math.floor(column)]).toBe(valueOfLast);
    expect(image.spacingMm).toEqual(left === null ? [0.75, 0.5] : [0.5, 0.75]);
  });

  it('leaves a film whose orientation is unknown alone', () => {
    const stored = film(undefined, null);
    expect(standardiseRadiograph(stored).image).toBe(stored);
  });
});
