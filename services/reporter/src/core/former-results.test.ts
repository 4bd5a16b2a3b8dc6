import type { LedgerResult } from '@pce/shared/ports/result-ledger';
import { expect, it } from 'vitest';
import { formerResults } from './former-results.js';

/** Recorded by a clock that went backwards: the later the result, the earlier its time. */
const chain = (['a', 'b', 'c', 'd'] as const).map(
  (resultId, index, ids): LedgerResult => ({
    resultId,
    studyInstanceUid: '1.2',
    result: {
      contractVersion: 1,
      studyInstanceUid: '1.2',
      instanceSetDigest: resultId,
      algorithm: { name: 'a', version: '1', parametersDigest: 'p', reportAbove: 0.2 },
      parts: [],
      outcome: { kind: 'not-analysable', reason: { code: 'c', message: 'm' } },
    },
    analysedAt: new Date(0),
    durationMs: 1,
    recordedAt: new Date(Date.UTC(2026, 0, 9 - index)),
    priority: 0,
    destinations: [],
    supersededBy: ids[index + 1] ?? null,
    isReported: true,
  }),
);
const names = (results: LedgerResult[]) => results.map(({ resultId }) => resultId).join('');

it('follows who superseded whom, whatever the clocks said', () => {
  expect(names(formerResults(chain, chain[3]!))).toBe('cba');
  expect(names(formerResults([...chain].reverse(), chain[1]!))).toBe('a');
  expect(formerResults(chain, chain[0]!)).toEqual([]);
});

it('gives all, the current one first, when none is named', () => {
  expect(names(formerResults(chain, null))).toBe('dcba');
  expect(formerResults([], null)).toEqual([]);
});
