import type { AttributeMatch } from '../ports/ledger.js';

/** Whether attributes meet a condition. An absent attribute meets none, as in a relational database. */
export function matchesAttributes(attributes: Readonly<Record<string, string>>, match: AttributeMatch): boolean {
  const value = attributes[match.keyword];
  if (value === undefined) return false;
  switch (match.kind) {
    case 'exact':
      return match.values.includes(value);
    case 'wildcard':
      return wildcardExpression(match.pattern).test(value);
    case 'range':
      return (match.from === null || value >= match.from) && (match.to === null || value <= match.to);
  }
}

/** `*` is any run of characters, `?` any one. Source: PS3.4 section C.2.2.2.4. */
function wildcardExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*+/g, '.*').replace(/\?/g, '.')}$`, 'isu');
}

/** The same pattern for SQL LIKE with `\` as the escape character, in lower case. */
export function likePattern(pattern: string): string {
  return pattern
    .toLowerCase()
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');
}
