import type { PlaneNetwork, Planes } from '../imaging/plane-network.js';
import { type GreyImage, shrinkImage } from '../imaging/resample-image.js';
import { FILM_NETWORKS } from '../parameters.js';
import type { LungFields } from './lung-fields.js';

/** The lung fields as a network sees them, with what it is sure of. */
export interface LungMap extends LungFields {
  /** Probability of lung, shape [rows, columns] of the mask. */
  readonly probability: Float32Array;
  /** Box of the middle 98 % of the lungs across and down, in image pixels. */
  readonly box: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  /** Whether both lungs are wholly there, so that their width tells the scale. */
  readonly hasBothLungs: boolean;
}

const SIDE = FILM_NETWORKS.lungSidePx;
/** Bins of the histogram that ranks the grey values. */
const BINS = 256;

/**
 * Finds the lung fields with a trained network on the whole film at low resolution.
 *
 * @param network from [rank of the grey value, 1 within the film] to [viewer's left lung, viewer's right lung, mediastinum]
 * @returns null where it sees no lung of a size that could be searched
 */
export async function mapLungs(image: GreyImage, network: PlaneNetwork): Promise<LungMap | null> {
  const cell = Math.max(image.columns, image.rows) / SIDE;
  const small = shrinkToCells(image, cell);
  const left = Math.floor((SIDE - small.columns) / 2);
  const top = Math.floor((SIDE - small.rows) / 2);
  const answer = await network.run(letterbox(small, left, top));
  return describeLungs(answer, small.columns, small.rows, left, top, cell);
}

/** Cells of a whole or broken number of pixels; a film smaller than the network's input is enlarged. */
function shrinkToCells(image: GreyImage, cell: number): GreyImage {
  if (cell >= 1) return shrinkImage(image, cell);
  throw new RangeError(`mapLungs: expected a longer side of at least ${SIDE} pixels; received ${SIDE * cell}`);
}

/** The film in the middle of a square, by rank of its grey values so that window and gamma do not matter. */
function letterbox(small: GreyImage, left: number, top: number): Planes {
  const values = new Float32Array(2 * SIDE * SIDE);
  const ranks = rankValues(small.pixels);
  for (let j = 0; j < small.rows; j++) {
    for (let i = 0; i < small.columns; i++) {
      const at = (j + top) * SIDE + i + left;
      values[at] = ranks[j * small.columns + i]!;
      values[SIDE * SIDE + at] = 1;
    }
  }
  return { values, channels: 2, columns: SIDE, rows: SIDE };
}

/** Share of the pixels that are darker, counting half of those of the same bin. */
function rankValues(pixels: Float32Array): Float32Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of pixels) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const binOf = (value: number) => Math.min(BINS - 1, Math.floor(((value - low) / (high - low + 1e-6)) * (BINS - 1)));
  const counts = new Float64Array(BINS);
  for (const value of pixels) counts[binOf(value)]! += 1;
  const rank = new Float64Array(BINS);
  let below = 0;
  for (let bin = 0; bin < BINS; bin++) {
    rank[bin] = (below + counts[bin]! / 2) / pixels.length;
    below += counts[bin]!;
  }
  return pixels.map((value) => rank[binOf(value)]!);
}

function describeLungs(
  answer: Planes,
  columns: number,
  rows: number,
  left: number,
  top: number,
  cell: number,
): LungMap | null {
  const probability = new Float32Array(columns * rows);
  const mask = new Uint8Array(columns * rows);
  const sizes = [0, 0];
  const across = new Float64Array(columns);
  const down = new Float64Array(rows);
  const mediansOf = [new Float64Array(columns), new Float64Array(columns)];
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const at = (j + top) * SIDE + i + left;
      const both = [answer.values[at]!, answer.values[SIDE * SIDE + at]!];
      const surest = both[0]! >= both[1]! ? 0 : 1;
      probability[j * columns + i] = both[surest]!;
      if (both[surest]! <= 0.5) continue;
      mask[j * columns + i] = 1;
      sizes[surest]! += 1;
      across[i]! += 1;
      down[j]! += 1;
      mediansOf[surest]![i]! += 1;
    }
  }
  const total = sizes[0]! + sizes[1]!;
  if (total < FILM_NETWORKS.minLungShare * columns * rows) return null;
  const [x0, x1] = [quantile(across, 0.01), quantile(across, 0.99)];
  const [y0, y1] = [quantile(down, 0.01), quantile(down, 0.99)];
  const hasBothLungs = Math.min(...sizes) > FILM_NETWORKS.minLungBalance * Math.max(...sizes);
  return {
    mask,
    probability,
    columns,
    rows,
    factor: cell,
    firstRow: Math.floor(y0),
    lastRow: Math.ceil(y1) - 1,
    midlineColumn: hasBothLungs
      ? (quantile(mediansOf[0]!, 0.9) + quantile(mediansOf[1]!, 0.1)) / 2
      : sizes[0]! > sizes[1]!
        ? x1
        : x0,
    isOutlined: true,
    box: { left: x0 * cell, right: x1 * cell, top: y0 * cell, bottom: y1 * cell },
    hasBothLungs,
  };
}

/** Position along a histogram below which a share of its weight lies. */
function quantile(weights: Float64Array, share: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  for (let at = 0; at < weights.length; at++) {
    const weight = weights[at]!;
    if (below + weight >= share * total && weight > 0) return at + (share * total - below) / weight;
    below += weight;
  }
  return weights.length;
}
