import type { Ellipsoid } from './phantom-geometry.js';

/** An axial raster: pixel (i, j) has its centre at (originX + i * pixelMm, originY + j * pixelMm), LPS mm. */
export interface SliceGrid {
  readonly columns: number;
  readonly rows: number;
  readonly pixelMm: number;
  readonly originX: number;
  readonly originY: number;
}

/** The share of a pixel inside a surface whose signed distance is given: a linear edge one pixel wide. */
const coverage = (distanceMm: number, pixelMm: number): number => {
  const c = 0.5 - distanceMm / pixelMm;
  return c <= 0 ? 0 : Math.min(c, 1);
};

/** Calls for every pixel of a box in LPS mm, clipped to the grid. */
export function forBox(
  grid: SliceGrid,
  box: readonly [x0: number, x1: number, y0: number, y1: number],
  visit: (index: number, x: number, y: number) => void,
): void {
  const { columns, rows, pixelMm, originX, originY } = grid;
  const i0 = Math.max(0, Math.floor((box[0] - originX) / pixelMm));
  const i1 = Math.min(columns - 1, Math.ceil((box[1] - originX) / pixelMm));
  const j0 = Math.max(0, Math.floor((box[2] - originY) / pixelMm));
  const j1 = Math.min(rows - 1, Math.ceil((box[3] - originY) / pixelMm));
  for (let j = j0; j <= j1; j++) {
    const y = originY + j * pixelMm;
    for (let i = i0; i <= i1; i++) visit(j * columns + i, originX + i * pixelMm, y);
  }
}

/**
 * Paints an ellipse, or with `square` above 0 a squircle, of one attenuation over what is there.
 *
 * @param square 0 for an ellipse, up to 0.95 for nearly a rectangle
 */
export function paintEllipse(
  hu: Float32Array,
  grid: SliceGrid,
  ellipse: { centerX: number; centerY: number; halfWidth: number; halfDepth: number; square?: number },
  value: number,
): void {
  const { centerX, centerY, halfWidth, halfDepth, square = 0 } = ellipse;
  const { pixelMm } = grid;
  if (halfWidth <= 0 || halfDepth <= 0) return;
  const box = [centerX - halfWidth, centerX + halfWidth, centerY - halfDepth, centerY + halfDepth] as const;
  const smaller = Math.min(halfWidth, halfDepth);
  const sure = 1 - (2 * pixelMm) / smaller;
  forBox(grid, box, (index, x, y) => {
    const u = (x - centerX) / halfWidth;
    const v = (y - centerY) / halfDepth;
    const q = u * u + v * v - square * u * u * v * v;
    if (q >= 1.6) return;
    if (q < sure * sure) {
      hu[index] = value;
      return;
    }
    const gradient = 2 * Math.hypot((u * (1 - square * v * v)) / halfWidth, (v * (1 - square * u * u)) / halfDepth);
    const c = coverage((q - 1) / (gradient + 1e-6), pixelMm);
    if (c > 0) hu[index] = hu[index]! + (value - hu[index]!) * c;
  });
}

/** Paints the cut of an ellipsoid at height `z`, with an edge as wide as a pixel. */
export function paintEllipsoid(hu: Float32Array, grid: SliceGrid, shape: Ellipsoid, z: number, value = shape.hu): void {
  const [a, b, c] = shape.semiAxesMm;
  const axes =
    shape.axes ??
    ([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ] as const);
  const dz = z - shape.center[2];
  const half = (k: 0 | 1 | 2) => Math.hypot(axes[0][k] * a, axes[1][k] * b, axes[2][k] * c);
  if (Math.abs(dz) > half(2) + grid.pixelMm) return;
  const box = [
    shape.center[0] - half(0),
    shape.center[0] + half(0),
    shape.center[1] - half(1),
    shape.center[1] + half(1),
  ] as const;
  const inverse = [1 / a, 1 / b, 1 / c];
  forBox(grid, box, (index, x, y) => {
    const dx = x - shape.center[0];
    const dy = y - shape.center[1];
    let q = 0;
    let gradient = 0;
    for (let k = 0; k < 3; k++) {
      const axis = axes[k]!;
      const s = (dx * axis[0] + dy * axis[1] + dz * axis[2]) * inverse[k]!;
      q += s * s;
      gradient += s * s * inverse[k]! * inverse[k]!;
    }
    if (q > 4) return;
    const share = coverage((q - 1) / (2 * Math.sqrt(gradient) + 1e-6), grid.pixelMm);
    if (share > 0) hu[index] = hu[index]! + (value - hu[index]!) * share;
  });
}
