const DAY_MS = 86_400_000;

/**
 * A DICOM date (DA), or the date a DICOM date and time (DT) begins with, moved by days.
 *
 * @returns null for what does not begin with a calendar date
 * Source: PS3.5 section 6.2
 */
export function shiftDate(text: string, days: number): string | null {
  const parts = /^(\d{4})\.?(\d{2})\.?(\d{2})(\d{0,6}(?:\.\d{1,6})?(?:[+-]\d{4})?)$/.exec(text);
  if (parts === null) return null;
  const [, year, month, day, rest] = parts;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;
  const moved = new Date(date.getTime() + days * DAY_MS).toISOString();
  return moved.startsWith('-') || moved.startsWith('+') ? null : moved.slice(0, 10).replaceAll('-', '') + rest;
}
