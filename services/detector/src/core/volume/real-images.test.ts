import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPart10 } from '@pce/shared/dicom/part10';
import { describe, expect, it } from 'vitest';
import { assembleCtVolume } from './assemble-ct-volume.js';
import { describeInstance } from './describe-instance.js';
import { planStudy } from './plan-study.js';
import { readRadiograph } from './read-radiograph.js';
import { viewFromImage } from './view-from-image.js';
import type { Volume } from './volume.js';

const DATA = join(process.env.PCE_SHARED_DIR ?? join(import.meta.dirname, '../../../../../../shared'), 'data');

/** Real CTs: slices, spacings in the plane and along the body, where the lowest slice lies. */
const CTS = [
  ['ct/covid-ct-md/P001', 148, [0.748046875, 0.748046875, 2], -346.1],
  ['ct/covid-ct-md/normal001', 154, [0.634765625, 0.634765625, 2], -330.5],
  ['ct/covid-ct-md/cap001', 168, [0.58984375, 0.58984375, 2], -401.9],
  ['ct/popi', 141, [0.9765625, 0.9765625, 2], -164.5],
] as const;

/** A CT in JPEG 2000 takes ten seconds on an idle machine, and many times that on a busy one. */
const JPEG_2000_MS = 300_000;

async function volumeIn(folder: string): Promise<Volume> {
  const paths = readdirSync(folder).map((name) => join(folder, name));
  const headers = paths.map((path) => describeInstance(readPart10(readFileSync(path))));
  const pathOf = new Map(headers.map((header, at) => [header.sopInstanceUid, paths[at]!]));
  const [part] = planStudy(headers).parts;
  if (part?.kind !== 'ct') throw new Error(`not a CT: ${JSON.stringify(part)}`);
  const load = async (uid: string) => readPart10(readFileSync(pathOf.get(uid)!));
  const assembled = await assembleCtVolume(part.candidates[0]!.headers, load);
  if (assembled.kind !== 'volume') throw new Error(assembled.reason.message);
  return assembled.volume;
}

/** Share of voxels in a range of HU. */
function share({ hu }: Volume, from: number, to: number): number {
  return hu.reduce((sum, value) => (value >= from && value <= to ? sum + 1 : sum), 0) / hu.length;
}

describe('real CTs', () => {
  it.for(CTS)(
    '%s is a chest in Hounsfield units',
    { timeout: JPEG_2000_MS },
    async ([folder, slices, spacingMm, lowestMm], { skip }) => {
      skip(!existsSync(join(DATA, folder)), `no ${folder}: set PCE_SHARED_DIR to the folder that holds data/`);
      const volume = await volumeIn(join(DATA, folder));
      expect([volume.slices, volume.spacingMm]).toEqual([slices, spacingMm]);
      expect(volume.voxelToLpsMm[11]).toBeCloseTo(lowestMm, 6);
      expect(volume.remarks).toEqual([]);
      // Lung, soft tissue and bone in the shares a chest has, and nothing denser than cortical bone but calcium.
      expect(share(volume, -950, -600)).toBeGreaterThan(0.05);
      expect(share(volume, -20, 100)).toBeGreaterThan(0.1);
      expect(share(volume, 200, 1500)).toBeGreaterThan(0.005);
      expect(share(volume, 1500, 32_767)).toBeLessThan(0.0005);
    },
  );
});

describe('real films', () => {
  const folder = join(DATA, 'dicom/radiographs');
  const missing = [
    !existsSync(folder),
    'no dicom/radiographs: set PCE_SHARED_DIR to the folder that holds data/',
  ] as const;
  const read = async (name: string) => {
    const result = await readRadiograph(readPart10(readFileSync(join(folder, name))));
    if (result.kind !== 'radiograph') throw new Error(result.reason.message);
    return result.radiograph;
  };

  it('read the same from a twin tagged MONOCHROME1 by mistake, and look frontal', async ({ skip }) => {
    skip(...missing);
    const film = await read('1.2.276.0.7230010.3.1.4.8323329.6904.1517875201.850819.dcm');
    const twin = await read('Fake_MONOHR1.dcm');
    expect(twin.remarks.join()).toContain('read the other way round');
    const worst = film.pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - twin.pixels[at]!)), 0);
    expect(worst).toBeLessThan(1e-6);
    expect(viewFromImage(film.pixels, film.columns, film.rows)).toBe('PA');
    // By its spacing it would be 172 mm wide: no chest.
    expect(film).toMatchObject({ calibration: 'uncalibrated', view: 'PA', viewSource: 'tags' });
  });

  it('take spacings of zero for none', async ({ skip }) => {
    skip(...missing);
    const film = await read('RG1_J2KI.dcm');
    expect(film).toMatchObject({
      calibration: 'uncalibrated',
      spacingMm: null,
      bodyPart: 'chest',
      patientLeftIsOn: 'right',
    });
    expect(viewFromImage(film.pixels, film.columns, film.rows)).toBe('PA');
  });
});
