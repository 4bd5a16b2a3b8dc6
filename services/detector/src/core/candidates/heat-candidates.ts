import { collectPieces, traceLine } from '../imaging/line-graph.js';
import type { Planes } from '../imaging/plane-network.js';
import { thinLines } from '../imaging/thin-lines.js';
import { FILM_HEAT } from '../parameters.js';
import { measureLine } from './line-profile.js';
import { localContrast, type WorkingFilm } from './working-film.js';

/** What the network takes for cement: one cast, or beads in a row. */
export interface HeatCandidate {
  /** The casts' centrelines, longest first, [column, row] of pixel centres of the working film. */
  readonly paths: readonly (readonly (readonly [number, number])[])[];
  /** All pieces and branches added up, working pixels. */
  readonly lengthPx: number;
  /** Width at half height of the profile across the longest path, less the blur, working pixels. */
  readonly widthPx: number;
  /** Contrast over the surroundings divided by the local noise. */
  readonly contrastToNoise: number;
  /** The same over the local spread, which holds ribs and vessels too. */
  readonly contrastToSpread: number;
  readonly branchCount: number;
  /** Pieces that were bridged. */
  readonly pieceCount: number;
  /** Mean probability along the paths' better half, and the largest. */
  readonly meanHeat: number;
  readonly peakHeat: number;
  /** Mean probability of a device along the paths. */
  readonly deviceHeat: number;
  /** Mean probability of lung along the paths. */
  readonly lungShare: number;
}

/** Working pixels along one pixel of the network's answer. */
const FINER = 2;

/**
 * Groups what the network answers into candidates, the surest first.
 *
 * @param heat probabilities of cement and of other dense thin things, at half the size of the working film
 */
export function findHeatCandidates(heat: Planes, film: WorkingFilm): HeatCandidate[] {
  const { columns, rows } = heat;
  const cement = heat.values.subarray(0, columns * rows);
  const mask = follow(cement, columns);
  const groups = groupPieces(collectPieces(mask, columns), columns, rows);
  const contrast = localContrast(film);
  return groups
    .filter((group) => group.length >= FILM_HEAT.minPixels)
    .map((group) => describe(group, heat, film, contrast))
    .sort((a, b) => b.meanHeat - a.meanHeat)
    .slice(0, FILM_HEAT.maxCandidates);
}

/** Hysteresis: what hangs together above the lower probability and reaches the higher. */
function follow(cement: Float32Array, columns: number): Uint8Array {
  const mask = Uint8Array.from(cement, (value) => (value >= FILM_HEAT.followAt ? 1 : 0));
  for (const piece of collectPieces(mask, columns)) {
    if (piece.some((at) => cement[at]! >= FILM_HEAT.startAt)) continue;
    for (const at of piece) mask[at] = 0;
  }
  return mask;
}

/** Joins pieces whose pixels come within the largest gap of each other. */
function groupPieces(pieces: readonly number[][], columns: number, rows: number): number[][] {
  const owner = new Int32Array(columns * rows).fill(-1);
  const parent = pieces.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root]!;
    return root;
  };
  const reach = FILM_HEAT.maxGapPx;
  pieces.forEach((piece, index) => {
    for (const at of piece) owner[at] = index;
  });
  pieces.forEach((piece, index) => {
    for (const at of piece) {
      const [i, j] = [at % columns, Math.floor(at / columns)];
      for (let y = Math.max(0, j - reach); y <= Math.min(rows - 1, j + reach); y++) {
        for (let x = Math.max(0, i - reach); x <= Math.min(columns - 1, i + reach); x++) {
          const other = owner[y * columns + x]!;
          if (other >= 0 && other !== index) parent[rootOf(other)] = rootOf(index);
        }
      }
    }
  });
  const groups = new Map<number, number[]>();
  pieces.forEach((piece, index) => {
    const root = rootOf(index);
    groups.set(root, [...(groups.get(root) ?? []), ...piece]);
  });
  return [...groups.values()];
}

function describe(
  group: readonly number[],
  heat: Planes,
  film: WorkingFilm,
  contrast: { fine: Float32Array; spread: Float32Array },
): HeatCandidate {
  const { columns, rows, values } = heat;
  const mask = new Uint8Array(columns * rows);
  for (const at of group) mask[at] = 1;
  thinLines(mask, columns, rows);
  const lines = collectPieces(mask, columns).map((piece) => traceLine(piece, columns, FILM_HEAT.minBranchPx));
  if (lines.length === 0) lines.push({ path: [group[0]!], lengthPx: 0, branches: [] });
  lines.sort((a, b) => b.lengthPx - a.lengthPx);
  const ways = lines.flatMap(({ path, branches }) => [path, ...branches]);
  const indices = ways.flat();
  const along = (plane: number) => indices.map((at) => values[plane * columns * rows + at]!).sort((a, b) => b - a);
  const cement = along(0);
  const paths = ways.map((way) => way.map((at) => toWorking(at, columns)));
  // Each line ends about one pixel of the answer before the cast does.
  const lengthPx = FINER * lines.reduce((sum, { lengthPx: length }) => sum + length + 1, 0);
  const line = measureLine(paths[0]!, film, contrast);
  return {
    paths,
    lengthPx: lengthPx + FINER * lines.reduce((sum, { branches }) => sum + branches.flat().length, 0),
    ...line,
    branchCount: lines.reduce((sum, { branches }) => sum + branches.length, 0),
    pieceCount: lines.length,
    meanHeat: mean(cement.slice(0, Math.ceil(cement.length / 2))),
    peakHeat: group.reduce((peak, at) => Math.max(peak, values[at]!), 0),
    deviceHeat: mean(along(1)),
    lungShare: mean(paths.flat().map(([x, y]) => lungAt(film, x, y))),
  };
}

/** Centre of a pixel of the answer in working pixels, where pixel centres are whole. */
function toWorking(at: number, columns: number): [number, number] {
  return [FINER * (at % columns) + (FINER - 1) / 2, FINER * Math.floor(at / columns) + (FINER - 1) / 2];
}

function lungAt(film: WorkingFilm, x: number, y: number): number {
  const i = Math.min(film.columns - 1, Math.round(x));
  const j = Math.min(film.rows - 1, Math.round(y));
  return film.lung[j * film.columns + i]!;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
