import { describe, expect, it } from 'vitest';
import { blurImage } from './gaussian-blur-image.js';
import { blurPlane } from './gaussian-plane.js';

/** Grey values without a pattern, the same at every run. */
function roughImage(columns: number, rows: number) {
  const pixels = Float32Array.from({ length: columns * rows }, (_, at) => Math.abs(Math.sin(at * 12.9898) * 43.17) % 1);
  return { pixels, columns, rows };
}

describe('blurPlane', () => {
  it('agrees with the plain blur, at the border too', () => {
    const image = roughImage(37, 23);
    for (const sigma of [0.7, 2, 5]) {
      const expected = blurImage(image, sigma).pixels;
      const received = blurPlane(image, sigma, Math.ceil(3 * sigma) / sigma).pixels;
      const worst = expected.reduce((worst, value, at) => Math.max(worst, Math.abs(value - received[at]!)), 0);
      expect(worst).toBeLessThan(1e-5);
    }
  });

  it('leaves nothing as nothing and a constant as it is', () => {
    const grey = (value: number) => ({ pixels: new Float32Array(20 * 9).fill(value), columns: 20, rows: 9 });
    expect(blurPlane(grey(0), 2).pixels).toEqual(grey(0).pixels);
    for (const value of blurPlane(grey(0.5), 2).pixels) expect(value).toBeCloseTo(0.5, 5);
  });

  it('does not write to its input and does not mix up two images', () => {
    const [large, small] = [roughImage(64, 64), roughImage(9, 7)];
    const before = Float32Array.from(large.pixels);
    const first = blurPlane(large, 3).pixels;
    blurPlane(small, 3);
    expect(large.pixels).toEqual(before);
    expect(blurPlane(large, 3).pixels).toEqual(first);
  });
});
