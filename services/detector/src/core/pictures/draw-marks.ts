import { DIGIT_COLUMNS, DIGIT_ROWS, digitAt } from './digits.js';
import type { GreyPicture, Mark } from './picture.js';

/** Yellow, which no grey picture contains. */
const COLOUR = [255, 210, 0] as const;
/** Line width and dark rim on either side, pixels. */
const LINE_PX = 1.6;
const RIM_PX = 1.4;
const RIM_STRENGTH = 0.75;
/** Size of one dot of a digit, pixels. */
const DOT_PX = 2;
const GAP_PX = 3;

/**
 * The picture in colour with its marks drawn: a line with a dark rim, so that it shows on bright and dark ground.
 *
 * @param numberOf the number to draw for a finding
 * @returns red, green and blue of each pixel, row by row
 */
export function drawMarks(
  picture: GreyPicture,
  marks: readonly Mark[],
  numberOf: (findingId: number) => number,
): Uint8Array {
  const rgb = new Uint8Array(picture.grey.length * 3);
  for (let at = 0; at < picture.grey.length; at++) rgb.fill(picture.grey[at]!, at * 3, at * 3 + 3);
  for (const mark of marks) drawOutline(rgb, picture, mark);
  for (const mark of marks) if (mark.showNumber) drawNumber(rgb, picture, mark, numberOf(mark.findingId));
  return rgb;
}

function drawOutline(rgb: Uint8Array, { columns, rows }: GreyPicture, mark: Mark): void {
  const reach = LINE_PX / 2 + RIM_PX + 1;
  const left = Math.max(0, Math.floor(mark.x - mark.halfWidth - reach));
  const right = Math.min(columns - 1, Math.ceil(mark.x + mark.halfWidth + reach));
  const top = Math.max(0, Math.floor(mark.y - mark.halfHeight - reach));
  const bottom = Math.min(rows - 1, Math.ceil(mark.y + mark.halfHeight + reach));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const distance = Math.abs(distanceToOutline(mark, x + 0.5 - mark.x, y + 0.5 - mark.y));
      const line = coverage(LINE_PX / 2 - distance);
      const rim = RIM_STRENGTH * coverage(LINE_PX / 2 + RIM_PX - distance);
      paint(rgb, (y * columns + x) * 3, line, rim);
    }
  }
}

/** Signed distance in pixels, outside positive. */
function distanceToOutline(mark: Mark, dx: number, dy: number): number {
  if (mark.kind === 'ring') return Math.hypot(dx, dy) - mark.halfWidth;
  const outX = Math.abs(dx) - mark.halfWidth;
  const outY = Math.abs(dy) - mark.halfHeight;
  return Math.min(Math.max(outX, outY), 0) + Math.hypot(Math.max(outX, 0), Math.max(outY, 0));
}

/** How much of a pixel is inside, by the distance of its centre from the edge. */
function coverage(insidePx: number): number {
  return Math.min(Math.max(insidePx + 0.5, 0), 1);
}

function paint(rgb: Uint8Array, at: number, line: number, rim: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const dark = rgb[at + channel]! * (1 - rim);
    rgb[at + channel] = Math.round(dark + line * (COLOUR[channel]! - dark));
  }
}

/** The number beside the mark, to its upper right where there is room. */
function drawNumber(rgb: Uint8Array, picture: GreyPicture, mark: Mark, number: number): void {
  const text = String(number);
  const width = text.length * (DIGIT_COLUMNS + 1) * DOT_PX;
  const height = DIGIT_ROWS * DOT_PX;
  const offset = mark.kind === 'ring' ? mark.halfWidth * Math.SQRT1_2 : mark.halfWidth;
  const rise = mark.kind === 'ring' ? mark.halfHeight * Math.SQRT1_2 : mark.halfHeight;
  const fitsRight = mark.x + offset + GAP_PX + width < picture.columns;
  const left = Math.round(fitsRight ? mark.x + offset + GAP_PX : mark.x - offset - GAP_PX - width);
  const top = Math.round(Math.min(Math.max(mark.y - rise - GAP_PX - height, 2), picture.rows - height - 2));
  for (let pass = 0; pass < 2; pass++) {
    for (let y = -2; y < height + 2; y++) {
      for (let x = -2; x < width + 2; x++) {
        if (left + x < 0 || left + x >= picture.columns || top + y < 0 || top + y >= picture.rows) continue;
        const at = ((top + y) * picture.columns + left + x) * 3;
        if (pass === 0 && isNearDigit(text, x, y)) paint(rgb, at, 0, RIM_STRENGTH);
        if (pass === 1 && isDigit(text, x, y)) paint(rgb, at, 1, 1);
      }
    }
  }
}

function isDigit(text: string, x: number, y: number): boolean {
  if (x < 0 || y < 0) return false;
  const column = Math.floor(x / DOT_PX);
  const digit = text.charCodeAt(Math.floor(column / (DIGIT_COLUMNS + 1))) - 48;
  return digitAt(digit, column % (DIGIT_COLUMNS + 1), Math.floor(y / DOT_PX));
}

function isNearDigit(text: string, x: number, y: number): boolean {
  for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) if (isDigit(text, x + dx, y + dy)) return true;
  return false;
}
