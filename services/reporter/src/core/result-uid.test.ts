import { SAMPLE_KINDS, sampleResult } from '@pce/test-support/sample-results';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceObserverUid, examTrackingUid, findingTrackingUids, outputUid, uidFromParts } from './result-uid.js';

const result = sampleResult('ct-positive');
const findings = result.outcome.kind === 'analysed' ? result.outcome.findings : [];

describe('uidFromParts', () => {
  it('gives 2.25 UIDs of at most 128 bits with the bits of a UUID', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        const number = BigInt(uidFromParts(parts).slice('2.25.'.length));
        expect(number < 2n ** 128n).toBe(true);
        expect((number >> 76n) & 0xfn).toBe(8n);
        expect((number >> 62n) & 0x3n).toBe(2n);
      }),
    );
  });

  it('tells parts apart by their borders', () => {
    expect(uidFromParts(['ab', 'c'])).not.toBe(uidFromParts(['a', 'bc']));
    expect(uidFromParts(['a'])).toBe(uidFromParts(['a']));
  });
});

describe('outputUid', () => {
  it('is the same for the same result and another for each change of it', () => {
    const { algorithm } = result;
    const variants = [
      result,
      { ...result, instanceSetDigest: 'e'.repeat(64) },
      { ...result, algorithm: { ...algorithm, version: '0.1.1' } },
      { ...result, algorithm: { ...algorithm, parametersDigest: 'b'.repeat(64) } },
      { ...result, algorithm: { ...algorithm, reportAbove: 0.31 } },
      { ...result, studyInstanceUid: '1.2.3' },
      { ...result, parts: [] },
    ];
    const uids = variants.map((variant) => outputUid(variant, {}, 'comprehensive-3d'));
    expect(new Set(uids).size).toBe(variants.length);
    expect(outputUid(sampleResult('ct-positive'), {}, 'comprehensive-3d')).toBe(uids[0]);
  });

  it('differs by kind of object and by what is replaced', () => {
    const uids = [
      outputUid(result, {}, 'comprehensive-3d'),
      outputUid(result, {}, 'comprehensive'),
      outputUid(result, {}, 'comprehensive-3d-series'),
      outputUid(result, {}, 'comprehensive-3d', ['1.2.3']),
    ];
    expect(new Set(uids).size).toBe(4);
  });
});

describe('tracking UIDs', () => {
  const uidOf = (moved: typeof findings) => [...findingTrackingUids(result.studyInstanceUid, moved).values()];

  it('outlive a new version that finds the same embolus a little elsewhere and numbers it anew', () => {
    const [first] = findings;
    const again = { ...first!, id: 7, probability: 0.5, centreLpsMm: [-99.5, -10.1, -194] as [number, number, number] };
    expect(uidOf([again])).toEqual(uidOf([first!]));
  });

  it('name another embolus otherwise, and another kind at the same place', () => {
    const [first, second] = findings;
    expect(uidOf([first!])).not.toEqual(uidOf([second!]));
    expect(uidOf([first!])).not.toEqual(uidOf([{ ...first!, kind: 'venous-cement-leak' }]));
    expect(uidOf([first!])).not.toEqual([examTrackingUid(result.studyInstanceUid)]);
  });

  it('tell two emboli in one cell apart, whatever their order in the result', () => {
    const [first] = findings;
    const twin = { ...first!, id: 2, centreLpsMm: [-99.9, -10, -193] as [number, number, number] };
    const forward = findingTrackingUids(result.studyInstanceUid, [first!, twin]);
    const backward = findingTrackingUids(result.studyInstanceUid, [twin, first!]);
    expect(forward.get(twin)).toBe(backward.get(twin));
    expect(forward.get(twin)).not.toBe(forward.get(first!));
  });

  it('are all different within each sample', () => {
    for (const kind of SAMPLE_KINDS) {
      const { outcome, studyInstanceUid } = sampleResult(kind);
      const found = outcome.kind === 'analysed' ? outcome.findings : [];
      expect(new Set(findingTrackingUids(studyInstanceUid, found).values()).size).toBe(found.length);
    }
  });
});

describe('deviceObserverUid', () => {
  it('is the machine’s own', () => {
    expect(deviceObserverUid('a', 'b', '1')).not.toBe(deviceObserverUid('a', 'b', '2'));
  });
});
