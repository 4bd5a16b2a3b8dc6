import type { ImageReference } from '@pce/shared/contracts/image-reference';

/** Row-major 4 x 4 matrix. */
export type Affine = Float64Array;

/**
 * A CT volume in Hounsfield units.
 *
 * `hu` is flat with shape [slices, rows, columns]: the voxel (i, j, k), column i of row j of slice k, is at
 * `(k * rows + j) * columns + i`. Slices are ordered from the feet to the head where the orientation allows
 * (rising position along the slice normal that points to the head), at equal spacing.
 */
export interface Volume {
  readonly hu: Int16Array;
  readonly columns: number;
  readonly rows: number;
  readonly slices: number;
  /** Distance of voxel centres along [i, j, k], in millimetres. k is slice spacing, not thickness. */
  readonly spacingMm: readonly [number, number, number];
  /** Voxel centre (i, j, k, 1) to patient coordinates (LPS, millimetres). */
  readonly voxelToLpsMm: Affine;
  readonly sliceThicknessMm: number | null;
  /** Stored values end here: this attenuation or more is clipped. */
  readonly clippedAtHu: number;
  /** The image of each slice, by k. A slice filled in for a missing one refers to its nearest neighbour. */
  readonly sliceImages: readonly ImageReference[];
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string | null;
  /** What the reader of a report should know: "2 slices missing, filled by interpolation". */
  readonly remarks: readonly string[];
}
