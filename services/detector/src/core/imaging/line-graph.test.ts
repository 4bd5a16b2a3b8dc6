import { describe, expect, it } from 'vitest';
import { collectPieces, traceLine } from './line-graph.js';

/** A mask from rows of text, '#' inside. */
function maskOf(rows: readonly string[]): { mask: Uint8Array; columns: number } {
  return { mask: Uint8Array.from(rows.join(''), (character) => (character === '#' ? 1 : 0)), columns: rows[0]!.length };
}

describe('collectPieces', () => {
  it('joins pixels that touch at a corner and keeps apart those that do not', () => {
    const { mask, columns } = maskOf(['........', '.#...#..', '..#..#..', '........']);
    const pieces = collectPieces(mask, columns).map((piece) => piece.sort((a, b) => a - b));
    expect(pieces).toEqual([
      [9, 18],
      [13, 21],
    ]);
  });

  it('finds nothing in an empty mask', () => {
    expect(collectPieces(new Uint8Array(12), 4)).toEqual([]);
  });
});

describe('traceLine', () => {
  const { mask, columns } = maskOf([
    '............',
    '....#.......',
    '....#.......',
    '....#.......',
    '.##########.',
    '............',
  ]);
  const line = collectPieces(mask, columns)[0]!;

  it('follows the longest way and takes the rest as branches', () => {
    const { path, lengthPx, branches } = traceLine(line, columns, 3);
    expect(Math.min(path[0]!, path.at(-1)!)).toBe(49);
    expect(Math.max(path[0]!, path.at(-1)!)).toBe(58);
    expect(lengthPx).toBe(9);
    expect(branches).toHaveLength(1);
    expect([branches[0]![0], branches[0]!.at(-1)]).toEqual([16, 52]);
  });

  it('takes short branches for bumps', () => {
    expect(traceLine(line, columns, 4).branches).toEqual([]);
  });

  it('traces a single pixel', () => {
    expect(traceLine([17], 8, 3)).toEqual({ path: [17], lengthPx: 0, branches: [] });
  });
});
