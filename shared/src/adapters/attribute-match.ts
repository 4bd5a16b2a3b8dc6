import { matchesWildcard } from '../dicom/wildcard-match.js';
import type { AttributeMatch } from '../ports/ledger.js';

/** Whether attributes meet a condition. An absent attribute meets none, as in a relational database. */
export function matchesAttributes(attributes: Readonly<Record<string, string>>, match: AttributeMatch): boolean {
  const value = attributes[match.keyword];
  if (value === undefined) return false;
  switch (match.kind) {
    case 'exact':
      return match.values.includes(value);
    case 'wildcard':
      return matchesWildcard(value, match.pattern);
    case 'range':
      return (match.from === null || value >= match.from) && (match.to === null || value <= match.to);
  }
}

/** A pattern with `*` and `?` for SQL LIKE with `\` as the escape character, in lower case. */
export function likePattern(pattern: string): string {
  return pattern
    .toLowerCase()
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');
}
