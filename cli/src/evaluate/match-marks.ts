/** A point in two (pixels) or three (LPS millimetres) dimensions; all points of one call have the same. */
export type Point = readonly number[];

export interface MarkedPlace {
  readonly points: readonly Point[];
}
export interface TrueObject {
  /** One polyline for each branch; a dot is a polyline of one point. */
  readonly polylines: readonly (readonly Point[])[];
}

/**
 * Says which true object each mark hits: the nearest one within the tolerance, or none.
 *
 * The distance is the smallest between any point of the mark and any polyline of the object, so a mark that
 * follows part of a branching cast hits it.
 *
 * @param tolerance in the unit of the points
 * @returns for each mark the index of its object, or null
 */
export function matchMarks(
  marks: readonly MarkedPlace[],
  objects: readonly TrueObject[],
  tolerance: number,
): (number | null)[] {
  return marks.map((mark) => {
    let nearest: number | null = null;
    let nearestDistance = tolerance;
    objects.forEach((object, index) => {
      const distance = distanceToObject(mark, object);
      if (distance > nearestDistance) return;
      nearest = index;
      nearestDistance = distance;
    });
    return nearest;
  });
}

function distanceToObject(mark: MarkedPlace, object: TrueObject): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (const polyline of object.polylines) {
    for (const point of mark.points) smallest = Math.min(smallest, distanceToPolyline(point, polyline));
  }
  return smallest;
}

/** Euclidean distance from a point to a polyline of one or more points. */
export function distanceToPolyline(point: Point, polyline: readonly Point[]): number {
  const first = polyline[0];
  if (first === undefined) return Number.POSITIVE_INFINITY;
  let smallest = distanceToSegment(point, first, first);
  for (let i = 1; i < polyline.length; i++) {
    smallest = Math.min(smallest, distanceToSegment(point, polyline[i - 1]!, polyline[i]!));
  }
  return smallest;
}

function distanceToSegment(point: Point, a: Point, b: Point): number {
  let along = 0;
  let lengthSquared = 0;
  for (let d = 0; d < point.length; d++) {
    along += (point[d]! - a[d]!) * (b[d]! - a[d]!);
    lengthSquared += (b[d]! - a[d]!) ** 2;
  }
  const t = lengthSquared === 0 ? 0 : Math.min(1, Math.max(0, along / lengthSquared));
  let squared = 0;
  for (let d = 0; d < point.length; d++) squared += (a[d]! + t * (b[d]! - a[d]!) - point[d]!) ** 2;
  return Math.sqrt(squared);
}
