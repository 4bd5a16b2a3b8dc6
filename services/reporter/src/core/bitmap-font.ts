/** Width and height of a letter in its cell of 6 x 9 pixels. */
const GLYPH_COLUMNS = 5;
const GLYPH_ROWS = 7;
export const CELL_COLUMNS = 6;
export const CELL_ROWS = 9;

/** Seven rows of five pixels per letter, two hexadecimal digits a row, the leftmost pixel the highest bit. */
const GLYPHS: Readonly<Record<string, string>> = {
  A: '0E11111F111111',
  B: '1E11111E11111E',
  C: '0E11101010110E',
  D: '1E11111111111E',
  E: '1F10101E10101F',
  F: '1F10101E101010',
  G: '0E11101711110F',
  H: '1111111F111111',
  I: '0E04040404040E',
  J: '0702020202120C',
  K: '11121418141211',
  L: '1010101010101F',
  M: '111B1515111111',
  N: '11111915131111',
  O: '0E11111111110E',
  P: '1E11111E101010',
  Q: '0E11111115120D',
  R: '1E11111E141211',
  S: '0F10100E01011E',
  T: '1F040404040404',
  U: '1111111111110E',
  V: '11111111110A04',
  W: '1111111515150A',
  X: '11110A040A1111',
  Y: '1111110A040404',
  Z: '1F01020408101F',
  '0': '0E11131519110E',
  '1': '040C040404040E',
  '2': '0E11010204081F',
  '3': '1F02040201110E',
  '4': '02060A121F0202',
  '5': '1F101E0101110E',
  '6': '0608101E11110E',
  '7': '1F010204080808',
  '8': '0E11110E11110E',
  '9': '0E11110F01020C',
  ' ': '00000000000000',
  '.': '00000000000C0C',
  ',': '000000000C0408',
  ':': '000C0C000C0C00',
  ';': '000C0C000C0408',
  '-': '0000001F000000',
  '+': '0004041F040400',
  '=': '00001F001F0000',
  '/': '00010204081000',
  '(': '02040808080402',
  ')': '08040202020408',
  '%': '18190204081303',
  '?': '0E110102040004',
};
const UNKNOWN = GLYPHS['?']!;

/** Breaks a text into lines of at most `length` letters, between words where it can. */
export function wrapLines(text: string, length: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).flatMap((long) => long.match(new RegExp(`.{1,${length}}`, 'gu')) ?? [])) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= length) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/**
 * Visits every pixel of a line of text; small letters are drawn as capitals, unknown ones as question marks.
 *
 * @param scale edge of a font pixel in picture pixels
 * @param plot called with the offset of each set pixel from the line's top left corner
 */
export function drawLine(text: string, scale: number, plot: (x: number, y: number) => void): void {
  [...text.toUpperCase()].forEach((letter, index) => {
    const glyph = GLYPHS[letter] ?? UNKNOWN;
    for (let row = 0; row < GLYPH_ROWS; row++) {
      const bits = Number.parseInt(glyph.slice(2 * row, 2 * row + 2), 16);
      for (let column = 0; column < GLYPH_COLUMNS; column++) {
        if ((bits >> (GLYPH_COLUMNS - 1 - column)) & 1)
          fillSquare((index * CELL_COLUMNS + column) * scale, row * scale, scale, plot);
      }
    }
  });
}

function fillSquare(left: number, top: number, edge: number, plot: (x: number, y: number) => void): void {
  for (let y = 0; y < edge; y++) {
    for (let x = 0; x < edge; x++) plot(left + x, top + y);
  }
}
