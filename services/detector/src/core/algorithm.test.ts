import { readFileSync } from 'node:fs';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import { describe, expect, it } from 'vitest';
import { ALGORITHM_VERSION, describeAlgorithm, digestInstanceSet } from './algorithm.js';

const instance = (sopInstanceUid: string, sha256: string) => ({ sopInstanceUid, sha256 }) as StoredInstance;

describe('algorithm', () => {
  it('has the version of the package', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect(ALGORITHM_VERSION).toBe(JSON.parse(text).version);
  });

  it('is another one with other weights', () => {
    const digest = (model: string) => describeAlgorithm({ reportAbove: 0.5 }, model).parametersDigest;
    expect(digest('a')).toMatch(/^[0-9a-f]{64}$/);
    expect(digest('a')).toBe(digest('a'));
    expect(digest('a')).not.toBe(digest('b'));
  });

  it('digests a set of instances whatever their order, and sees a changed one', () => {
    const [a, b, c] = [instance('1.2', 'aa'), instance('1.3', 'bb'), instance('1.3', 'bc')];
    expect(digestInstanceSet([a, b])).toBe(digestInstanceSet([b, a, b]));
    expect(digestInstanceSet([a, b])).not.toBe(digestInstanceSet([a, c]));
  });
});
