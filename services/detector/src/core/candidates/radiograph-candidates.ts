import { isInField, type LungFields } from '../anatomy/lung-fields.js';
import { brightRidges } from '../imaging/bright-ridges.js';
import { collectPieces, neighboursOf, traceLine } from '../imaging/line-graph.js';
import type { GreyImage } from '../imaging/resample-image.js';
import { thinLines } from '../imaging/thin-lines.js';
import { FILM_LINES } from '../parameters.js';

/** A bright line in a lung field, in working pixels. */
export interface FilmCandidate {
  /** The longest way along the line, [column, row] of pixel centres. */
  readonly path: readonly (readonly [number, number])[];
  readonly lengthPx: number;
  readonly widthPx: number;
  /** Mean response over the median response of the lung fields. */
  readonly strength: number;
  /** Mean difference to the brighter flank over the noise of the flanks. */
  readonly contrastToNoise: number;
  readonly branchCount: number;
  /** Share of it within `FILM_LINES.edgePx` of the edge of the lung field. */
  readonly edgeShare: number;
  /** Share of it that has a parallel line at the distance of a rib's other edge. */
  readonly parallelShare: number;
}

/** Finds bright lines in the lung fields of an image at working size. */
export function findFilmCandidates(image: GreyImage, fields: LungFields, fieldScale: number): FilmCandidate[] {
  const { columns, rows } = image;
  const inField = (x: number, y: number): boolean => isInField(fields, x * fieldScale, y * fieldScale);
  const ridges = brightRidges(image, FILM_LINES.sigmasPx);
  const typical = medianInField(ridges.strength, columns, inField);
  if (typical === 0) return [];
  const mask = followLines(ridges.strength, columns, rows, typical, inField);
  thinLines(mask, columns, rows);
  const lines = collectPieces(mask, columns);
  const direction = directionsOf(lines, columns, rows);
  return lines
    .map((line) => describeLine(line, image, ridges, typical, inField, direction))
    .filter((candidate) => candidate.lengthPx >= FILM_LINES.minLengthPx)
    .sort((a, b) => b.strength * b.contrastToNoise - a.strength * a.contrastToNoise)
    .slice(0, FILM_LINES.maxCandidates);
}

type InField = (x: number, y: number) => boolean;

function medianInField(strength: Float32Array, columns: number, inField: InField): number {
  const values: number[] = [];
  for (let at = 0; at < strength.length; at += 3) {
    if (inField(at % columns, Math.floor(at / columns))) values.push(strength[at]!);
  }
  if (values.length === 0) return 0;
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)]!;
}

/** Hysteresis: pixels above the lower ratio that hang together with one above the higher. */
function followLines(
  strength: Float32Array,
  columns: number,
  rows: number,
  typical: number,
  inField: InField,
): Uint8Array {
  const mask = new Uint8Array(strength.length);
  const stack: number[] = [];
  const low = FILM_LINES.followRatio * typical;
  for (let seed = 0; seed < strength.length; seed++) {
    if (strength[seed]! < FILM_LINES.startRatio * typical || mask[seed] !== 0) continue;
    if (!inField(seed % columns, Math.floor(seed / columns))) continue;
    mask[seed] = 1;
    stack.push(seed);
    while (stack.length > 0) {
      const at = stack.pop()!;
      for (const next of neighboursOf(at, columns, rows)) {
        if (mask[next] !== 0 || strength[next]! < low) continue;
        if (!inField(next % columns, Math.floor(next / columns))) continue;
        mask[next] = 1;
        stack.push(next);
      }
    }
  }
  return mask;
}

/** Direction of the line through each line pixel, radians modulo pi; NaN elsewhere. */
function directionsOf(lines: readonly number[][], columns: number, rows: number): Float32Array {
  const direction = new Float32Array(columns * rows).fill(Number.NaN);
  for (const line of lines) {
    for (let n = 0; n < line.length; n++) {
      const at = line[n]!;
      const x = at % columns;
      const y = Math.floor(at / columns);
      let xx = 0;
      let xy = 0;
      let yy = 0;
      for (const other of line) {
        const dx = (other % columns) - x;
        const dy = Math.floor(other / columns) - y;
        if (dx * dx + dy * dy > DIRECTION_REACH_PX ** 2) continue;
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
      }
      direction[at] = Math.atan2(2 * xy, xx - yy) / 2;
    }
  }
  return direction;
}

/** Pixels to either side that give a line its direction. */
const DIRECTION_REACH_PX = 6;

function describeLine(
  line: readonly number[],
  image: GreyImage,
  ridges: { strength: Float32Array; scale: Uint8Array },
  typical: number,
  inField: InField,
  direction: Float32Array,
): FilmCandidate {
  const { columns } = image;
  const { path, lengthPx, branches } = traceLine(line, columns, FILM_LINES.minLengthPx);
  const mean = (value: (at: number) => number): number => line.reduce((sum, at) => sum + value(at), 0) / line.length;
  const sigma = mean((at) => FILM_LINES.sigmasPx[ridges.scale[at]!]!);
  const widthPx = WIDTH_PER_SIGMA * sigma;
  const edge = FILM_LINES.edgePx;
  const isAtEdge = (at: number): boolean => {
    const x = at % columns;
    const y = Math.floor(at / columns);
    return !(inField(x - edge, y) && inField(x + edge, y) && inField(x, y - edge) && inField(x, y + edge));
  };
  return {
    path: path.map((at) => [at % columns, Math.floor(at / columns)] as const),
    lengthPx,
    widthPx,
    strength: mean((at) => ridges.strength[at]!) / typical,
    contrastToNoise: contrastOf(line, image, direction, widthPx),
    branchCount: branches.length,
    edgeShare: mean((at) => (isAtEdge(at) ? 1 : 0)),
    parallelShare: mean((at) => (hasParallel(at, direction, columns) ? 1 : 0)),
  };
}

/** Width at half height of the line that answers best at a sigma. Source: Lindeberg 1998. */
const WIDTH_PER_SIGMA = 2;

function contrastOf(line: readonly number[], image: GreyImage, direction: Float32Array, widthPx: number): number {
  const { columns, rows, pixels } = image;
  const flanks: number[] = [];
  let contrast = 0;
  for (const at of line) {
    const away = FILM_LINES.flankWidths * widthPx;
    const dx = Math.round(-Math.sin(direction[at]!) * away);
    const dy = Math.round(Math.cos(direction[at]!) * away);
    const x = at % columns;
    const y = Math.floor(at / columns);
    const value = (i: number, j: number): number =>
      pixels[Math.min(rows - 1, Math.max(0, j)) * columns + Math.min(columns - 1, Math.max(0, i))]!;
    const one = value(x + dx, y + dy);
    const other = value(x - dx, y - dy);
    // Both flanks must be darker: at an edge one of them is as bright as the line.
    contrast += pixels[at]! - Math.max(one, other);
    // Differences of neighbours along the flank hold the noise without the slope of the anatomy.
    flanks.push(Math.abs(one - value(x + dx + 1, y + dy)), Math.abs(other - value(x - dx, y - dy + 1)));
  }
  flanks.sort((a, b) => a - b);
  const noise = flanks[Math.floor(flanks.length / 2)]! / MEDIAN_OF_DIFFERENCES;
  return contrast / line.length / Math.max(noise, LEAST_NOISE);
}

/** Median absolute difference of two normal values, in standard deviations of one. */
const MEDIAN_OF_DIFFERENCES = 0.954;
/** Noise of an 8-bit film: half a grey level. */
const LEAST_NOISE = 0.5 / 255;
/** Directions closer than this are parallel, radians. */
const PARALLEL = 0.35;

function hasParallel(at: number, direction: Float32Array, columns: number): boolean {
  const x = at % columns;
  const y = Math.floor(at / columns);
  const nx = -Math.sin(direction[at]!);
  const ny = Math.cos(direction[at]!);
  const [nearest, farthest] = FILM_LINES.ribWidthPx;
  for (let d = nearest; d <= farthest; d++) {
    for (const sign of [-1, 1]) {
      const i = Math.round(x + sign * d * nx);
      const j = Math.round(y + sign * d * ny);
      if (i < 0 || j < 0 || i >= columns || j * columns + i >= direction.length) continue;
      const other = direction[j * columns + i]!;
      if (Number.isNaN(other)) continue;
      const turn = Math.abs(other - direction[at]!) % Math.PI;
      if (Math.min(turn, Math.PI - turn) < PARALLEL) return true;
    }
  }
  return false;
}
