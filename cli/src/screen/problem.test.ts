import { describe, expect, it } from 'vitest';
import { commonPlace } from './analysis-problems.js';
import { splitMessage } from './problem.js';

describe('splitMessage', () => {
  it('takes a message apart into what, expected and received', () => {
    expect(splitMessage('CT slices: expected at least 20; received 1')).toEqual({
      what: 'CT slices',
      expected: 'at least 20',
      received: '1',
    });
  });

  it('keeps a sentence of another form whole', () => {
    expect(splitMessage('Another series is read: thinner')).toEqual({
      what: 'Another series is read: thinner',
      expected: '',
      received: '',
    });
  });
});

describe('commonPlace', () => {
  it.each([
    [[], null],
    [['/a/b/1.dcm'], '/a/b/1.dcm'],
    [['/a/b/1.dcm', '/a/b/12.dcm'], '/a/b/'],
    [['/a/b/1.dcm', '/a/c/1.dcm'], '/a/'],
    [['x.zip!/s/1', 'x.zip!/s/2'], 'x.zip!/s/'],
    [['D:\\in\\1', 'D:\\in\\2'], 'D:\\in\\'],
    [['one.dcm', 'two.dcm'], null],
  ])('of %j is %j', (paths, place) => {
    expect(commonPlace(paths)).toBe(place);
  });
});
