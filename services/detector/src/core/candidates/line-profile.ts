import { FILM_HEAT } from '../parameters.js';
import type { WorkingFilm } from './working-film.js';

/** A line as its mean profile shows it. */
export interface LineProfile {
  readonly widthPx: number;
  readonly contrastToNoise: number;
  readonly contrastToSpread: number;
}

/** How far a profile may be shifted so that its crest lies in the middle, working pixels. */
const MAX_SHIFT = 2;
/** Points to either side along the path that give it its direction. */
const DIRECTION_REACH = 3;
/** Median absolute difference of two normal values, in standard deviations of one. */
const MEDIAN_OF_DIFFERENCES = 0.954;
/** Noise of an 8-bit film: half a grey level. */
const LEAST_NOISE = 0.5 / 255;

/**
 * Measures a line on the profiles across it, each shifted so that its crest lies in the middle, then averaged.
 *
 * @param path [column, row] of pixel centres of the working film
 */
export function measureLine(
  path: readonly (readonly [number, number])[],
  film: WorkingFilm,
  contrast: { fine: Float32Array; spread: Float32Array },
): LineProfile {
  const reach = FILM_HEAT.profileReachPx;
  const profile = new Float64Array(2 * reach + 1);
  const differences: number[] = [];
  let spread = 0;
  path.forEach((point, n) => {
    const [dx, dy] = directionAt(path, n);
    const crest = crestNear(film, point, dx, dy);
    let before = Number.NaN;
    for (let r = -reach; r <= reach; r++) {
      const value = valueAt(film, film.pixels, point[0] - dy * (r + crest), point[1] + dx * (r + crest));
      profile[r + reach]! += value / path.length;
      if (Math.abs(r) > reach / 2 && !Number.isNaN(before)) differences.push(Math.abs(value - before));
      before = value;
    }
    spread += valueAt(film, contrast.spread, point[0], point[1]) / path.length;
  });
  differences.sort((a, b) => a - b);
  const noise = Math.max(LEAST_NOISE, (differences[Math.floor(differences.length / 2)] ?? 0) / MEDIAN_OF_DIFFERENCES);
  const base = (lowestMean(profile.subarray(0, reach)) + lowestMean(profile.subarray(reach + 1))) / 2;
  const height = Math.max(0, profile[reach]! - base);
  return {
    widthPx: Math.sqrt(Math.max(0.25, widthAtHalf(profile, base + height / 2) ** 2 - FILM_HEAT.blurWidthPx ** 2)),
    contrastToNoise: height / noise,
    contrastToSpread: height / spread,
  };
}

function directionAt(path: readonly (readonly [number, number])[], n: number): [number, number] {
  const [from, to] = [path[Math.max(0, n - DIRECTION_REACH)]!, path[Math.min(path.length - 1, n + DIRECTION_REACH)]!];
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  return length > 0 ? [(to[0] - from[0]) / length, (to[1] - from[1]) / length] : [1, 0];
}

function crestNear(film: WorkingFilm, [x, y]: readonly [number, number], dx: number, dy: number): number {
  let best = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (let r = -MAX_SHIFT; r <= MAX_SHIFT; r += 0.5) {
    const value = valueAt(film, film.pixels, x - dy * r, y + dx * r);
    if (value > highest) {
      highest = value;
      best = r;
    }
  }
  return best;
}

function valueAt(film: WorkingFilm, plane: Float32Array, x: number, y: number): number {
  const cx = Math.min(film.columns - 1, Math.max(0, x));
  const cy = Math.min(film.rows - 1, Math.max(0, y));
  const [i, j] = [Math.floor(cx), Math.floor(cy)];
  const [i1, j1] = [Math.min(film.columns - 1, i + 1), Math.min(film.rows - 1, j + 1)];
  const upper = plane[j * film.columns + i]! * (1 - cx + i) + plane[j * film.columns + i1]! * (cx - i);
  const lower = plane[j1 * film.columns + i]! * (1 - cx + i) + plane[j1 * film.columns + i1]! * (cx - i);
  return upper * (1 - cy + j) + lower * (cy - j);
}

/** Mean of the lower half of a flank: a neighbouring rib or vessel is no surroundings. */
function lowestMean(flank: Float64Array): number {
  const sorted = [...flank].sort((a, b) => a - b).slice(0, Math.ceil(flank.length / 2));
  return sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
}

function widthAtHalf(profile: Float64Array, half: number): number {
  const middle = (profile.length - 1) / 2;
  const edge = (step: number): number => {
    let r = 0;
    while (r < middle && profile[middle + step * (r + 1)]! > half) r += 1;
    if (r === middle) return middle;
    const [inner, outer] = [profile[middle + step * r]!, profile[middle + step * (r + 1)]!];
    return r + (inner > outer ? Math.min(1, (inner - half) / (inner - outer)) : 0);
  };
  return edge(1) + edge(-1);
}
