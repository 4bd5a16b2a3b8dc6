import { describe, expect, it } from 'vitest';
import { FILM_HEAT } from '../parameters.js';
import { measureLine } from './line-profile.js';
import { localContrast, type WorkingFilm } from './working-film.js';

const SIDE = 96;

/** A line of a width and height through the middle of a grey film with fine noise, at an angle. */
function filmWithLine(widthPx: number, height: number, angle = 0): WorkingFilm {
  const pixels = new Float32Array(SIDE * SIDE);
  for (let j = 0; j < SIDE; j++) {
    for (let i = 0; i < SIDE; i++) {
      const across = -(i - SIDE / 2) * Math.sin(angle) + (j - SIDE / 2) * Math.cos(angle);
      const noise = 0.01 * (((Math.sin(i * 12.9898 + j * 78.233) * 43758.5453) % 1) + 0.5);
      pixels[j * SIDE + i] = 0.4 + noise + height * Math.min(1, Math.max(0, widthPx / 2 + 0.5 - Math.abs(across)));
    }
  }
  const lung = new Float32Array(SIDE * SIDE).fill(1);
  return { pixels, columns: SIDE, rows: SIDE, lung, left: 0, top: 0, step: 1, assumedPixelMm: 0.4 };
}

function pathAlong(angle: number): [number, number][] {
  return Array.from({ length: 41 }, (_, n) => [
    SIDE / 2 + (n - 20) * Math.cos(angle),
    SIDE / 2 + (n - 20) * Math.sin(angle),
  ]);
}

const measured = (film: WorkingFilm, angle = 0) => measureLine(pathAlong(angle), film, localContrast(film));

describe('measureLine', () => {
  it('measures the width less the blur', () => {
    for (const width of [3, 5, 8]) {
      const expected = Math.sqrt(width ** 2 - FILM_HEAT.blurWidthPx ** 2);
      expect(Math.abs(measured(filmWithLine(width, 0.2)).widthPx - expected)).toBeLessThan(0.5);
    }
  });

  it('gives the same answer for a turned film', () => {
    const level = measured(filmWithLine(4, 0.2));
    const turned = measured(filmWithLine(4, 0.2, 0.6), 0.6);
    expect(Math.abs(turned.widthPx - level.widthPx)).toBeLessThan(0.7);
    expect(Math.abs(Math.log(turned.contrastToSpread / level.contrastToSpread))).toBeLessThan(0.3);
  });

  it('sees more contrast in a denser line, and little where there is none', () => {
    const [none, faint, dense] = [0, 0.03, 0.2].map((height) => measured(filmWithLine(4, height)).contrastToNoise);
    expect(dense!).toBeGreaterThan(4 * faint!);
    expect(faint!).toBeGreaterThan(none!);
    expect(none!).toBeLessThan(3);
  });

  it('does not take a dark line for a bright one', () => {
    expect(measured(filmWithLine(4, -0.2)).contrastToNoise).toBe(0);
  });
});
