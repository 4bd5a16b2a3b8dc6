import { type DicomFile, readPart10 } from '@pce/shared/dicom/part10';
import {
  buildSmallEnhancedCt,
  buildSmallSlice,
  type SmallSliceOptions,
  smallChestHu,
  smallSlicePosition,
} from '@pce/test-support/small-ct';
import { describe, expect, it } from 'vitest';
import { CT_VOLUME } from '../parameters.js';
import { assembleCtVolume } from './assemble-ct-volume.js';
import { describeInstance } from './describe-instance.js';
import { lpsToVoxel, voxelToLps } from './geometry.js';
import { tabulateHounsfield } from './hounsfield.js';
import { InstanceUnavailableError } from './slice-loader.js';
import type { Volume } from './volume.js';

type Point = readonly [number, number, number];

const COUNT = 41;
const SPACING_MM = 3;
const HEIGHTS = Array.from({ length: COUNT }, (_, k) => -60 + k * SPACING_MM);
/** Every millimetre of height has its own attenuation in the wall of the body. */
const heightHu = ([x, y, z]: Point) => (smallChestHu([x, y, z]) === 40 ? 40 + z : smallChestHu([x, y, z]));

function slicesAt(heights: readonly number[], more: Partial<SmallSliceOptions> = {}): Uint8Array[] {
  return heights.map((z, index) =>
    buildSmallSlice({ seed: `${z} ${index}`, positionLpsMm: smallSlicePosition(z), huAt: heightHu, ...more }),
  );
}

async function assemble(files: readonly Uint8Array[], breakUid?: (file: DicomFile) => boolean) {
  const parsed = files.map((bytes) => readPart10(bytes));
  const byUid = new Map(parsed.map((file) => [file.dataset.string('SOPInstanceUID')!, file]));
  return assembleCtVolume(parsed.map(describeInstance), async (uid) => {
    const file = byUid.get(uid)!;
    if (breakUid?.(file)) throw new Error('broken');
    return file;
  });
}

async function volumeOf(files: readonly Uint8Array[]): Promise<Volume> {
  const assembled = await assemble(files);
  if (assembled.kind !== 'volume') throw new Error(assembled.reason.message);
  return assembled.volume;
}

async function refusalOf(files: readonly Uint8Array[]): Promise<string> {
  const assembled = await assemble(files);
  return assembled.kind === 'not-analysable' ? assembled.reason.code : 'none';
}

/** The value at a point of the patient, by the volume's own affine. */
function huAt(volume: Volume, point: Point): number {
  const [i, j, k] = lpsToVoxel(volume.voxelToLpsMm, point).map(Math.round) as [number, number, number];
  return volume.hu[(k * volume.rows + j) * volume.columns + i]!;
}

const WALL: Point = [0, 60, 0];
const wallAt = (z: number): Point => [WALL[0], WALL[1], z];

describe('assembleCtVolume', () => {
  it('sorts shuffled slices from the feet to the head', async () => {
    const files = slicesAt(HEIGHTS);
    const shuffled = files.map((_, index) => files[(index * 17) % COUNT]!);
    const volume = await volumeOf(shuffled);
    expect([volume.columns, volume.rows, volume.slices]).toEqual([32, 32, COUNT]);
    expect(volume.spacingMm).toEqual([8, 8, SPACING_MM]);
    expect([-60, 0, 60].map((z) => huAt(volume, wallAt(z)))).toEqual([-20, 40, 100]);
    expect(volume.hu).toEqual((await volumeOf(files)).hu);
    expect(volume.remarks).toEqual([]);
    expect(volume.sliceThicknessMm).toBe(3);
  });

  it('places a known voxel in the patient', async () => {
    const volume = await volumeOf(slicesAt(HEIGHTS));
    expect(voxelToLps(volume.voxelToLpsMm, [0, 0, 0])).toEqual([-124, -124, -60]);
    expect(voxelToLps(volume.voxelToLpsMm, [3, 5, 7])).toEqual([-100, -84, -39]);
    expect(volume.sliceImages[7]?.sopInstanceUid).toBe(
      readPart10(slicesAt(HEIGHTS)[7]!).dataset.string('SOPInstanceUID'),
    );
  });

  it.each([
    ['feet first, prone', [-1, 0, 0], [0, -1, 0], [124, 124]],
    ['feet first, supine, columns to the right', [-1, 0, 0], [0, 1, 0], [124, -124]],
    ['lying on the side', [0, 1, 0], [-1, 0, 0], [124, -124]],
  ] as const)('reads the same patient %s', async (_, rowDirection, columnDirection, [x, y]) => {
    const usual = await volumeOf(slicesAt(HEIGHTS));
    const files = HEIGHTS.map((z) =>
      buildSmallSlice({ seed: `${z}`, positionLpsMm: [x, y, z], rowDirection, columnDirection, huAt: heightHu }),
    );
    const volume = await volumeOf(files);
    for (const point of [wallAt(-60), wallAt(30), [52, 4, 0], [-84, 20, 9]] as Point[]) {
      expect(huAt(volume, point)).toBe(huAt(usual, point));
    }
  });

  it('drops a repeated slice and says so', async () => {
    const files = [...slicesAt(HEIGHTS), ...slicesAt([0], { seed: 'again' })];
    const volume = await volumeOf(files);
    expect(volume.slices).toBe(COUNT);
    expect(volume.remarks).toEqual(['1 slice at a position already taken left out.']);
  });

  it('fills a missing slice by interpolation and says so', async () => {
    const volume = await volumeOf(slicesAt(HEIGHTS.filter((z) => z !== 0)));
    expect(volume.slices).toBe(COUNT);
    expect(huAt(volume, wallAt(0))).toBe(40);
    expect(volume.remarks).toEqual(['1 slice missing, filled by interpolation.']);
    expect(volume.sliceImages[20]).toEqual(volume.sliceImages[21]);
  });

  it('refuses a gap, and many small ones', async () => {
    expect(await refusalOf(slicesAt(HEIGHTS.filter((z) => z < 0 || z > 3)))).toBe('slices-missing');
    expect(await refusalOf(slicesAt(HEIGHTS.filter((_, k) => k % 4 !== 2)))).toBe('slices-missing');
  });

  it('resamples uneven distances to even ones', async () => {
    const uneven = HEIGHTS.map((z, k) => z + (k % 2 === 0 ? 0 : 1.2));
    const volume = await volumeOf(slicesAt(uneven));
    expect(volume.remarks[0]).toMatch(/uneven; resampled to \d\.\d\d mm/);
    for (const z of [-57, -12.5, 0, 33.3]) {
      const [, , k] = lpsToVoxel(volume.voxelToLpsMm, wallAt(z));
      const nearest = voxelToLps(volume.voxelToLpsMm, [15, 23, Math.round(k)])[2];
      expect(huAt(volume, wallAt(z))).toBeCloseTo(40 + nearest, -0.5);
    }
  });

  it('keeps a small gantry tilt in the affine and refuses a large one', async () => {
    const tilted = (degrees: number) => {
      const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
      const columnDirection = [0, c, -s] as const;
      return HEIGHTS.map((z) =>
        buildSmallSlice({ seed: `${z}`, positionLpsMm: [-124, -124, z], columnDirection, huAt: heightHu }),
      );
    };
    const volume = await volumeOf(tilted(6));
    expect(volume.remarks).toEqual(['Gantry tilt of 6.0 degrees.']);
    const point = voxelToLps(volume.voxelToLpsMm, [15, 24, 20]);
    expect(huAt(volume, point)).toBe(Math.round(heightHu(point)));
    expect(voxelToLps(volume.voxelToLpsMm, [0, 0, 40])[2]).toBeCloseTo(60, 6);
    expect(await refusalOf(tilted(CT_VOLUME.maxTiltDegrees + 2))).toBe('gantry-tilt');
  });

  it.each([
    ['mixed-slices', () => [...slicesAt(HEIGHTS), ...slicesAt([63], { rowDirection: [-1, 0, 0] })]],
    ['mixed-slices', () => [...slicesAt(HEIGHTS), ...slicesAt([63], { pixelMm: 7.5 })]],
    ['slices-stray', () => [...slicesAt(HEIGHTS.slice(1)), ...slicesAt([-60], { positionLpsMm: [-120, -124, -60] })]],
    ['too-few-slices', () => slicesAt(HEIGHTS.slice(0, 19))],
    ['too-short', () => slicesAt(HEIGHTS.slice(0, 30))],
    ['field-of-view-too-small', () => slicesAt(HEIGHTS, { pixelMm: 6 })],
    ['not-axial', () => slicesAt(HEIGHTS, { columnDirection: [0, 0, -1] })],
    ['no-geometry', () => slicesAt(HEIGHTS, { attributes: { ImagePositionPatient: undefined } })],
    ['not-hounsfield', () => slicesAt(HEIGHTS, { attributes: { RescaleSlope: undefined } })],
    ['not-hounsfield', () => slicesAt(HEIGHTS, { attributes: { RescaleType: 'US' } })],
    ['no-air', () => slicesAt(HEIGHTS, { attributes: { RescaleIntercept: 0 } })],
  ])('refuses %s', async (code, files) => {
    expect(await refusalOf(files())).toBe(code);
  });
});

describe('values', () => {
  it('are the same signed, unsigned and scaled', async () => {
    const unsigned = await volumeOf(slicesAt(HEIGHTS));
    const signed = await volumeOf(slicesAt(HEIGHTS, { signed: true }));
    const halved = await volumeOf(
      slicesAt(HEIGHTS, { storedOf: (hu) => (hu + 1024) * 2, attributes: { RescaleSlope: 0.5 } }),
    );
    expect(signed.hu).toEqual(unsigned.hu);
    expect(halved.hu).toEqual(unsigned.hu);
  });

  it('come from a table where there is one, and are refused when it holds no air', async () => {
    const table = (bits: number) => ({
      LUTDescriptor: [256, 0, bits],
      LUTData: Array.from({ length: 256 }, (_, at) => 255 - at),
    });
    const attributes = { RescaleSlope: undefined, RescaleIntercept: undefined, ModalityLUTSequence: [table(16)] };
    const storedOf = (hu: number) => 255 - Math.max(0, hu);
    const assembled = await assemble(slicesAt(HEIGHTS, { storedOf, attributes }));
    expect(assembled).toMatchObject({ kind: 'not-analysable', reason: { code: 'no-air' } });
    const lut = { kind: 'table', table: { firstInput: 0, values: Float64Array.of(70, 60, 50), bits: 16 } } as const;
    const { huOfWord } = tabulateHounsfield({ lut, padding: null, signed: true, bitsStored: 16 });
    expect([huOfWord[0], huOfWord[2], huOfWord[9], huOfWord[0xffff]]).toEqual([70, 50, 50, 70]);
  });

  it('take padding and everything below air as air', async () => {
    const corner = ([x, y, z]: Point) => (x < -100 && y < -100 ? -2000 : heightHu([x, y, z]));
    const attributes = { PixelPaddingValue: -2000 };
    const volume = await volumeOf(slicesAt(HEIGHTS, { signed: true, huAt: corner, attributes }));
    expect(volume.hu[0]).toBe(CT_VOLUME.airHu);
    const padded = ([x, y, z]: Point) => (x < -100 && y < -100 ? -950 : heightHu([x, y, z]));
    const believed = await volumeOf(
      slicesAt(HEIGHTS, { signed: true, huAt: padded, attributes: { PixelPaddingValue: -950 } }),
    );
    expect(believed.hu[0]).toBe(CT_VOLUME.airHu);
  });

  it('do not believe padding that would cut holes into tissue', async () => {
    const volume = await volumeOf(slicesAt(HEIGHTS, { signed: true, attributes: { PixelPaddingValue: 40 } }));
    expect(huAt(volume, wallAt(0))).toBe(40);
  });

  it('are clipped at the largest value the bits hold, or at a plateau below it', async () => {
    expect((await volumeOf(slicesAt(HEIGHTS))).clippedAtHu).toBe(3071);
    const saturated = ([x, y, z]: Point) => (Math.hypot(x, y - 60) < 20 ? 2976 : heightHu([x, y, z]));
    expect((await volumeOf(slicesAt(HEIGHTS, { signed: true, huAt: saturated }))).clippedAtHu).toBe(2976);
    expect((await volumeOf(slicesAt(HEIGHTS, { signed: true }))).clippedAtHu).toBe(32_767);
  });
});

describe('an Enhanced CT', () => {
  it('reads as the classic one does', async () => {
    const enhanced = buildSmallEnhancedCt([...HEIGHTS].reverse().map(smallSlicePosition), heightHu);
    const volume = await volumeOf([enhanced]);
    const classic = await volumeOf(slicesAt(HEIGHTS));
    expect(volume.hu).toEqual(classic.hu);
    expect(volume.voxelToLpsMm).toEqual(classic.voxelToLpsMm);
    expect(volume.sliceImages[0]?.frameNumber).toBe(COUNT);
    expect(volume.sliceImages[COUNT - 1]?.frameNumber).toBe(1);
  });
});

describe('a slice that cannot be read', () => {
  const isAt = (z: number) => (file: DicomFile) => file.dataset.numbers('ImagePositionPatient')[2] === z;

  it('is filled from its neighbours and named', async () => {
    const assembled = await assemble(slicesAt(HEIGHTS), isAt(0));
    if (assembled.kind !== 'volume') throw new Error(assembled.reason.message);
    expect(huAt(assembled.volume, wallAt(0))).toBe(40);
    expect(assembled.broken).toHaveLength(1);
    expect(assembled.broken[0]?.image).toEqual(assembled.volume.sliceImages[20]);
    expect(assembled.volume.remarks).toEqual(['1 slice could not be decoded, filled by interpolation.']);
  });

  it('makes the series not analysable when there are many', async () => {
    const assembled = await assemble(slicesAt(HEIGHTS), (file) => [0, 3].some((z) => isAt(z)(file)));
    expect(assembled).toMatchObject({ kind: 'not-analysable', reason: { code: 'slices-missing' } });
    expect(await assemble(slicesAt(HEIGHTS), () => true)).toMatchObject({ reason: { code: 'undecodable' } });
  });

  it('fails the analysis when the store failed and not the image', async () => {
    const headers = slicesAt(HEIGHTS).map((bytes) => describeInstance(readPart10(bytes)));
    const gone = assembleCtVolume(headers, async (uid) => {
      throw new InstanceUnavailableError(uid);
    });
    await expect(gone).rejects.toBeInstanceOf(InstanceUnavailableError);
  });
});
