import { Type } from 'typebox';
import { expect, it } from 'vitest';
import { readCheckedYaml } from './checked-yaml.js';

const SCHEMA = Type.Object(
  { web: Type.Object({ port: Type.Integer({ default: 1 }) }, { default: {} }), list: Type.Optional(Type.Any()) },
  { additionalProperties: false, default: {} },
);
const PORT = [{ path: ['web', 'port'], value: 8080, origin: 'PCE_HTTP_PORT' }];
const problemsOf = (text: string): string[] => {
  const outcome = readCheckedYaml(SCHEMA, text, PORT);
  return outcome.kind === 'invalid' ? outcome.problems : [];
};

it('puts the environment before the file', () => {
  expect(readCheckedYaml(SCHEMA, 'web: { port: 5 }', PORT)).toEqual({ kind: 'valid', value: { web: { port: 8080 } } });
  expect(readCheckedYaml(SCHEMA, 'web:', PORT)).toEqual({ kind: 'valid', value: { web: { port: 8080 } } });
});

it('names a setting that is no mapping where one belongs', () => {
  expect(problemsOf('web: none')).toEqual(['line 1: web: must be object']);
  expect(problemsOf('web: [port]')).toEqual(['line 1: web: must be object']);
  expect(problemsOf('just text')).toEqual(['line 1: file: must be object']);
});

it('refuses aliases of nothing, of themselves and without end', () => {
  expect(problemsOf('list: [*nothing]')[0]).toMatch(/^aliases: /);
  const levels = 'bcdefghi'.split('').map((name, k) => {
    const below = `*${'abcdefgh'[k]}`;
    return `&${name} [${Array(9).fill(below).join(',')}]`;
  });
  expect(problemsOf(`list:\n  - &a [1,1,1,1,1,1,1,1,1]\n${levels.map((line) => `  - ${line}\n`).join('')}`)[0]).toMatch(
    /^aliases: /,
  );
});

it('refuses nesting that would take the parser minutes', () => {
  expect(problemsOf(`list:\n${'{'.repeat(5000)}`)).toEqual(['line 2: nested deeper than 64']);
  expect(problemsOf(`list:\n  ${'- '.repeat(5000)}`)).toEqual(['line 2: nested deeper than 64']);
  expect(problemsOf(`list: ${'['.repeat(60)}${']'.repeat(60)}`)).toEqual([]);
});
