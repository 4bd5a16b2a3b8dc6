import type { GreyPicture, Mark } from './picture.js';

/** A picture with its marks still apart: numbers are drawn once the findings of the whole study are numbered. */
export interface Sketch {
  readonly picture: GreyPicture;
  readonly marks: readonly Mark[];
  /** The one finding the picture is of; null for an overview. */
  readonly findingId: number | null;
  /** For people: "axial close-up, 90 mm". */
  readonly caption: string;
}

/** Findings beyond this number get no pictures of their own: a report counts exactly to 12. Source: clinical.md. */
export const MAX_PICTURED_FINDINGS = 12;

/** The rectangle around some points. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

export function boundsOf(points: readonly (readonly [number, number])[]): Bounds {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return {
    x: (left + right) / 2,
    y: (top + bottom) / 2,
    halfWidth: (right - left) / 2,
    halfHeight: (bottom - top) / 2,
  };
}
