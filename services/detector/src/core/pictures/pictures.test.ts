import type { Finding } from '@pce/shared/contracts/finding';
import { describe, expect, it } from 'vitest';
import { finishKeyImages } from '../key-images.js';
import { stackAffine } from '../volume/geometry.js';
import type { Radiograph } from '../volume/radiograph.js';
import type { Volume } from '../volume/volume.js';
import { coronalProjection } from './coronal-projection.js';
import { ctPictures } from './ct-pictures.js';
import { digitAt } from './digits.js';
import { drawMarks } from './draw-marks.js';
import { filmPictures } from './film-pictures.js';
import { type Mark, resample } from './picture.js';
import { boundsOf, MAX_PICTURED_FINDINGS } from './sketch.js';

const IMAGE = (k: number) => ({ sopClassUid: '1', sopInstanceUid: `2.${k}`, seriesInstanceUid: '3' });
const [COLUMNS, ROWS, SLICES] = [64, 48, 20];

function volume(): Volume {
  const hu = new Int16Array(COLUMNS * ROWS * SLICES).fill(-1000);
  return {
    hu,
    columns: COLUMNS,
    rows: ROWS,
    slices: SLICES,
    spacingMm: [4, 4, 5],
    voxelToLpsMm: stackAffine([1, 0, 0], [0, 1, 0], [4, 4], [0, 0, 0], [0, 0, 5]),
    sliceThicknessMm: 5,
    clippedAtHu: 3071,
    sliceImages: Array.from({ length: SLICES }, (_, k) => IMAGE(k)),
    seriesInstanceUid: '3',
    frameOfReferenceUid: null,
    remarks: [],
  };
}

function findingAt(id: number, slice: number, pointsPx: [number, number][]): Finding {
  return {
    id,
    kind: 'pulmonary-cement-embolism',
    regions: [{ image: IMAGE(slice), purpose: 'outline', pointsPx }],
    centreLpsMm: null,
  } as unknown as Finding;
}

/** Positions of the marked pixels, in the marks' own colour. */
function yellow(rgb: Uint8Array, columns: number): [number, number][] {
  const marked: [number, number][] = [];
  for (let at = 0; at < rgb.length / 3; at++) {
    if (rgb[3 * at]! > 150 && rgb[3 * at + 2]! < 60) marked.push([at % columns, Math.floor(at / columns)]);
  }
  return marked;
}

describe('resample', () => {
  const ramp = { values: Float32Array.from({ length: 16 }, (_, at) => at % 4), columns: 4, rows: 4 };
  const all = { left: 0, top: 0, width: 4, height: 4 };
  const window = { from: 0, to: 3 };

  it('copies at the same size', () => {
    const { grey } = resample(ramp.values, ramp, all, { columns: 4, rows: 4 }, window);
    expect([...grey.slice(0, 4)]).toEqual([0, 85, 170, 255]);
  });

  it('means what a reduced pixel covers, and interpolates an enlarged one', () => {
    const half = resample(ramp.values, ramp, all, { columns: 2, rows: 2 }, window).grey;
    expect([...half]).toEqual([43, 213, 43, 213]);
    const twice = resample(ramp.values, ramp, all, { columns: 8, rows: 8 }, window).grey;
    expect([...twice.slice(0, 8)]).toEqual([0, 21, 64, 106, 149, 191, 234, 255]);
  });

  it('is black beyond the image', () => {
    const beside = resample(ramp.values, ramp, { ...all, left: 3 }, { columns: 4, rows: 4 }, { from: -1, to: 3 });
    expect([...beside.grey.slice(0, 4)]).toEqual([255, 0, 0, 0]);
  });
});

describe('marks', () => {
  const black = { columns: 80, rows: 60, grey: new Uint8Array(80 * 60) };
  const mark: Mark = { kind: 'ring', x: 40, y: 30, halfWidth: 12, halfHeight: 12, findingId: 3, showNumber: false };

  it('ring what they mark and leave it free', () => {
    const marked = yellow(
      drawMarks(black, [mark], () => 1),
      80,
    );
    expect(marked.length).toBeGreaterThan(60);
    for (const [x, y] of marked) expect(Math.abs(Math.hypot(x + 0.5 - 40, y + 0.5 - 30) - 12)).toBeLessThan(2);
  });

  it('have a dark rim on white, and stay inside the picture at its edge', () => {
    const white = { ...black, grey: black.grey.map(() => 255) };
    const rgb = drawMarks(white, [{ ...mark, kind: 'box', x: 2, showNumber: true }], () => 12);
    expect(rgb).toHaveLength(80 * 60 * 3);
    const row = Array.from({ length: 80 }, (_, x) => rgb[(30 * 80 + x) * 3]!);
    expect(Math.min(...row.slice(10, 20))).toBeLessThan(80);
    expect(row[40]).toBe(255);
  });

  it('carry the number of the study, not that of the part', () => {
    const withNumber = (number: number) => drawMarks(black, [{ ...mark, showNumber: true }], () => number);
    expect(withNumber(1)).not.toEqual(withNumber(7));
    expect(yellow(withNumber(1), 80).length).toBeGreaterThan(
      yellow(
        drawMarks(black, [mark], () => 1),
        80,
      ).length,
    );
    expect(digitAt(1, 2, 0)).toBe(true);
    expect(digitAt(1, 5, 0)).toBe(false);
  });
});

describe('pictures of a CT', () => {
  it('show the finding in the middle of its ring, and where it is on the slice and from the front', () => {
    const ct = volume();
    ct.hu[(5 * ROWS + 20) * COLUMNS + 30] = 3000;
    const findings = [
      findingAt(1, 5, [
        [30, 20],
        [31, 20],
        [31, 21],
        [30, 21],
        [30, 20],
      ]),
    ];
    const [overview, closeUp, slice] = ctPictures(ct, findings);
    expect(closeUp!.picture.grey[160 * 320 + 160]).toBe(255);
    expect(closeUp!.marks[0]).toMatchObject({ x: 160, y: 160, kind: 'ring' });
    expect(slice!.marks[0]).toMatchObject({ x: 244, y: 164 });
    expect(slice!.picture).toMatchObject({ columns: 512, rows: 384 });
    const [mark] = overview!.marks;
    expect([mark!.x, mark!.y]).toEqual([244, 145]);
    const { columns, grey } = overview!.picture;
    expect(grey[145 * columns + 244]).toBeGreaterThan(grey[50 * columns + 244]!);
  });

  it('are one overview when there is nothing to show, and end at a dozen findings', () => {
    expect(ctPictures(volume(), [])).toHaveLength(1);
    const many = Array.from({ length: 20 }, (_, n) => findingAt(n + 1, n % SLICES, [[n, n]]));
    expect(ctPictures(volume(), many)).toHaveLength(1 + 2 * MAX_PICTURED_FINDINGS);
  });

  it('put the head on top', () => {
    const ct = volume();
    ct.hu.fill(3000, 19 * ROWS * COLUMNS);
    const projection = coronalProjection(ct);
    expect(projection[0]).toBe(1);
    expect(projection.at(-1)).toBe(0);
  });
});

describe('pictures of a film', () => {
  const film: Radiograph = {
    pixels: Float32Array.from({ length: 2000 * 1000 }, (_, at) => (at % 2000) / 2000),
    columns: 2000,
    rows: 1000,
    spacingMm: null,
    calibration: 'uncalibrated',
    view: 'PA',
    viewSource: 'tags',
    bodyPart: 'chest',
    patientLeftIsOn: 'right',
    image: IMAGE(0),
    remarks: [],
  };

  it('are the film at 900 pixels with numbered rings, and close-ups', () => {
    const finding = findingAt(4, 0, [
      [1000, 500],
      [1040, 520],
    ]);
    const sketches = filmPictures(film, [finding]);
    expect(sketches[0]!.picture).toMatchObject({ columns: 900, rows: 450 });
    expect(sketches[0]!.marks[0]).toMatchObject({ x: 459, y: 229.5, showNumber: true });
    const images = finishKeyImages(sketches, 'DX', new Map([[4, { ...finding, id: 2 }]]));
    expect(images.map(({ label, findingId }) => [label, findingId])).toEqual([
      ['DX: whole film', null],
      ['2: pulmonary cement embolism, close-up', 2],
    ]);
    // The close-up uses all of black and white, though it shows a fifth of the range of the film.
    const { rgb } = images[1]!;
    expect([rgb[0], rgb.at(-1)]).toEqual([0, 255]);
  });
});

describe('boundsOf', () => {
  it('is the rectangle around points', () => {
    expect(
      boundsOf([
        [1, 2],
        [5, 4],
      ]),
    ).toEqual({ x: 3, y: 3, halfWidth: 2, halfHeight: 1 });
  });
});
