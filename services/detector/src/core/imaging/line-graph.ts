/** A thinned line taken apart: its longest way, and the branches beside it. */
export interface LineGraph {
  /** Flat indices along the longest way, end to end. */
  readonly path: readonly number[];
  readonly lengthPx: number;
  /** Flat indices from the tip of a branch to where it leaves what was found before. */
  readonly branches: readonly (readonly number[])[];
}

/** More branches than this say no more. */
const MAX_BRANCHES = 8;

/** Flat indices of the pixels of each 8-connected piece of a mask; pixels on the image's edge are left out. */
export function collectPieces(mask: Uint8Array, columns: number): number[][] {
  const rows = mask.length / columns;
  const left = new Set<number>();
  for (let at = 0; at < mask.length; at++) if (mask[at] !== 0) left.add(at);
  const pieces: number[][] = [];
  for (const seed of left) {
    left.delete(seed);
    const piece = [seed];
    for (let next = 0; next < piece.length; next++) {
      for (const neighbour of neighboursOf(piece[next]!, columns, rows)) {
        if (left.delete(neighbour)) piece.push(neighbour);
      }
    }
    pieces.push(piece);
  }
  return pieces;
}

/** The eight neighbours of a pixel; none for one on the image's edge. */
export function neighboursOf(at: number, columns: number, rows: number): number[] {
  const i = at % columns;
  const j = Math.floor(at / columns);
  if (i === 0 || j === 0 || i + 1 === columns || j + 1 === rows) return [];
  const [above, below] = [at - columns, at + columns];
  return [above - 1, above, above + 1, at - 1, at + 1, below - 1, below, below + 1];
}

/** Finds the longest way through a thinned line, and its branches of at least `minBranchPx`. */
export function traceLine(line: readonly number[], columns: number, minBranchPx: number): LineGraph {
  const inLine = new Set(line);
  const start = search([line[0]!], inLine, columns).farthest;
  const across = search([start], inLine, columns);
  const path = walkBack(across, across.farthest);
  const branches: number[][] = [];
  const covered = [...path];
  while (branches.length < MAX_BRANCHES) {
    const aside = search(covered, inLine, columns);
    if (aside.distance.get(aside.farthest)! < minBranchPx) break;
    const branch = walkBack(aside, aside.farthest);
    branches.push(branch);
    covered.push(...branch);
  }
  return { path, lengthPx: across.distance.get(across.farthest)!, branches };
}

interface Search {
  readonly farthest: number;
  readonly distance: ReadonlyMap<number, number>;
  readonly previous: ReadonlyMap<number, number>;
}

/** Shortest ways from some pixels of a line to all others. */
function search(sources: readonly number[], inLine: ReadonlySet<number>, columns: number): Search {
  const diagonal = Math.SQRT2;
  const steps = [
    [1, 1],
    [-1, 1],
    [columns, 1],
    [-columns, 1],
    [columns + 1, diagonal],
    [columns - 1, diagonal],
    [-columns + 1, diagonal],
    [-columns - 1, diagonal],
  ] as const;
  const distance = new Map(sources.map((source) => [source, 0]));
  const previous = new Map<number, number>();
  let frontier = [...sources];
  while (frontier.length > 0) {
    const next: number[] = [];
    for (const at of frontier) {
      for (const [offset, step] of steps) {
        const reached = distance.get(at)! + step;
        if (!inLine.has(at + offset)) continue;
        if (reached >= (distance.get(at + offset) ?? Number.POSITIVE_INFINITY) - 1e-9) continue;
        distance.set(at + offset, reached);
        previous.set(at + offset, at);
        next.push(at + offset);
      }
    }
    frontier = next;
  }
  let farthest = sources[0]!;
  for (const [at, reached] of distance) if (reached > distance.get(farthest)!) farthest = at;
  return { farthest, distance, previous };
}

function walkBack({ previous }: Search, tip: number): number[] {
  const way: number[] = [];
  for (let at: number | undefined = tip; at !== undefined; at = previous.get(at)) way.push(at);
  return way;
}
