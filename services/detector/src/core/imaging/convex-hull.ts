/**
 * Fills the convex hull of the marked samples of one slice.
 *
 * @param mask shape [ny, nx], flat.
 * @returns a mask of the same shape: 1 inside or on the hull.
 */
export function fillConvexHull(mask: Uint8Array, nx: number, ny: number): Uint8Array {
  const filled = new Uint8Array(nx * ny);
  const points = outermostPoints(mask, nx, ny);
  if (points.length === 0) return filled;
  const hull = convexHull(points);
  for (let y = points[0]![1]; y <= points[points.length - 1]![1]; y++) {
    let from = Infinity;
    let to = -Infinity;
    for (let a = 0; a < hull.length; a++) {
      const [x0, y0] = hull[a]!;
      const [x1, y1] = hull[(a + 1) % hull.length]!;
      if (y < Math.min(y0, y1) || y > Math.max(y0, y1)) continue;
      const crossings = y0 === y1 ? [x0, x1] : [x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)];
      from = Math.min(from, ...crossings);
      to = Math.max(to, ...crossings);
    }
    for (let x = Math.ceil(from - 1e-9); x <= to + 1e-9; x++) filled[y * nx + x] = 1;
  }
  return filled;
}

type Point = readonly [x: number, y: number];

/** First and last marked sample of each row, rows ascending: no other can be on the hull. */
function outermostPoints(mask: Uint8Array, nx: number, ny: number): Point[] {
  const points: Point[] = [];
  for (let y = 0; y < ny; y++) {
    const row = mask.subarray(y * nx, (y + 1) * nx);
    const first = row.findIndex((value) => value !== 0);
    if (first < 0) continue;
    points.push([first, y]);
    const last = row.findLastIndex((value) => value !== 0);
    if (last > first) points.push([last, y]);
  }
  return points;
}

/** Andrew's monotone chain over points sorted by y. */
function convexHull(points: readonly Point[]): Point[] {
  if (points.length < 3) return [...points];
  const turn = (o: Point, a: Point, b: Point): number => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const chain = (ordered: readonly Point[]): Point[] => {
    const kept: Point[] = [];
    for (const point of ordered) {
      while (kept.length > 1 && turn(kept[kept.length - 2]!, kept[kept.length - 1]!, point) <= 0) kept.pop();
      kept.push(point);
    }
    kept.pop();
    return kept;
  };
  return [...chain(points), ...chain([...points].reverse())];
}
