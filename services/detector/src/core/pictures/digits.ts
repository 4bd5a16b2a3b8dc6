export const DIGIT_COLUMNS = 5;
export const DIGIT_ROWS = 7;

/** The digits 0 to 9 as rows of five dots, the leftmost dot in the highest of five bits. */
const DIGITS: readonly (readonly number[])[] = [
  [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
  [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
  [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
  [0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110],
  [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
  [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
  [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
  [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
  [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
  [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
];

/** Whether the dot of a digit at this column and row is set; false beyond the digit. */
export function digitAt(digit: number, column: number, row: number): boolean {
  if (column < 0 || column >= DIGIT_COLUMNS) return false;
  return (((DIGITS[digit]?.[row] ?? 0) >> (DIGIT_COLUMNS - 1 - column)) & 1) === 1;
}
