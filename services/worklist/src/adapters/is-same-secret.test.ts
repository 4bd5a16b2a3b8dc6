import { describe, expect, it } from 'vitest';
import { isSameSecret } from './is-same-secret.js';

describe('isSameSecret', () => {
  it('tells one text from another', () => {
    expect(isSameSecret('abc', 'abc')).toBe(true);
    expect(isSameSecret('abd', 'abc')).toBe(false);
    expect(isSameSecret('ab', 'abc')).toBe(false);
  });

  it('refuses what is no text, and as many characters of more bytes', () => {
    expect(isSameSecret(undefined, 'abc')).toBe(false);
    expect(isSameSecret(['abc'], 'abc')).toBe(false);
    expect(isSameSecret('ab\u00d3', 'abc')).toBe(false);
  });
});
