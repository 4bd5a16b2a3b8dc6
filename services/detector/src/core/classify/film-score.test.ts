import { describe, expect, it } from 'vitest';
import type { HeatCandidate } from '../candidates/heat-candidates.js';
import { FILM_HEAT, FILM_SCORE, OPERATING_POINT } from '../parameters.js';
import { judgeHeatCandidate } from './film-score.js';

const PIXEL_MM = 0.4;

/** A candidate as sure as can be. */
const SURE: HeatCandidate = {
  paths: [[[10, 10]]],
  lengthPx: 60,
  widthPx: 5,
  contrastToNoise: 20,
  contrastToSpread: 6,
  branchCount: 0,
  pieceCount: 1,
  meanHeat: 0.99,
  peakHeat: 0.999,
  deviceHeat: 0.5,
  lungShare: 1,
};

const judge = (changes: Partial<HeatCandidate> = {}, view: 'PA' | 'lateral' = 'PA') =>
  judgeHeatCandidate({ ...SURE, ...changes }, PIXEL_MM, view);

describe('judgeHeatCandidate', () => {
  it('alarms on a dense line in the lung that the network is sure of', () => {
    expect(judge().probability).toBeGreaterThan(OPERATING_POINT.alarmProbability);
  });

  it('is less sure when the network, the contrast or the place speak against it', () => {
    for (const changes of [{ meanHeat: 0.3, peakHeat: 0.4 }, { contrastToSpread: 1 }, { lungShare: 0.1 }]) {
      expect(judge(changes).probability).toBeLessThan(judge().probability);
    }
  });

  it('does not alarm on an unbranched line as long as a catheter', () => {
    const { probability, reasons } = judge({ lengthPx: (FILM_HEAT.deviceLengthMm + 1) / PIXEL_MM });
    expect(probability).toBe(FILM_SCORE.deviceCap);
    expect(reasons).toContain('as long as a catheter or lead');
  });

  it('does not alarm on a lateral film', () => {
    expect(judge({}, 'lateral').probability).toBe(FILM_SCORE.lateralCap);
    expect(FILM_SCORE.lateralCap).toBeLessThan(OPERATING_POINT.alarmProbability);
  });

  it('always recommends a CT', () => {
    expect(judge().reasons).toContain('CT recommended');
    expect(judge({ meanHeat: 0.1 }).reasons).toContain('CT recommended');
  });
});
