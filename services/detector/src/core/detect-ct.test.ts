import { describe, expect, it } from 'vitest';
import { detectCt } from './detect-ct.js';
import type { Volume } from './volume/volume.js';

type Point = readonly [number, number, number];
/** A tube with round ends, in LPS millimetres. */
interface Tube {
  readonly points: readonly Point[];
  readonly diameterMm: number;
  readonly hu: number;
}

const COLUMNS = 300;
const ROWS = 240;
const SLICES = 110;
const PIXEL_MM = 1;
const SLICE_MM = 2;
const ORIGIN: Point = [-150, -120, 0];

function distanceToSegment(p: Point, a: Point, b: Point): number {
  const ab = [b[0] - a[0], b[1] - a[1], b[2] - a[2]] as const;
  const ap = [p[0] - a[0], p[1] - a[1], p[2] - a[2]] as const;
  const length2 = ab[0] ** 2 + ab[1] ** 2 + ab[2] ** 2;
  const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, (ap[0] * ab[0] + ap[1] * ab[1] + ap[2] * ab[2]) / length2));
  return Math.hypot(ap[0] - t * ab[0], ap[1] - t * ab[1], ap[2] - t * ab[2]);
}

const inLung = (x: number, y: number): boolean => ((Math.abs(x) - 65) / 45) ** 2 + (y / 70) ** 2 < 1;

/** A chest of elliptic cylinders with tubes in it; each voxel is averaged over 27 points where a tube is near. */
function chest(tubes: readonly Tube[], flip = false): Volume {
  const hu = new Int16Array(COLUMNS * ROWS * SLICES);
  let state = 7;
  const noise = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 60;
  };
  for (let k = 0; k < SLICES; k++) {
    for (let j = 0; j < ROWS; j++) {
      for (let i = 0; i < COLUMNS; i++) {
        const x = (flip ? COLUMNS - 1 - i : i) * PIXEL_MM + ORIGIN[0];
        const y = j * PIXEL_MM + ORIGIN[1];
        const inBody = (x / 140) ** 2 + (y / 105) ** 2 < 1;
        const lung = inBody && inLung(x, y) && k > 5;
        hu[(k * ROWS + j) * COLUMNS + i] = (inBody ? (lung ? -850 : 40) : -1000) + noise();
      }
    }
  }
  for (const tube of tubes) paint(hu, tube, flip);
  const sign = flip ? -1 : 1;
  const x0 = flip ? -ORIGIN[0] - 1 : ORIGIN[0];
  return {
    hu,
    columns: COLUMNS,
    rows: ROWS,
    slices: SLICES,
    spacingMm: [PIXEL_MM, PIXEL_MM, SLICE_MM],
    voxelToLpsMm: Float64Array.of(sign, 0, 0, x0, 0, 1, 0, ORIGIN[1], 0, 0, SLICE_MM, ORIGIN[2], 0, 0, 0, 1),
    sliceThicknessMm: 2,
    clippedAtHu: 3071,
    sliceImages: Array.from({ length: SLICES }, (_, k) => ({
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: `2.25.${k + 1}`,
      seriesInstanceUid: '2.25.1000',
    })),
    seriesInstanceUid: '2.25.1000',
    frameOfReferenceUid: '2.25.1001',
    remarks: [],
  };
}

const THIRDS = [-1 / 3, 0, 1 / 3] as const;

function paint(hu: Int16Array, tube: Tube, flip: boolean): void {
  const radius = tube.diameterMm / 2;
  const reach = (axis: number, sign: number): number =>
    sign * Math.max(...tube.points.map((point) => sign * point[axis]!)) + sign * (radius + 2);
  for (let k = 0; k < SLICES; k++) {
    const z = k * SLICE_MM + ORIGIN[2];
    if (z < reach(2, -1) || z > reach(2, 1)) continue;
    for (let y = Math.floor(reach(1, -1)); y <= reach(1, 1); y++) {
      for (let x = Math.floor(reach(0, -1)); x <= reach(0, 1); x++) {
        let inside = 0;
        for (const a of THIRDS)
          for (const b of THIRDS)
            for (const c of THIRDS) {
              const p: Point = [x + a, y + b, z + c * SLICE_MM];
              const near = tube.points.some(
                (point, n) => n > 0 && distanceToSegment(p, tube.points[n - 1]!, point) < radius,
              );
              const atDot = tube.points.length === 1 && distanceToSegment(p, tube.points[0]!, tube.points[0]!) < radius;
              if (near || atDot) inside += 1;
            }
        if (inside === 0) continue;
        const i = flip ? COLUMNS - 1 - (x - ORIGIN[0]) : x - ORIGIN[0];
        const at = (k * ROWS + (y - ORIGIN[1])) * COLUMNS + i;
        hu[at] = Math.min(3071, hu[at]! + (inside / 27) * (tube.hu - hu[at]!));
      }
    }
  }
}

const CEMENT_HU = 4720;
const tubular: Tube = {
  points: [
    [60, -10, 100],
    [72, 2, 110],
  ],
  diameterMm: 2.5,
  hu: CEMENT_HU,
};
const options = { reportAbove: 0 };

async function analysed(tubes: readonly Tube[], flip = false) {
  const outcome = await detectCt(chest(tubes, flip), options);
  if (outcome.kind !== 'analysed') throw new Error(outcome.reason.message);
  return outcome;
}

describe('detectCt', () => {
  it('finds a tubular cast and measures it', async () => {
    const { presence, findings, suggestedUrgency } = await analysed([tubular]);
    expect(presence).toBe('present');
    expect(suggestedUrgency).toBe('medium');
    const [finding, ...others] = findings;
    expect(others.filter(({ assessment }) => assessment !== 'candidate')).toEqual([]);
    expect(finding).toMatchObject({ assessment: 'suspected', morphology: 'tubular', side: 'left', zone: 'middle' });
    const trueLengthMm = Math.hypot(12, 12, 10) + 2.5;
    expect(Math.abs(finding!.measurements.lengthMm! - trueLengthMm) / trueLengthMm).toBeLessThan(0.15);
    expect(Math.abs(finding!.measurements.calibreMm! - 2.5)).toBeLessThan(0.5);
    expect(finding!.measurements.peakIsClipped).toBe(true);
    const [x, y, z] = finding!.centreLpsMm!;
    expect(Math.hypot(x - 66, y + 4, z - 105)).toBeLessThan(4);
  });

  it('marks it on its key slice, around the cast', async () => {
    const { findings } = await analysed([tubular]);
    const { image, pointsPx } = findings[0]!.regions[0]!;
    const k = Number(image.sopInstanceUid.slice('2.25.'.length)) - 1;
    expect(k * SLICE_MM).toBeGreaterThanOrEqual(98);
    expect(k * SLICE_MM).toBeLessThanOrEqual(112);
    expect(pointsPx[0]).toEqual(pointsPx.at(-1));
    const centre = [0, 1].map((d) => pointsPx.slice(1).reduce((sum, p) => sum + p[d]!, 0) / (pointsPx.length - 1));
    // Voxel centre i lies at i + 0.5 in the image.
    expect(Math.abs(centre[0]! - 0.5 + ORIGIN[0] - 66)).toBeLessThan(8);
    expect(Math.abs(centre[1]! - 0.5 + ORIGIN[1] + 4)).toBeLessThan(8);
  });

  it('tells the patient’s side from the affine, not from the array', async () => {
    const { findings } = await analysed([tubular], true);
    expect(findings[0]).toMatchObject({ side: 'left', assessment: 'suspected' });
  });

  it('sees a fork as branching', async () => {
    const fork: Tube[] = [
      {
        points: [
          [-60, 0, 60],
          [-60, 0, 76],
        ],
        diameterMm: 2.5,
        hu: CEMENT_HU,
      },
      {
        points: [
          [-60, 0, 76],
          [-70, 4, 90],
        ],
        diameterMm: 2.2,
        hu: CEMENT_HU,
      },
      {
        points: [
          [-60, 0, 76],
          [-52, -4, 90],
        ],
        diameterMm: 2,
        hu: CEMENT_HU,
      },
    ];
    const { findings, presence } = await analysed(fork);
    expect(presence).toBe('present');
    expect(findings[0]).toMatchObject({ morphology: 'branching', side: 'right' });
  });

  it('joins beads in a line into one finding', async () => {
    const vessel: Tube = {
      points: [
        [40, 0, 130],
        [75, 0, 130],
      ],
      diameterMm: 3,
      hu: 40,
    };
    const beads = [0, 5, 10, 15].map((x): Tube => ({ points: [[50 + x, 0, 130]], diameterMm: 2.4, hu: CEMENT_HU }));
    const { findings, presence } = await analysed([vessel, ...beads]);
    expect(presence).toBe('present');
    expect(findings.filter(({ assessment }) => assessment !== 'candidate')).toHaveLength(1);
    expect(findings[0]!.morphology).toBe('beaded');
  });

  it.each([
    ['nothing', [], 'absent'],
    ['a lone dot', [{ points: [[60, 0, 120]], diameterMm: 2.5, hu: CEMENT_HU }], 'undetermined'],
    ['a calcified granuloma', [{ points: [[60, 0, 120]], diameterMm: 7, hu: 900 }], 'absent'],
    [
      'a catheter',
      [
        {
          points: [
            [-60, -20, 20],
            [-55, 10, 200],
          ],
          diameterMm: 2,
          hu: 2000,
        },
      ],
      'absent',
    ],
    [
      'a rib',
      [
        {
          points: [
            [-108, -40, 60],
            [-112, 0, 80],
            [-100, 45, 100],
          ],
          diameterMm: 9,
          hu: 800,
        },
      ],
      'absent',
    ],
  ] as const)('does not alarm on %s', async (_name, tubes, presence) => {
    expect((await analysed(tubes as readonly Tube[])).presence).toBe(presence);
  });

  it('does not take arteries full of contrast for cement', async () => {
    const heart: Tube = {
      points: [
        [0, 0, 20],
        [0, 0, 200],
      ],
      diameterMm: 38,
      hu: 380,
    };
    const arteries: Tube[] = [
      {
        points: [
          [40, 0, 100],
          [85, 10, 115],
        ],
        diameterMm: 5,
        hu: 380,
      },
      {
        points: [
          [-40, 0, 100],
          [-85, 10, 80],
        ],
        diameterMm: 4,
        hu: 380,
      },
    ];
    expect((await analysed([heart, ...arteries])).presence).toBe('absent');
  });

  it('cannot judge what is no chest', async () => {
    const volume = chest([]);
    const water = { ...volume, hu: volume.hu.map((value) => (value < -500 && value > -950 ? 0 : value)) };
    expect(await detectCt(water, options)).toMatchObject({ kind: 'not-analysable', reason: { code: 'no-lungs' } });
    const oneLung = {
      ...volume,
      hu: volume.hu.map((value, at) => (at % COLUMNS < COLUMNS / 2 && value < -500 && value > -950 ? 30 : value)),
    };
    expect(await detectCt(oneLung, options)).toMatchObject({ kind: 'not-analysable', reason: { code: 'one-lung' } });
  });

  it('says that thick slices may hide thin casts', async () => {
    const outcome = await detectCt({ ...chest([]), sliceThicknessMm: 5 }, options);
    expect(outcome).toMatchObject({ quality: { level: 'limited', remarks: [expect.stringContaining('5.0 mm')] } });
  });
});
