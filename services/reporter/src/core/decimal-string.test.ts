import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimalString, roundTo } from './decimal-string.js';
import { expectedInstead } from './value-rules.js';

describe('formatDecimalString', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [23.4, '23.4'],
    [-0.5, '-0.5'],
    [1.234567890123456e-7, '1.23456789012e-7'],
    [-1.234567890123456e-7, '-1.2345678901e-7'],
    [Math.PI, '3.14159265358979'],
    [1e21, '1e+21'],
    [123456789012345680, '1.23456789012e17'],
    [Number.MAX_VALUE, '1.79769313e+308'],
  ])('writes %d as %s', (value, text) => {
    expect(formatDecimalString(value)).toBe(text);
  });

  it('keeps the exponent, which dcmjs cuts off', () => {
    expect(Number(formatDecimalString(1.234567890123456e-7)) / 1.234567890123456e-7).toBeCloseTo(1, 8);
  });

  it('refuses what is not a number', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => formatDecimalString(value)).toThrow(RangeError);
    }
  });

  it('is a valid DS close to the number, for every finite number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const written = formatDecimalString(value);
        expect(expectedInstead('DS', written)).toBeNull();
        expect(Math.abs(Number(written) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-8);
      }),
    );
  });
});

describe('roundTo', () => {
  it('keeps the wanted decimals', () => {
    expect(roundTo(23.449, 1)).toBe(23.4);
    expect(roundTo(-2.06, 1)).toBe(-2.1);
    expect(roundTo(Number.MAX_VALUE, 2)).toBe(Number.MAX_VALUE);
  });
});
