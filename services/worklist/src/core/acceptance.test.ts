import type { Review } from '@pce/shared/ports/review-ledger';
import { describe, expect, it } from 'vitest';
import { acceptanceByVersion, controlCharts, wilsonShare } from './acceptance.js';

let reviews = 0;
function review(change: Partial<Review>): Review {
  reviews += 1;
  return {
    reviewId: String(reviews),
    studyInstanceUid: 's',
    resultId: `r${reviews}`,
    findingId: 1,
    verdict: 'accepted',
    comment: '',
    userName: 'rita',
    algorithm: 'pce',
    algorithmVersion: '1.0.0',
    reviewedAt: new Date('2026-03-04T12:00:00Z'),
    ...change,
  };
}

const many = (count: number, change: Partial<Review>) => Array.from({ length: count }, () => review(change));

describe('wilsonShare', () => {
  // Source: Newcombe 1998, 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('gives the published interval of %d in %d', (successes, trials, low, high) => {
    const found = wilsonShare(successes, trials)!;
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  it('says nothing about nothing', () => {
    expect(wilsonShare(0, 0)).toBeNull();
  });
});

describe('acceptanceByVersion', () => {
  it('counts findings and exams apart, version by version, and no withdrawn verdict', () => {
    const [first, second] = acceptanceByVersion([
      ...many(3, {}),
      review({ verdict: 'rejected' }),
      review({ verdict: 'open' }),
      review({ findingId: null, verdict: 'rejected' }),
      review({ algorithmVersion: '2.0.0' }),
    ]);
    expect(first).toMatchObject({
      version: '1.0.0',
      findings: { accepted: 3, rejected: 1, acceptance: { share: 0.75 } },
      exams: { accepted: 0, rejected: 1, acceptance: { share: 0 } },
    });
    expect(second).toMatchObject({ version: '2.0.0', exams: { acceptance: null } });
  });
});

describe('controlCharts', () => {
  it('puts a week outside its limits when chance does not explain it', () => {
    const weeks = ['2026-03-02', '2026-03-09', '2026-03-16', '2026-03-23'].map((day) => new Date(`${day}T00:00:00Z`));
    const ordinary = weeks.flatMap((reviewedAt) => [
      ...many(45, { reviewedAt }),
      ...many(5, { reviewedAt, verdict: 'rejected' }),
    ]);
    const reviewedAt = new Date('2026-04-05T23:59:59Z');
    const [chart] = controlCharts([
      ...ordinary,
      ...many(30, { reviewedAt }),
      ...many(20, { reviewedAt, verdict: 'rejected' }),
    ]);
    expect(chart?.centre).toBeCloseTo(40 / 250, 10);
    expect(chart?.points.map(({ weekOf, isOutside }) => [weekOf, isOutside])).toEqual([
      ['2026-03-02', false],
      ['2026-03-09', false],
      ['2026-03-16', false],
      ['2026-03-23', false],
      ['2026-03-30', true],
    ]);
    // 0.16 + 3 * sqrt(0.16 * 0.84 / 50)
    expect(chart?.points[0]?.upperLimit).toBeCloseTo(0.31553, 4);
  });

  it('has nothing to draw without verdicts', () => {
    expect(controlCharts([review({ verdict: 'open' }), review({ findingId: null })])).toEqual([]);
  });
});
