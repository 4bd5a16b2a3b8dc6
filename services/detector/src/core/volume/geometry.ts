import type { Affine } from './volume.js';

/** Patient coordinates in millimetres: x to the left, y to the back, z to the head. Source: PS3.3 C.7.6.2.1.1. */
export type PointLpsMm = readonly [number, number, number];
/** Column, row and slice of a voxel centre; fractions lie between centres. */
export type VoxelIjk = readonly [number, number, number];
/** [column, row]; the top left corner of the top left pixel is [0, 0]. Source: PS3.3 C.18.6.1. */
export type PointPx = readonly [number, number];

/** Distance from the corner of a pixel, where image coordinates start, to its centre, where voxels are addressed. */
const PIXEL_CENTRE_PX = 0.5;

/** Where the voxel (i, j, k), or a point between voxels, lies in the patient. */
export function voxelToLps(affine: Affine, [i, j, k]: VoxelIjk): PointLpsMm {
  return [
    affine[0]! * i + affine[1]! * j + affine[2]! * k + affine[3]!,
    affine[4]! * i + affine[5]! * j + affine[6]! * k + affine[7]!,
    affine[8]! * i + affine[9]! * j + affine[10]! * k + affine[11]!,
  ];
}

/** Which voxel, in fractions, a point of the patient falls on. For many points invert the affine once. */
export function lpsToVoxel(affine: Affine, point: PointLpsMm): VoxelIjk {
  return voxelToLps(invertAffine(affine), point);
}

/** The point on the image where the centre of column i, row j is drawn. */
export function voxelToPixel(i: number, j: number): PointPx {
  return [i + PIXEL_CENTRE_PX, j + PIXEL_CENTRE_PX];
}

/** Column and row, in fractions, whose centre is drawn at a point of the image. */
export function pixelToVoxel([column, row]: PointPx): readonly [number, number] {
  return [column - PIXEL_CENTRE_PX, row - PIXEL_CENTRE_PX];
}

/**
 * The inverse of an affine: patient coordinates to voxels.
 *
 * @throws RangeError when the matrix is singular
 */
export function invertAffine(affine: Affine): Affine {
  const [a, b, c, x, d, e, f, y, g, h, i, z] = affine as unknown as number[] as Tuple12;
  const cofactorA = e * i - f * h;
  const cofactorB = f * g - d * i;
  const cofactorC = d * h - e * g;
  const determinant = a * cofactorA + b * cofactorB + c * cofactorC;
  if (!Number.isFinite(1 / determinant)) {
    throw new RangeError(`invertAffine: expected a matrix that can be inverted; received determinant ${determinant}`);
  }
  const rows = [
    [cofactorA, c * h - b * i, b * f - c * e],
    [cofactorB, a * i - c * g, c * d - a * f],
    [cofactorC, b * g - a * h, a * e - b * d],
  ] as [number, number, number][];
  const inverse = rows.flatMap(([p, q, r]) => [
    p / determinant,
    q / determinant,
    r / determinant,
    -(p * x + q * y + r * z) / determinant,
  ]);
  return Float64Array.from([...inverse, 0, 0, 0, 1]);
}

type Tuple12 = [number, number, number, number, number, number, number, number, number, number, number, number];

/**
 * The affine of a stack of slices.
 *
 * @param rowDirection unit vector along which the column index i grows; the first three of Image Orientation (Patient)
 * @param columnDirection unit vector along which the row index j grows; the last three of it
 * @param spacingMm distance of pixel centres along [i, j]
 * @param firstMm centre of the voxel (0, 0, 0)
 * @param stepMm from the centre of a voxel to that of the one above it in the next slice
 * Source: PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1
 */
export function stackAffine(
  rowDirection: PointLpsMm,
  columnDirection: PointLpsMm,
  spacingMm: readonly [number, number],
  firstMm: PointLpsMm,
  stepMm: PointLpsMm,
): Affine {
  const affine = new Float64Array(16);
  for (let axis = 0; axis < 3; axis++) {
    affine[axis * 4] = rowDirection[axis]! * spacingMm[0];
    affine[axis * 4 + 1] = columnDirection[axis]! * spacingMm[1];
    affine[axis * 4 + 2] = stepMm[axis]!;
    affine[axis * 4 + 3] = firstMm[axis]!;
  }
  affine[15] = 1;
  return affine;
}

export function dot(a: PointLpsMm, b: PointLpsMm): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: PointLpsMm, b: PointLpsMm): PointLpsMm {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function subtract(a: PointLpsMm, b: PointLpsMm): PointLpsMm {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** `a` moved by `factor` times `b`. */
export function addScaled(a: PointLpsMm, factor: number, b: PointLpsMm): PointLpsMm {
  return [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]];
}

export function norm(a: PointLpsMm): number {
  return Math.sqrt(dot(a, a));
}
