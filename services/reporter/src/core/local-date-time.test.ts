import { describe, expect, it } from 'vitest';
import { localDateTime } from './local-date-time.js';

const moment = new Date('2026-11-22T23:36:01.250Z');

describe('localDateTime', () => {
  it('writes the source’s own offset before any other', () => {
    expect(localDateTime(moment, '+0530', 60)).toEqual({ date: '20261123', time: '050601.250000', offset: '+0530' });
    expect(localDateTime(moment, '-0330', 60)).toEqual({ date: '20261122', time: '200601.250000', offset: '-0330' });
  });

  it.each(['', 'CET', '+2500', '-1300', '+0175'])('falls back when the source says %j', (offset) => {
    expect(localDateTime(moment, offset, 60)).toEqual({ date: '20261123', time: '003601.250000', offset: '+0100' });
  });

  it('uses this machine’s offset when nobody knows another', () => {
    const { offset } = localDateTime(moment, undefined, undefined);
    const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3));
    expect(offset.startsWith('-') ? minutes : -minutes).toBeCloseTo(moment.getTimezoneOffset(), 9);
  });

  it('refuses an impossible offset', () => {
    expect(() => localDateTime(moment, undefined, 900)).toThrow(RangeError);
  });
});
