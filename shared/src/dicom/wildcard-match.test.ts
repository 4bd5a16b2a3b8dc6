import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesWildcard } from './wildcard-match.js';

/** The same question to a regular expression, which may take for ever on others. */
function byExpression(value: string, pattern: string): boolean {
  const expression = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'isu').test(value);
}

it.each([
  ['', '', true],
  ['', '*', true],
  ['', '?', false],
  ['DOE^ANNA', 'doe*', true],
  ['Doe^Anna', '*anna', true],
  ['Doe^Anna', 'D?e^A*a', true],
  ['Doe^Anna', 'Doe', false],
  ['a.b', 'a?b', true],
  ['axb', 'a.b', false],
  ['Müller^Jürgen', 'MÜLLER*', true],
  ['😀x', '?x', true],
])('"%s" and "%s": %s', (value, pattern, expected) => {
  expect(matchesWildcard(value, pattern)).toBe(expected);
});

it('agrees with a regular expression on short patterns', () => {
  const short = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
  fc.assert(
    fc.property(short('abA'), short('ab*?'), (value, pattern) => {
      expect(matchesWildcard(value, pattern)).toBe(byExpression(value, pattern));
    }),
  );
});

it('answers patterns at once that keep a regular expression busy for years', () => {
  expect(matchesWildcard('a'.repeat(5000), `${'*a'.repeat(500)}*b`)).toBe(false);
  expect(matchesWildcard('a'.repeat(5000), `${'*a'.repeat(500)}*`)).toBe(true);
});
