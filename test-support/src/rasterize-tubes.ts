import type { SliceGrid } from './paint-slice.js';
import type { Tube } from './phantom-geometry.js';

/** Numbers for each capsule: ax, ay, az, ra, bx, by, bz, rb, stretchZ. */
const STRIDE = 9;

/** Pieces of tubes in one flat array, ready to be cut by slices. */
export interface Capsules {
  readonly data: Float64Array;
  readonly count: number;
  /** Attenuation of each capsule. */
  readonly hu: Float32Array;
}

export function toCapsules(tubes: readonly Tube[]): Capsules {
  const count = tubes.reduce((sum, t) => sum + Math.max(1, t.points.length - 1), 0);
  const data = new Float64Array(count * STRIDE);
  const hu = new Float32Array(count);
  let at = 0;
  for (const t of tubes) {
    const last = t.points.length - 1;
    for (let i = 0; i < Math.max(1, last); i++) {
      const j = Math.min(i + 1, last);
      data.set([...t.points[i]!, t.radiiMm[i]!, ...t.points[j]!, t.radiiMm[j]!, t.stretchZ ?? 1], at * STRIDE);
      hu[at++] = t.hu;
    }
  }
  return { data, count, hu };
}

/**
 * Share of each pixel that tubes fill in one slice, exact to the sampling grid: unions are counted once, and nothing
 * thin is lost, because the grid is finer than the thinnest tube.
 */
export class TubeRaster {
  readonly filled: Float32Array;
  /** Pixels touched since the last `clear`, the first `touchedCount` of it. */
  readonly touched: Int32Array;
  touchedCount = 0;
  private readonly stamp: Int32Array;
  private readonly fineColumns: number;
  private readonly fineRows: number;
  private stampNow = 0;
  private readonly seen: Uint8Array;

  constructor(
    private readonly grid: SliceGrid,
    /** Samples along each side of a pixel. */
    private readonly samples: number,
  ) {
    const { columns, rows } = grid;
    this.filled = new Float32Array(columns * rows);
    this.touched = new Int32Array(columns * rows);
    this.seen = new Uint8Array(columns * rows);
    this.fineColumns = columns * samples;
    this.fineRows = rows * samples;
    this.stamp = new Int32Array(this.fineColumns * this.fineRows);
  }

  clear(): void {
    for (let t = 0; t < this.touchedCount; t++) {
      this.filled[this.touched[t]!] = 0;
      this.seen[this.touched[t]!] = 0;
    }
    this.touchedCount = 0;
  }

  /**
   * Adds the tubes over one slice.
   *
   * @param zCenter middle of the slice, LPS mm
   * @param thicknessMm box profile of the slice
   * @param layers samples through the thickness
   */
  addSlice(capsules: Capsules, members: readonly number[], zCenter: number, thicknessMm: number, layers: number): void {
    const weight = 1 / (this.samples * this.samples * layers);
    for (let layer = 0; layer < layers; layer++) {
      this.stampNow++;
      const z = zCenter + ((layer + 0.5) / layers - 0.5) * thicknessMm;
      for (const member of members) this.addCut(capsules.data, member * STRIDE, z, weight);
    }
  }

  /** Fills the cut of one capsule at height z: points nearer to its axis than the radius there. */
  private addCut(d: Float64Array, o: number, z: number, weight: number): void {
    const stretch = d[o + 8]!;
    const ax = d[o]!;
    const ay = d[o + 1]!;
    const az = d[o + 2]! / stretch;
    const ra = d[o + 3]!;
    const ux = d[o + 4]! - ax;
    const uy = d[o + 5]! - ay;
    const uz = d[o + 6]! / stretch - az;
    const dr = d[o + 7]! - ra;
    const zs = z / stretch - az;
    const r = Math.max(ra, ra + dr);
    // the part of the axis near enough to this height
    let t0 = 0;
    let t1 = 1;
    if (Math.abs(uz) > 1e-9) {
      const p = (zs - r) / uz;
      const q = (zs + r) / uz;
      t0 = Math.max(0, Math.min(p, q));
      t1 = Math.min(1, Math.max(p, q));
      if (t0 > t1) return;
    } else if (Math.abs(zs) > r) return;
    const { pixelMm, originX, originY } = this.grid;
    const step = pixelMm / this.samples;
    const left = originX - pixelMm / 2 + step / 2;
    const top = originY - pixelMm / 2 + step / 2;
    const xa = ax + ux * t0;
    const xb = ax + ux * t1;
    const ya = ay + uy * t0;
    const yb = ay + uy * t1;
    const i0 = Math.max(0, Math.ceil((Math.min(xa, xb) - r - left) / step));
    const i1 = Math.min(this.fineColumns - 1, Math.floor((Math.max(xa, xb) + r - left) / step));
    const j0 = Math.max(0, Math.ceil((Math.min(ya, yb) - r - top) / step));
    const j1 = Math.min(this.fineRows - 1, Math.floor((Math.max(ya, yb) + r - top) / step));
    const squared = ux * ux + uy * uy + uz * uz;
    const inverse = squared > 0 ? 1 / squared : 0;
    for (let j = j0; j <= j1; j++) {
      const py = top + j * step - ay;
      for (let i = i0; i <= i1; i++) {
        const px = left + i * step - ax;
        let t = (px * ux + py * uy + zs * uz) * inverse;
        t = t < 0 ? 0 : Math.min(t, 1);
        const ex = px - ux * t;
        const ey = py - uy * t;
        const ez = zs - uz * t;
        const radius = ra + dr * t;
        if (ex * ex + ey * ey + ez * ez > radius * radius) continue;
        this.mark(i, j, weight);
      }
    }
  }

  private mark(i: number, j: number, weight: number): void {
    const fine = j * this.fineColumns + i;
    if (this.stamp[fine] === this.stampNow) return;
    this.stamp[fine] = this.stampNow;
    const pixel = Math.floor(j / this.samples) * this.grid.columns + Math.floor(i / this.samples);
    if (this.seen[pixel] === 0) {
      this.seen[pixel] = 1;
      this.touched[this.touchedCount++] = pixel;
    }
    this.filled[pixel] = this.filled[pixel]! + weight;
  }

  /** Mixes one attenuation into a slice by the share filled. */
  blend(hu: Float32Array, value: number): void {
    for (let t = 0; t < this.touchedCount; t++) {
      const pixel = this.touched[t]!;
      hu[pixel] = hu[pixel]! + (value - hu[pixel]!) * this.filled[pixel]!;
    }
  }
}

/** For each of `slices` equally spaced slices, the capsules that reach into it. */
export function capsulesBySlice(
  capsules: Capsules,
  firstZ: number,
  spacingMm: number,
  slices: number,
  thicknessMm: number,
): number[][] {
  const lists: number[][] = Array.from({ length: slices }, () => []);
  const { data } = capsules;
  for (let c = 0; c < capsules.count; c++) {
    const o = c * STRIDE;
    const r = Math.max(data[o + 3]!, data[o + 7]!) * data[o + 8]! + thicknessMm / 2;
    const low = Math.min(data[o + 2]!, data[o + 6]!) - r;
    const high = Math.max(data[o + 2]!, data[o + 6]!) + r;
    const k0 = Math.max(0, Math.ceil((low - firstZ) / spacingMm));
    const k1 = Math.min(slices - 1, Math.floor((high - firstZ) / spacingMm));
    for (let k = k0; k <= k1; k++) lists[k]!.push(c);
  }
  return lists;
}
