import type { LungMap } from '../anatomy/lung-map.js';
import { blurPlane } from '../imaging/gaussian-plane.js';
import type { Planes } from '../imaging/plane-network.js';
import type { GreyImage } from '../imaging/resample-image.js';
import { FILM_NETWORKS } from '../parameters.js';
import type { Radiograph } from '../volume/radiograph.js';

/** The box of the lungs at one pixel size, whatever the film's. */
export interface WorkingFilm extends GreyImage {
  /** Probability of lung at each pixel. */
  readonly lung: Float32Array;
  /** Where pixel (0, 0) begins, and film pixels along one working pixel. */
  readonly left: number;
  readonly top: number;
  readonly step: number;
  /** Millimetres of a film pixel as measured or, for films without a scale, as guessed from the lungs. Never reported. */
  readonly assumedPixelMm: number;
}

/** Cuts the lungs' box out of a film and resamples it to the working pixel size. */
export function makeWorkingFilm(film: Radiograph, lungs: LungMap): WorkingFilm {
  const assumedPixelMm =
    film.spacingMm === null ? guessPixelMm(film, lungs) : (film.spacingMm[0] + film.spacingMm[1]) / 2;
  const step = FILM_NETWORKS.workingPixelMm / assumedPixelMm;
  const margin = FILM_NETWORKS.marginMm / assumedPixelMm;
  const left = Math.max(0, lungs.box.left - margin);
  const top = Math.max(0, lungs.box.top - margin);
  const columns = Math.floor((Math.min(film.columns, lungs.box.right + margin) - left) / step);
  const rows = Math.floor((Math.min(film.rows, lungs.box.bottom + margin) - top) / step);
  const grid = { left, top, step, columns, rows };
  const sharp = step > 1 ? blurPlane(film, 0.4 * Math.sqrt(step * step - 1)) : film;
  const cell = lungs.factor;
  const lung = sampleGrid(
    { pixels: lungs.probability, columns: lungs.columns, rows: lungs.rows },
    { ...grid, left: left / cell, top: top / cell, step: step / cell },
  );
  return { ...grid, pixels: sampleGrid(sharp, grid), lung, assumedPixelMm };
}

/** Adult lungs side by side are about equally wide; with one of them missing, films are about equally large. */
function guessPixelMm(film: Radiograph, lungs: LungMap): number {
  const widthPx = lungs.box.right - lungs.box.left;
  return lungs.hasBothLungs
    ? FILM_NETWORKS.lungsWidthMm / widthPx
    : FILM_NETWORKS.fieldMm / Math.max(film.columns, film.rows);
}

interface SampleGrid {
  readonly left: number;
  readonly top: number;
  readonly step: number;
  readonly columns: number;
  readonly rows: number;
}

/** Bilinear samples at the centres of a grid of pixels; beyond the edge the nearest pixel counts. */
function sampleGrid(image: GreyImage, { left, top, step, columns, rows }: SampleGrid): Float32Array {
  const out = new Float32Array(columns * rows);
  const { pixels } = image;
  for (let j = 0; j < rows; j++) {
    const y = Math.min(image.rows - 1, Math.max(0, top + (j + 0.5) * step - 0.5));
    const j0 = Math.floor(y);
    const above = j0 * image.columns;
    const below = Math.min(image.rows - 1, j0 + 1) * image.columns;
    for (let i = 0; i < columns; i++) {
      const x = Math.min(image.columns - 1, Math.max(0, left + (i + 0.5) * step - 0.5));
      const i0 = Math.floor(x);
      const i1 = Math.min(image.columns - 1, i0 + 1);
      const upper = pixels[above + i0]! + (x - i0) * (pixels[above + i1]! - pixels[above + i0]!);
      const lower = pixels[below + i0]! + (x - i0) * (pixels[below + i1]! - pixels[below + i0]!);
      out[j * columns + i] = upper + (y - j0) * (lower - upper);
    }
  }
  return out;
}

/**
 * The cement network's input: the film less its local mean over its local spread, and the probability of lung. Padded
 * with zeros at the right and the bottom to whole multiples.
 */
export function cementNetworkInput(film: WorkingFilm, sideMultiple: number): Planes {
  const { columns, rows } = film;
  const { fine, spread } = localContrast(film);
  const paddedColumns = Math.ceil(columns / sideMultiple) * sideMultiple;
  const paddedRows = Math.ceil(rows / sideMultiple) * sideMultiple;
  const plane = paddedColumns * paddedRows;
  const values = new Float32Array(2 * plane);
  const limit = FILM_NETWORKS.maxSpreads;
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const at = j * columns + i;
      values[j * paddedColumns + i] = Math.min(limit, Math.max(-limit, fine[at]! / spread[at]!));
      values[plane + j * paddedColumns + i] = film.lung[at]!;
    }
  }
  return { values, channels: 2, columns: paddedColumns, rows: paddedRows };
}

/** A film less its local mean, and the local root mean square of that. */
export function localContrast(film: GreyImage): { fine: Float32Array; spread: Float32Array } {
  const mean = blurPlane(film, FILM_NETWORKS.fineSigmaPx).pixels;
  const fine = film.pixels.map((value, at) => value - mean[at]!);
  const squares = { ...film, pixels: fine.map((value) => value * value) };
  const spread = blurPlane(squares, FILM_NETWORKS.coarseSigmaPx).pixels;
  for (let at = 0; at < spread.length; at++) {
    spread[at] = Math.sqrt(Math.max(0, spread[at]!)) + FILM_NETWORKS.leastSpread;
  }
  return { fine, spread };
}
