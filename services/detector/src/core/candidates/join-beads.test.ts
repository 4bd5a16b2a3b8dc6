import { describe, expect, it } from 'vitest';
import type { Volume } from '../volume/volume.js';
import type { PointMm } from './centreline.js';
import type { CtCandidate } from './ct-candidates.js';
import { joinBeads } from './join-beads.js';

const SIDE = 64;
const LUNG_HU = -850;
const BLOOD_HU = 40;

/** Lung of 1 mm voxels with a vessel of 5 mm along x through y = z = 32 mm. */
function lungWithVessel(): Volume {
  const hu = new Int16Array(SIDE ** 3).fill(LUNG_HU);
  for (let k = 30; k <= 34; k++) {
    for (let j = 30; j <= 34; j++) hu.fill(BLOOD_HU, (k * SIDE + j) * SIDE + 5, (k * SIDE + j) * SIDE + 60);
  }
  return {
    hu,
    columns: SIDE,
    rows: SIDE,
    slices: SIDE,
    spacingMm: [1, 1, 1],
    voxelToLpsMm: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
    sliceThicknessMm: 1,
    clippedAtHu: 3071,
    sliceImages: [],
    seriesInstanceUid: '1.2',
    frameOfReferenceUid: null,
    remarks: [],
  };
}

function bead(from: PointMm, to: PointMm, calibreMm: number): CtCandidate {
  const lengthMm = Math.hypot(...from.map((value, axis) => value - to[axis]!)) + calibreMm;
  return {
    voxels: new Int32Array(8),
    paths: [[from, to]],
    lengthMm,
    calibreMm,
    volumeMm3: (lengthMm * Math.PI * calibreMm ** 2) / 4,
    slenderness: lengthMm / calibreMm,
    branchCount: 0,
    chord: 1,
    flatness: 1,
    peakHu: 2400,
    materialHu: 2800,
    surround: { aeratedShare: 0.9, medianHu: LUNG_HU, streakShare: 0 },
    place: 'lung',
    shareInLungs: 1,
    shareInChest: 1,
    shareInSpine: 0,
    shareBesideSpine: 0,
    depthMm: 30,
    vesselRunsMm: [0, 0],
    vesselEnds: 0,
    pieces: 1,
  };
}

const inVessel = (x0: number, x1: number, calibreMm: number, offMm = 0): CtCandidate =>
  bead([x0, 32, 32], [x1, 32 + offMm, 32], calibreMm);
const join = (...beads: CtCandidate[]): CtCandidate[] => joinBeads(lungWithVessel(), beads, BLOOD_HU);

describe('joinBeads', () => {
  it('joins straight beads 7 mm apart in one vessel', () => {
    const joined = join(inVessel(12, 15, 2), inVessel(22, 27, 3), inVessel(34, 36, 1.5));
    expect(joined).toHaveLength(1);
    expect(joined[0]).toMatchObject({ pieces: 3, calibreMm: 3 });
    expect(joined[0]!.lengthMm).toBeCloseTo(24 + (2 + 1.5) / 2, 0);
  });

  it('leaves beads apart that air lies between', () => {
    const aside = bead([22, 45, 32], [27, 45, 32], 3);
    expect(join(inVessel(12, 20, 2), aside)).toHaveLength(2);
  });

  it('joins across a wide gap only what is straight', () => {
    expect(join(inVessel(12, 15, 2), inVessel(22, 26, 3, 4))).toHaveLength(2);
    expect(join(inVessel(12, 15, 2), inVessel(18, 22, 3, 2))).toHaveLength(1);
  });

  it('never joins rods of one length and calibre: made things', () => {
    expect(join(inVessel(12, 17, 1), inVessel(20, 25, 1))).toHaveLength(2);
    expect(join(inVessel(12, 17, 1), inVessel(20, 22.5, 1.6))).toHaveLength(1);
  });
});
