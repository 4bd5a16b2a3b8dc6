import { CELL_COLUMNS, CELL_ROWS, drawLine, wrapLines } from './bitmap-font.js';

/** A colour picture: red, green and blue of each pixel, row by row. */
export interface ColourPicture {
  readonly columns: number;
  readonly rows: number;
  readonly rgb: Uint8Array;
}

/** Narrower pictures are put on black: the warning must be readable. [design] */
const LEAST_COLUMNS = 256;
/** Letters a line should hold, about; wider pictures get larger letters. [design] */
const LETTERS_PER_LINE = 44;
const MARGIN_PX = 4;
const BANNER_RGB = [96, 0, 0] as const;
const TEXT_RGB = [255, 255, 255] as const;

function paint(rgb: Uint8Array, at: number, colour: readonly [number, number, number]): void {
  rgb[at] = colour[0];
  rgb[at + 1] = colour[1];
  rgb[at + 2] = colour[2];
}

/**
 * A picture under a dark red band with white text, in pixels: it goes wherever the picture goes.
 *
 * @param paragraphs what the band says, each on lines of its own
 */
export function withBanner(picture: ColourPicture, paragraphs: readonly string[]): ColourPicture {
  const columns = Math.max(picture.columns, LEAST_COLUMNS);
  const usable = columns - 2 * MARGIN_PX;
  const scale = Math.max(1, Math.round(usable / (CELL_COLUMNS * LETTERS_PER_LINE)));
  const lines = paragraphs.flatMap((text) => wrapLines(text, Math.floor(usable / (CELL_COLUMNS * scale))));
  const bandRows = 2 * MARGIN_PX + lines.length * CELL_ROWS * scale;
  const rows = bandRows + picture.rows;
  const rgb = new Uint8Array(columns * rows * 3);
  for (let at = 0; at < columns * bandRows; at++) paint(rgb, 3 * at, BANNER_RGB);
  lines.forEach((line, index) => {
    const top = MARGIN_PX + index * CELL_ROWS * scale;
    drawLine(line, scale, (x, y) => paint(rgb, 3 * ((top + y) * columns + MARGIN_PX + x), TEXT_RGB));
  });
  for (let row = 0; row < picture.rows; row++) {
    const from = 3 * row * picture.columns;
    rgb.set(picture.rgb.subarray(from, from + 3 * picture.columns), 3 * (bandRows + row) * columns);
  }
  return { columns, rows, rgb };
}
