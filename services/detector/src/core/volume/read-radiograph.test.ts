import { readPart10 } from '@pce/shared/dicom/part10';
import { buildSmallFilm, type SmallFilmOptions, smallFilmValue } from '@pce/test-support/small-film';
import { describe, expect, it } from 'vitest';
import type { Radiograph } from './radiograph.js';
import { readRadiograph } from './read-radiograph.js';

async function read(options: SmallFilmOptions = {}) {
  return readRadiograph(readPart10(buildSmallFilm(options)));
}

async function film(options: SmallFilmOptions = {}): Promise<Radiograph> {
  const result = await read(options);
  if (result.kind !== 'radiograph') throw new Error(result.reason.message);
  return result.radiograph;
}

/** Largest difference of two films, of a range of 1. */
function difference(a: Radiograph, b: Radiograph): number {
  return a.pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - b.pixels[at]!)), 0);
}

const HALF_STEP = 1 / 4095;

describe('the values of a film', () => {
  it('are dense bright and fill 0..1', async () => {
    const { pixels, columns } = await film();
    const at = (i: number, j: number) => pixels[j * columns + i]!;
    expect(at(160, 300)).toBeGreaterThan(at(96, 180) + 0.4);
    const [least, most] = pixels.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [9, -9]);
    expect([least, most]).toEqual([0, 1]);
  });

  it('are the same for a MONOCHROME1 twin', async () => {
    const twin = await film({
      storedOf: (value) => 4095 - Math.round(value * 4095),
      attributes: { PhotometricInterpretation: 'MONOCHROME1', PresentationLUTShape: 'INVERSE' },
    });
    expect(difference(await film(), twin)).toBeLessThan(HALF_STEP);
  });

  it('are the same signed, rescaled, through a modality table and through a window', async () => {
    const reference = await film();
    const signed = await film({
      storedOf: (value) => value * 4095 - 2048,
      attributes: { PixelRepresentation: 1, RescaleSlope: 2, RescaleIntercept: 100, RescaleType: 'US' },
    });
    const table = {
      LUTDescriptor: [4096, 0, 16],
      ModalityLUTType: 'US',
      LUTData: Array.from({ length: 4096 }, (_, at) => 4095 - at),
    };
    const tabled = await film({
      storedOf: (value) => 4095 - Math.round(value * 4095),
      attributes: { ModalityLUTSequence: [table] },
    });
    const windowed = await film({ attributes: { WindowCenter: 2048, WindowWidth: 4096 } });
    for (const other of [signed, tabled, windowed]) expect(difference(reference, other)).toBeLessThan(2 * HALF_STEP);
  });

  it('follow a VOI table and a sigmoid', async () => {
    const linear = await film();
    const square = {
      LUTDescriptor: [4096, 0, 12],
      LUTData: Array.from({ length: 4096 }, (_, at) => Math.round(at ** 2 / 4095)),
    };
    const curved = await film({ attributes: { VOILUTSequence: [square] } });
    const sigmoid = await film({ attributes: { WindowCenter: 2048, WindowWidth: 1000, VOILUTFunction: 'SIGMOID' } });
    const at = 200 * 320 + 160;
    expect(curved.pixels[at]).toBeLessThan(linear.pixels[at]! - 0.05);
    expect(sigmoid.pixels[at]).toBeGreaterThan(linear.pixels[at]! + 0.02);
  });

  it('do not lose their dense end to a window that does not fit', async () => {
    const misfit = await film({ attributes: { WindowCenter: 500, WindowWidth: 900 } });
    expect(difference(await film(), misfit)).toBe(0);
    expect(misfit.remarks[0]).toContain('was not used');
  });

  it('leave padding and single outliers out of the range', async () => {
    const bordered = await film({
      valueAt: (x, y) => (x < 0.1 ? -1 : smallFilmValue(x, y)),
      storedOf: (value) => (value < 0 ? 4000 : value * 2000 + 100),
      attributes: { PixelPaddingValue: 4000 },
    });
    expect(bordered.pixels[10 * 320 + 5]).toBe(0);
    expect(bordered.pixels[390 * 320 + 160]).toBeGreaterThan(0.95);
  });

  it('of an image for processing with linear signal are its logarithm', async () => {
    const attributes = {
      PresentationIntentType: 'FOR PROCESSING',
      PixelIntensityRelationship: 'LIN',
      PixelIntensityRelationshipSign: 1,
    };
    const raw = await film({ storedOf: (value) => 4000 * Math.exp(-3 * value), attributes });
    expect(difference(await film(), raw)).toBeLessThan(0.01);
    expect(raw.remarks.join()).toContain('for processing');
    const unknown = await read({ attributes: { PresentationIntentType: 'FOR PROCESSING' } });
    expect(unknown).toMatchObject({ kind: 'not-analysable', reason: { code: 'for-processing' } });
  });
});

describe('a negative', () => {
  const negative = { attributes: { PhotometricInterpretation: 'MONOCHROME1' } };

  it('is read the right way round, with a remark', async () => {
    const turned = await film(negative);
    expect(difference(await film(), turned)).toBeLessThan(HALF_STEP);
    expect(turned.remarks).toEqual([expect.stringContaining('read the other way round'), expect.anything()]);
  });

  it('stays as it is from the side, where the image does not tell', async () => {
    const lateral = await film({ attributes: { ...negative.attributes, ViewPosition: 'LL' } });
    expect(lateral.pixels[180 * 320 + 96]).toBeGreaterThan(lateral.pixels[180 * 320 + 160]!);
  });
});

describe('the millimetres of a film', () => {
  it.each([
    ['none', {}, 'uncalibrated', null],
    ['on the detector only', { ImagerPixelSpacing: [0.8, 0.7] }, 'detector-plane', [0.7, 0.8]],
    ['one that may be either', { PixelSpacing: [0.8, 0.8] }, 'detector-plane', [0.8, 0.8]],
    ['both the same', { PixelSpacing: [0.8, 0.8], ImagerPixelSpacing: [0.8, 0.8] }, 'detector-plane', [0.8, 0.8]],
    ['both, different', { PixelSpacing: [0.7, 0.7], ImagerPixelSpacing: [0.8, 0.8] }, 'calibrated', [0.7, 0.7]],
    [
      'calibrated by an object',
      { PixelSpacing: [0.7, 0.7], ImagerPixelSpacing: [0.7, 0.7], PixelSpacingCalibrationType: 'FIDUCIAL' },
      'calibrated',
      [0.7, 0.7],
    ],
    [
      'known magnification',
      { ImagerPixelSpacing: [0.8, 0.8], EstimatedRadiographicMagnificationFactor: 1.25 },
      'calibrated',
      [0.64, 0.64],
    ],
    ['zero', { PixelSpacing: [0, 0] }, 'uncalibrated', null],
    ['one number', { PixelSpacing: [0.7] }, 'uncalibrated', null],
    ['a field of 40 mm', { PixelSpacing: [0.1, 0.1] }, 'uncalibrated', null],
    ['a metre per pixel', { PixelSpacing: [1000, 1000] }, 'uncalibrated', null],
  ] as const)('%s', async (_, attributes, calibration, spacingMm) => {
    const radiograph = await film({ attributes });
    expect(radiograph.calibration).toBe(calibration);
    if (spacingMm === null) expect(radiograph.spacingMm).toBeNull();
    else
      radiograph.spacingMm?.forEach((mm, axis) => {
        expect(mm).toBeCloseTo(spacingMm[axis]!, 9);
      });
  });
});

describe('the view of a film', () => {
  const silent = { ViewPosition: undefined, PatientOrientation: undefined };
  it.each([
    ['AP', { ViewPosition: 'AP' }],
    ['lateral', { ViewPosition: 'LL' }],
    ['AP', { ...silent, ViewCodeSequence: [{ CodeValue: '399348003', CodingSchemeDesignator: 'SCT' }] }],
    ['lateral', { ...silent, ViewCodeSequence: [{ CodeValue: 'R-10236', CodingSchemeDesignator: 'SRT' }] }],
    ['lateral', { ...silent, PatientOrientation: ['A', 'F'] }],
    ['lateral', { ...silent, SeriesDescription: 'Chest lat.' }],
    ['AP', { ...silent, SeriesDescription: 'Chest AP' }],
  ])('is %s by %j', async (view, attributes) => {
    expect(await film({ attributes })).toMatchObject({ view, viewSource: 'tags' });
  });

  it('is seen in the image when the tags are silent', async () => {
    /** The spine at the back, the heart in front of the middle, lung between. */
    const fromTheSide = (x: number, y: number) => 0.1 * y + (x > 0.7 || x < 0.15 ? 0.9 : 0.3 + 0.3 * x);
    const attributes = { ...silent, SeriesDescription: 'Chest PA and lateral' };
    expect(await film({ attributes })).toMatchObject({ view: 'PA', viewSource: 'image' });
    expect(await film({ attributes, valueAt: fromTheSide })).toMatchObject({ view: 'lateral', viewSource: 'image' });
  });

  it('comes with the side and the head from Patient Orientation', async () => {
    expect(await film()).toMatchObject({ patientLeftIsOn: 'right', headIsOn: 'top', bodyPart: 'chest' });
    const turned = await film({ attributes: { PatientOrientation: ['R', 'H'] } });
    expect(turned).toMatchObject({ patientLeftIsOn: 'left', headIsOn: 'bottom' });
    expect(await film({ attributes: silent })).toMatchObject({ patientLeftIsOn: null, headIsOn: null });
  });
});

describe('a film in colour', () => {
  const rgb = (channel: (value: number, index: number, at: number) => number): SmallFilmOptions => {
    const pixelData = Uint8Array.from({ length: 320 * 400 * 3 }, (_, at) => {
      const pixel = Math.floor(at / 3);
      const value = 255 * smallFilmValue(((pixel % 320) + 0.5) / 320, (Math.floor(pixel / 320) + 0.5) / 400);
      return Math.min(255, Math.max(0, Math.round(channel(value, at % 3, pixel))));
    });
    const attributes = {
      SamplesPerPixel: 3,
      PhotometricInterpretation: 'RGB',
      PlanarConfiguration: 0,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
    };
    return { pixelData, attributes };
  };

  it('is read when it is grey', async () => {
    expect(difference(await film(), await film(rgb((value, index) => value + index)))).toBeLessThan(0.02);
  });

  it('is not a film when it is not', async () => {
    const drawnOn = rgb((value, index, pixel) => (pixel % 320 < 4 && index > 0 ? 0 : value));
    expect(await read(drawnOn)).toMatchObject({ kind: 'not-analysable', reason: { code: 'colour' } });
  });
});

describe('a film that cannot be judged', () => {
  it.each([
    ['too-small', { columns: 255, rows: 400 }],
    ['no-contrast', { valueAt: () => 0.5 }],
    ['multi-frame', { attributes: { NumberOfFrames: 2 } }],
    ['undecodable', { attributes: { BitsAllocated: 32, BitsStored: 32, HighBit: 31 } }],
    ['colour', { attributes: { PhotometricInterpretation: 'PALETTE COLOR' } }],
  ])('%s', async (code, options: SmallFilmOptions) => {
    expect(await read(options)).toMatchObject({ kind: 'not-analysable', reason: { code } });
  });

  it('is not applicable when it shows a knee', async () => {
    expect(await read({ attributes: { BodyPartExamined: 'KNEE' } })).toMatchObject({ kind: 'not-applicable' });
  });
});
