import { UsageError } from '../exit-codes.js';

export const OUTPUT_FORMATS = ['sr', 'csv', 'json', 'parquet', 'html'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/**
 * Reads a list such as "sr,csv".
 *
 * @throws UsageError when a name is not known, or none is given
 */
export function parseFormats(text: string): ReadonlySet<OutputFormat> {
  const names = text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const isKnown = (name: string): name is OutputFormat => (OUTPUT_FORMATS as readonly string[]).includes(name);
  if (names.length === 0 || !names.every(isKnown)) {
    throw new UsageError('--format', `a list of ${OUTPUT_FORMATS.join(', ')}`, JSON.stringify(text));
  }
  return new Set(names);
}
