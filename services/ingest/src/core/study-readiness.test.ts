import { describe, expect, it } from 'vitest';
import { instanceSetDigest, isGapless, quietMs } from './study-readiness.js';

const slice = (number: number, z: number) => ({
  instanceAttributes: {
    InstanceNumber: String(number),
    ImagePositionPatient: `10\\20\\${z}`,
    ImageOrientationPatient: '1\\0\\0\\0\\1\\0',
  },
});
const series = (count: number) => Array.from({ length: count }, (_, index) => slice(index + 1, index * 2.5));

describe('isGapless', () => {
  it('is a series numbered and spaced without a gap, in any order of arrival', () => {
    expect(isGapless(series(10).reverse())).toBe(true);
  });

  it.each([
    ['a slice is missing', series(12).filter((_, index) => index !== 5)],
    ['a position is missing', [...series(10), slice(11, 40)]],
    ['two slices lie in one place', [...series(10), slice(11, 9 * 2.5)]],
    ['positions are unknown', series(10).map(() => ({ instanceAttributes: { InstanceNumber: '1' } }))],
    ['it has only begun', series(3)],
  ])('is not when %s', (_name, instances) => {
    expect(isGapless(instances)).toBe(false);
  });
});

describe('instanceSetDigest', () => {
  const [a, b] = [
    { sopInstanceUid: '1', sha256: 'x' },
    { sopInstanceUid: '2', sha256: 'y' },
  ];
  it('does not depend on order, but on every UID and digest', () => {
    expect(instanceSetDigest([a, b])).toBe(instanceSetDigest([b, a]));
    expect(instanceSetDigest([a, b])).not.toBe(instanceSetDigest([a]));
    expect(instanceSetDigest([a])).not.toBe(instanceSetDigest([{ ...a, sha256: 'z' }]));
  });
});

it('quietMs is by modality, with a period for the rest', () => {
  const periods = { quietSeconds: { CT: 60, DX: 0 }, otherwiseSeconds: 30 };
  expect(['CT', 'DX', 'MG'].map((modality) => quietMs(periods, modality))).toEqual([60_000, 0, 30_000]);
});
