import { describe, expect, it } from 'vitest';
import type { CtCandidate } from '../candidates/ct-candidates.js';
import { OPERATING_POINT } from '../parameters.js';
import { type CtContext, judgeCtCandidate } from './ct-rules.js';

/** A dense cast of 2 mm, 15 mm long, in aerated lung, with a vessel entering and leaving. */
const CAST: CtCandidate = {
  voxels: new Int32Array(0),
  paths: [],
  lengthMm: 15,
  calibreMm: 2,
  volumeMm3: 47,
  slenderness: 7.5,
  branchCount: 0,
  chord: 0.97,
  flatness: 1.1,
  peakHu: 2400,
  materialHu: 2800,
  surround: { aeratedShare: 0.9, medianHu: -830, streakShare: 0 },
  place: 'lung',
  shareInLungs: 1,
  shareInChest: 1,
  shareInSpine: 0,
  shareBesideSpine: 0,
  depthMm: 30,
  vesselRunsMm: [12, 12],
  vesselEnds: 2,
  pieces: 1,
};
const EXAM: CtContext = { isThickSliced: false, bloodHu: 45, noiseHu: 12, likeIt: 1 };

const judge = (change: Partial<CtCandidate>, exam: Partial<CtContext> = {}) =>
  judgeCtCandidate({ ...CAST, ...change }, { ...EXAM, ...exam });

describe('judgeCtCandidate', () => {
  it('is sure of a dense cast in a vessel', () => {
    expect(judge({}).probability).toBeGreaterThan(0.9);
  });

  it.each<[string, Partial<CtCandidate>, Partial<CtContext>, string]>([
    ['a thread on a wall', { calibreMm: 0.6, peakHu: 1200, vesselEnds: 1 }, {}, 'thinner than the filling of a vessel'],
    ['a dot', { lengthMm: 2, slenderness: 1 }, {}, 'a dot'],
    ['a short rod', { lengthMm: 6, slenderness: 4, vesselEnds: 0 }, {}, 'as clips are'],
    ['one of many rods', { lengthMm: 9, slenderness: 5 }, { likeIt: 6 }, 'identical short rods'],
    ['a coil', { chord: 0.1 }, {}, 'a loop'],
    ['a turn of a coil', { chord: 0.7, slenderness: 3.5, calibreMm: 4, vesselEnds: 1 }, {}, 'a turn of a coil'],
    [
      'a coil in thick slices',
      { chord: 0.65, slenderness: 9, branchCount: 1, flatness: 1.8, lengthMm: 26, vesselEnds: 0 },
      {},
      'bent and hollow',
    ],
    ['a clip in thick slices', { lengthMm: 8.4, slenderness: 2.9 }, { isThickSliced: true }, 'as clips are'],
    [
      'cement at the edge of a vertebra',
      {
        place: 'mediastinum',
        slenderness: 3.9,
        lengthMm: 35,
        shareBesideSpine: 0.4,
        vesselEnds: 0,
        surround: { aeratedShare: 0, medianHu: 60, streakShare: 0 },
      },
      {},
      'beside the spine',
    ],
    [
      'a valve ring',
      { place: 'mediastinum', chord: 0.75, lengthMm: 45, slenderness: 12, vesselEnds: 0 },
      {},
      'calcified valve rings',
    ],
    ['a pleural plaque', { depthMm: 4, vesselEnds: 0, lengthMm: 27 }, {}, 'pleural plaques'],
    ['a faint line alone', { peakHu: 480, vesselEnds: 0, lengthMm: 21 }, {}, 'faint and in no vessel'],
    ['a lead', { lengthMm: 140, slenderness: 70 }, {}, 'longer than 10 cm'],
    ['contrast in an artery', { peakHu: 480 }, { bloodHu: 380 }, 'contrast in the blood'],
    ['a plate of pleural calcium', { flatness: 5 }, {}, 'flat'],
    [
      'a catheter between the lungs',
      { place: 'mediastinum', lengthMm: 70, slenderness: 35, vesselEnds: 0 },
      {},
      'between the lungs, as catheters',
    ],
    ['two calcified nodes', { pieces: 2, lengthMm: 16, slenderness: 4.9, calibreMm: 2.5, peakHu: 850 }, {}, 'nodes'],
    ['a wire alone', { lengthMm: 55, slenderness: 30, vesselEnds: 0 }, {}, 'long and thin in no vessel'],
    [
      'specks along a catheter',
      { pieces: 5, lengthMm: 40, slenderness: 16, volumeMm3: 8, vesselEnds: 1 },
      {},
      'thinner than the filling of a vessel',
    ],
  ])('does not alarm on %s, and says why', (_name, change, exam, words) => {
    const { probability, reasons } = judge(change, exam);
    expect(probability).toBeLessThan(OPERATING_POINT.alarmProbability);
    expect(reasons.join('; ')).toContain(words);
  });

  it.each<[string, Partial<CtCandidate>]>([
    ['a needle of cement in the heart', { place: 'mediastinum', lengthMm: 38, slenderness: 16, vesselEnds: 0 }],
    [
      'a branching cast of the pulmonary trunk',
      { place: 'mediastinum', lengthMm: 90, slenderness: 20, branchCount: 3, vesselEnds: 0 },
    ],
    ['a cast in aerated lung beside the spine', { shareBesideSpine: 0.8 }],
    ['a thread of weak cement within an artery', { calibreMm: 0.6, peakHu: 620, lengthMm: 17, slenderness: 15 }],
    ['a thick bent cast', { chord: 0.77, slenderness: 3.2, calibreMm: 5, lengthMm: 22, vesselEnds: 1 }],
    ['a fork whose branches turn back', { chord: 0.3, branchCount: 1, lengthMm: 40, slenderness: 18 }],
    ['beads in an artery', { pieces: 3, lengthMm: 24, slenderness: 9, volumeMm3: 40 }],
  ])('still alarms on %s', (_name, change) => {
    expect(judge(change).probability).toBeGreaterThan(OPERATING_POINT.alarmProbability);
  });

  it('still alarms on a thin branching cast', () => {
    const { probability } = judge({ calibreMm: 0.65, branchCount: 2, lengthMm: 30, slenderness: 40, peakHu: 1200 });
    expect(probability).toBeGreaterThan(OPERATING_POINT.alarmProbability);
  });
});
