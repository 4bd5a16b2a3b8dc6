import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as codes from './codes.js';
import { expectedInstead } from './value-rules.js';

const isCode = (value: unknown): value is codes.Code =>
  typeof value === 'object' && value !== null && 'scheme' in value && 'meaning' in value;
const all = Object.values(codes).flatMap((exported) =>
  isCode(exported) ? [exported] : typeof exported === 'object' ? Object.values(exported).filter(isCode) : [],
);

describe('codes', () => {
  it('fit their attributes', () => {
    expect(all.length).toBeGreaterThan(90);
    for (const { value, scheme, meaning } of all) {
      expect(expectedInstead('SH', value)).toBeNull();
      expect(expectedInstead('SH', scheme)).toBeNull();
      expect(expectedInstead('LO', meaning)).toBeNull();
    }
  });

  it('have one meaning each', () => {
    const meanings = new Map(all.map((code) => [`${code.scheme} ${code.value}`, code.meaning]));
    for (const code of all) expect(meanings.get(`${code.scheme} ${code.value}`)).toBe(code.meaning);
  });

  it('of our own scheme are in the conformance statement', () => {
    const statement = readFileSync(join(import.meta.dirname, '../../../../docs/conformance-statement.md'), 'utf8');
    const own = all.filter(({ scheme }) => scheme === codes.OWN_SCHEME);
    expect(own.length).toBeGreaterThan(20);
    for (const { value, meaning } of own) expect(statement).toContain(`| ${value} | ${meaning} |`);
  });

  it('are told from misprints', () => {
    const right = codes.FINDING_CODE['pulmonary-cement-embolism'];
    expect(codes.isKnownCode({ ...right })).toBe(true);
    expect(codes.isKnownCode({ ...right, scheme: 'RADLX' })).toBe(false);
    expect(codes.isKnownCode({ ...right, meaning: 'pulmonary embolism' })).toBe(false);
  });

  it('are compared by value and scheme, not by meaning', () => {
    const { finding } = codes.CONCEPT;
    expect(codes.isSameCode(finding, { ...finding, meaning: 'Befund' })).toBe(true);
    expect(codes.isSameCode(finding, { ...finding, scheme: '99XYZ' })).toBe(false);
  });
});
