import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitsOfAgreement } from './agreement.js';
import { frocCurve, meanFroc, sensitivityAt } from './froc.js';
import { proportion } from './proportion.js';
import { rocCurve } from './roc.js';

describe('proportion', () => {
  it('gives Wilson intervals as published', () => {
    // Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I, method 3.
    const cases = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const;
    for (const [hits, total, low, high] of cases) {
      const p = proportion(hits, total);
      expect(p.low).toBeCloseTo(low, 4);
      expect(p.high).toBeCloseTo(high, 4);
    }
  });
  it('refuses more hits than trials', () => {
    expect(() => proportion(3, 2)).toThrow('received 3 of 2');
  });
  it('knows nothing from nothing', () => {
    expect(proportion(0, 0)).toMatchObject({ value: null, low: 0, high: 1 });
  });
});

describe('rocCurve', () => {
  const exams = (positives: number[], negatives: number[]) => [
    ...positives.map((score) => ({ score, positive: true })),
    ...negatives.map((score) => ({ score, positive: false })),
  ];
  it('counts pairs, ties half', () => {
    expect(rocCurve(exams([0.9, 0.5], [0.5, 0.1])).auc?.value).toBe(0.875);
  });
  it('has the area of its own trapezoids', () => {
    const score = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(fc.array(score, { minLength: 1 }), fc.array(score, { minLength: 1 }), (positives, negatives) => {
        const { points, auc } = rocCurve(exams(positives, negatives));
        let area = 0;
        for (let i = 1; i < points.length; i++) {
          const a = points[i - 1]!;
          const b = points[i]!;
          area += ((b.falsePositiveRate - a.falsePositiveRate) * (a.sensitivity + b.sensitivity)) / 2;
        }
        expect(area).toBeCloseTo(auc!.value, 9);
        expect(auc!.low).toBeLessThanOrEqual(auc!.value);
        expect(auc!.high).toBeGreaterThanOrEqual(auc!.value);
      }),
    );
  });
  it('has no area without both classes', () => {
    expect(rocCurve(exams([1], [])).auc).toBeNull();
  });
});

describe('frocCurve', () => {
  const marks = [
    { score: 0.9, lesion: 'a' },
    { score: 0.8, lesion: null },
    { score: 0.7, lesion: 'a' },
    { score: 0.6, lesion: 'b' },
    { score: 0.6, lesion: null },
  ];
  it('counts a lesion once and steps over equal scores together', () => {
    expect(frocCurve(marks, 4, 2).map((p) => [p.falsePositivesPerExam, p.sensitivity])).toEqual([
      [0, 0],
      [0, 0.25],
      [0.5, 0.25],
      [0.5, 0.25],
      [1, 0.5],
    ]);
  });
  it('reads sensitivities off at a rate', () => {
    const points = frocCurve(marks, 4, 2);
    expect(sensitivityAt(points, 0.125)).toBe(0.25);
    expect(sensitivityAt(points, 4)).toBe(0.5);
    expect(meanFroc(points)).toBeCloseTo((3 * 0.25 + 3 * 0.5) / 6, 12);
  });
});

describe('limitsOfAgreement', () => {
  it('gives bias, limits and median error', () => {
    const agreement = limitsOfAgreement([
      [11, 10],
      [9, 10],
      [13, 10],
    ]);
    expect(agreement).toMatchObject({ count: 3, bias: 1, medianAbsoluteError: 1 });
    expect(agreement!.upperLimit - agreement!.lowerLimit).toBeCloseTo(2 * 1.959964 * 2, 5);
  });
  it('needs two pairs', () => {
    expect(limitsOfAgreement([[1, 1]])).toBeNull();
  });
});
