import { describe, expect, it } from 'vitest';
import { detectWithNetworks, type FilmNetworks } from './detect-radiograph-networks.js';
import type { PlaneNetwork, Planes } from './imaging/plane-network.js';
import type { Radiograph } from './volume/radiograph.js';

const COLUMNS = 1200;
const ROWS = 1000;
/** Ends of a dense line in the right half of the image, in film pixels. */
const LINE = { x0: 800, x1: 860, y: 420 };

/** A grey film with two darker fields and a bright line of 6 pixels in one of them. */
function film(changes: Partial<Radiograph> = {}): Radiograph {
  const pixels = new Float32Array(COLUMNS * ROWS);
  for (let j = 0; j < ROWS; j++) {
    for (let i = 0; i < COLUMNS; i++) {
      const isLung = (i > 200 && i < 500) || (i > 700 && i < 1000);
      const isLine = i >= LINE.x0 && i < LINE.x1 && Math.abs(j + 0.5 - LINE.y) < 3;
      const noise = 0.004 * ((Math.sin(i * 12.9898 + j * 78.233) * 43758.5453) % 1);
      pixels[j * COLUMNS + i] = (isLung ? 0.3 : 0.6) + (isLine ? 0.3 : 0) + noise;
    }
  }
  return {
    pixels,
    columns: COLUMNS,
    rows: ROWS,
    spacingMm: [0.3, 0.3],
    calibration: 'calibrated',
    view: 'PA',
    viewSource: 'tags',
    bodyPart: 'chest',
    patientLeftIsOn: 'right',
    headIsOn: 'top',
    image: { sopClassUid: '1.2', sopInstanceUid: '1.2.3', seriesInstanceUid: '1.2.4' },
    remarks: [],
    ...changes,
  };
}

/** Sees lung in the two fields of the film above, of which one cell is 1200 / 128 pixels. */
const lungs: PlaneNetwork = {
  sideMultiple: 8,
  run: async ({ columns, rows }) => {
    const values = new Float32Array(3 * columns * rows);
    for (let j = 20; j < 100; j++) {
      for (let i = 22; i < 53; i++) values[j * columns + i] = 0.99;
      for (let i = 75; i < 106; i++) values[columns * rows + j * columns + i] = 0.99;
    }
    return { values, channels: 3, columns, rows };
  },
};

/** Takes everything of high local contrast for cement. */
const cement: PlaneNetwork = {
  sideMultiple: 16,
  run: async ({ values, columns, rows }: Planes) => {
    const [w, h] = [columns / 2, rows / 2];
    const out = new Float32Array(2 * w * h);
    for (let j = 0; j < h; j++) {
      for (let i = 0; i < w; i++) {
        const at = 2 * j * columns + 2 * i;
        const mean = (values[at]! + values[at + 1]! + values[at + columns]! + values[at + columns + 1]!) / 4;
        out[j * w + i] = mean > 2.5 && values[columns * rows + at]! > 0.9 ? 0.98 : 0.01;
      }
    }
    return { values: out, channels: 2, columns: w, rows: h };
  },
};

const networks: FilmNetworks = { lungs, cement };

async function findIn(one: Radiograph) {
  const outcome = await detectWithNetworks(one, { reportAbove: 0 }, networks);
  if (outcome.kind !== 'analysed') throw new Error(outcome.reason.message);
  return outcome;
}

describe('detectWithNetworks', () => {
  it('draws the line where it is, in pixels of the film', async () => {
    const { findings } = await findIn(film());
    const points = findings[0]!.regions[0]!.pointsPx;
    const columns = points.map(([x]) => x);
    for (const [, y] of points) expect(Math.abs(y - LINE.y)).toBeLessThan(3);
    expect(Math.abs(Math.min(...columns) - LINE.x0)).toBeLessThan(6);
    expect(Math.abs(Math.max(...columns) - LINE.x1)).toBeLessThan(6);
  });

  it('measures millimetres where the film has a scale', async () => {
    const { measurements } = (await findIn(film())).findings[0]!;
    expect(Math.abs(measurements.lengthMm! - 60 * 0.3)).toBeLessThan(3);
    expect(Math.abs(measurements.calibreMm! - 6 * 0.3)).toBeLessThan(0.7);
    expect(measurements.inDetectorPlane).toBe(false);
  });

  it('claims no millimetres without a scale', async () => {
    const { findings, quality } = await findIn(film({ spacingMm: null, calibration: 'uncalibrated' }));
    expect(findings[0]!.measurements).toMatchObject({ lengthMm: null, calibreMm: null });
    expect(quality.remarks.join(' ')).toContain('not calibrated');
  });

  it('says when millimetres hold in the detector plane only', async () => {
    const { findings } = await findIn(film({ calibration: 'detector-plane' }));
    expect(findings[0]!.measurements.inDetectorPlane).toBe(true);
  });

  it('names side and zone from the orientation', async () => {
    expect((await findIn(film())).findings[0]).toMatchObject({ side: 'left', zone: 'middle', site: 'lung' });
    expect((await findIn(film({ patientLeftIsOn: 'left' }))).findings[0]!.side).toBe('right');
    expect((await findIn(film({ patientLeftIsOn: null }))).findings[0]!.side).toBeNull();
  });

  it('is silent where the network sees nothing', async () => {
    const blind: PlaneNetwork = {
      sideMultiple: 16,
      run: async ({ columns, rows }) => ({
        values: new Float32Array((columns * rows) / 2),
        channels: 2,
        columns: columns / 2,
        rows: rows / 2,
      }),
    };
    const outcome = await detectWithNetworks(film(), { reportAbove: 0 }, { lungs, cement: blind });
    expect(outcome).toMatchObject({ kind: 'analysed', presence: 'absent', findings: [], suggestedUrgency: 'none' });
  });

  it('does not judge a film without lungs', async () => {
    const noLungs: PlaneNetwork = {
      sideMultiple: 8,
      run: async ({ columns, rows }) => ({ values: new Float32Array(3 * columns * rows), channels: 3, columns, rows }),
    };
    const outcome = await detectWithNetworks(film(), { reportAbove: 0 }, { lungs: noLungs, cement });
    expect(outcome).toMatchObject({ kind: 'not-analysable', reason: { code: 'no-lung-field' } });
  });
});
