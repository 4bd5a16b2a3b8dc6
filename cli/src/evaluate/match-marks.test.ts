import { describe, expect, it } from 'vitest';
import { distanceToPolyline, matchMarks } from './match-marks.js';

describe('distanceToPolyline', () => {
  it('is zero on it, perpendicular beside it, radial beyond its end', () => {
    const line = [
      [0, 0],
      [10, 0],
    ];
    expect(distanceToPolyline([5, 0], line)).toBe(0);
    expect(distanceToPolyline([5, 3], line)).toBe(3);
    expect(distanceToPolyline([13, 4], line)).toBe(5);
  });
  it('treats a single point as a dot and no point as infinitely far', () => {
    expect(distanceToPolyline([1, 2, 2], [[0, 0, 0]])).toBe(3);
    expect(distanceToPolyline([0, 0], [])).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('matchMarks', () => {
  const objects = [
    {
      polylines: [
        [[0, 0]],
        [
          [20, 0],
          [30, 0],
        ],
      ],
    },
    { polylines: [[[24, 6]]] },
  ];
  it('takes the nearest object within the tolerance', () => {
    const marks = [{ points: [[25, 2]] }, { points: [[25, 5]] }, { points: [[60, 60]] }, { points: [[0, 4]] }];
    expect(matchMarks(marks, objects, 5)).toEqual([0, 1, null, 0]);
  });
  it('counts the closest of a mark’s points', () => {
    expect(
      matchMarks(
        [
          {
            points: [
              [90, 90],
              [31, 0],
            ],
          },
        ],
        objects,
        5,
      ),
    ).toEqual([0]);
  });
});
