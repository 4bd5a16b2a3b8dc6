import { type Grid, gridSize } from './grid.js';

/** Width of a bucket of the queue: far below any slice spacing. */
const BUCKET_MM = 0.25;

/**
 * Distance along paths inside a mask from the nearest marked sample, and whose mark it was.
 *
 * Paths go through faces (6 neighbours), so distances are city-block ones.
 *
 * @param mask samples a path may enter, shape [nz, ny, nx].
 * @param marks 0, or the mark a path starts from; marked samples count as inside.
 * @param limitMm paths end here.
 * @returns the mark that reached each sample first, 0 where none did.
 */
export function growMarks(mask: ArrayLike<number>, marks: Uint8Array, grid: Grid, limitMm: number): Uint8Array {
  const { nx, ny, nz } = grid;
  const layer = nx * ny;
  const reached = marks.slice();
  const steps = grid.spacingMm.map((spacingMm) => Math.max(1, Math.round(spacingMm / BUCKET_MM)));
  const [stepX, stepY, stepZ] = steps as [number, number, number];
  const limit = Math.floor(limitMm / BUCKET_MM);
  const buckets: number[][] = Array.from({ length: limit + 1 }, () => []);
  for (let n = 0; n < gridSize(grid); n++) if (marks[n]) buckets[0]!.push(n);
  const settled = new Uint8Array(gridSize(grid));
  const owner = marks.slice();
  const best = new Uint16Array(gridSize(grid)).fill(65_535);
  for (const n of buckets[0]!) best[n] = 0;
  for (let distance = 0; distance <= limit; distance++) {
    const bucket = buckets[distance]!;
    for (let b = 0; b < bucket.length; b++) {
      const n = bucket[b]!;
      if (settled[n]) continue;
      settled[n] = 1;
      reached[n] = owner[n]!;
      const visit = (next: number, step: number): void => {
        const total = distance + step;
        if (settled[next] || !mask[next] || total > limit || total >= best[next]!) return;
        best[next] = total;
        owner[next] = owner[n]!;
        buckets[total]!.push(next);
      };
      const x = n % nx;
      const y = ((n - x) / nx) % ny;
      const z = Math.floor(n / layer);
      if (x > 0) visit(n - 1, stepX);
      if (x < nx - 1) visit(n + 1, stepX);
      if (y > 0) visit(n - nx, stepY);
      if (y < ny - 1) visit(n + nx, stepY);
      if (z > 0) visit(n - layer, stepZ);
      if (z < nz - 1) visit(n + layer, stepZ);
    }
    bucket.length = 0;
  }
  return reached;
}
