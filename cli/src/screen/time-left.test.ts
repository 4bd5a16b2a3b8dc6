import { describe, expect, it } from 'vitest';
import { inWords, paceInWords, paceOf } from './time-left.js';

describe('paceOf', () => {
  it('extrapolates what is left from what is done', () => {
    expect(paceOf(10, 40, 60)).toEqual({ perMinute: 10, secondsLeft: 180 });
  });

  it('promises nothing before the first study', () => {
    expect(paceOf(0, 40, 60)).toEqual({ perMinute: 0, secondsLeft: null });
  });
});

describe('words', () => {
  it.each([
    [0.4, '0 s'],
    [59.4, '59 s'],
    [60, '1 min 0 s'],
    [3599, '59 min 59 s'],
    [3600, '1 h 00 min'],
    [86_400, '24 h 00 min'],
  ])('%d seconds are %s', (seconds, words) => {
    expect(inWords(seconds)).toBe(words);
  });

  it('gives a pace with the digits that mean something', () => {
    expect([paceInWords(1.25), paceInWords(123.4)]).toEqual(['1.3 studies/min', '123 studies/min']);
  });
});
