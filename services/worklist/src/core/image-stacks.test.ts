import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { LedgerInstance } from '@pce/shared/ports/ledger';
import { expect, it } from 'vitest';
import { imageStacks, placeOfImage } from './image-stacks.js';

function instance(sopInstanceUid: string, change: Partial<LedgerInstance> = {}): LedgerInstance {
  return {
    studyInstanceUid: 'study',
    seriesInstanceUid: 'series',
    sopInstanceUid,
    sopClassUid: 'ct',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    modality: 'CT',
    location: 'x',
    byteLength: 1,
    sha256: `digest of ${sopInstanceUid}`,
    source: { door: 'dimse', sender: 'CT1' },
    receivedAt: new Date(0),
    isOwnResult: false,
    isConflicting: false,
    instanceAttributes: {},
    ...change,
  };
}

const reference = (sopInstanceUid: string, frameNumber?: number) => ({
  sopClassUid: 'ct',
  sopInstanceUid,
  seriesInstanceUid: 'series',
  ...(frameNumber ? { frameNumber } : {}),
});

function resultOf(images: ReturnType<typeof reference>[]): StudyResult {
  const outcome = { kind: 'not-analysable', reason: { code: 'c', message: 'm' } } as const;
  const part = {
    modality: 'CT',
    seriesInstanceUid: 'series',
    frameOfReferenceUid: null,
    sliceThicknessMm: null,
    outcome,
  };
  return {
    contractVersion: 1,
    studyInstanceUid: 'study',
    instanceSetDigest: 'd',
    algorithm: { name: 'a', version: '1', parametersDigest: 'p', reportAbove: 0.5 },
    parts: [{ ...part, sliceSpacingMm: 2, images }],
    outcome,
  };
}

const at = (z: number) => ({
  instanceAttributes: {
    ImagePositionPatient: `0\\0\\${z}`,
    ImageOrientationPatient: '1\\0\\0\\0\\1\\0',
    InstanceNumber: '1',
  },
});

it('shows the analysed images in the order of the analysis, then the other series by height', () => {
  const instances = [
    instance('b', at(2)),
    instance('a', at(0)),
    instance('y', { ...at(30), seriesInstanceUid: 'other' }),
    instance('x', { ...at(10), seriesInstanceUid: 'other' }),
    instance('own', { isOwnResult: true }),
    instance('report', { modality: 'SR' }),
    instance('a', { isConflicting: true, sha256: 'another digest' }),
  ];
  const stacks = imageStacks(instances, resultOf([reference('a'), reference('b')]));
  expect(
    stacks.map(({ images, isAnalysed, isFeetFirst }) => [images.map(({ sha256 }) => sha256), isAnalysed, isFeetFirst]),
  ).toEqual([
    [['digest of a', 'digest of b'], true, true],
    [['digest of x', 'digest of y'], false, null],
  ]);
  expect(stacks[0]?.label).toBe('CT, 2 images, every 2.0 mm');
  expect(placeOfImage(stacks, instances, reference('b'))).toEqual({ stack: 0, index: 1 });
  expect(placeOfImage(stacks, instances, reference('gone'))).toBeNull();
});

it('sorts by number where not every image says where it lies, and opens multi-frame images', () => {
  const numbered = (number: string) => ({ instanceAttributes: { InstanceNumber: number } });
  const single = imageStacks([instance('ten', numbered('10')), instance('two', numbered('2'))], null);
  expect(single[0]?.images.map(({ sha256 }) => sha256)).toEqual(['digest of two', 'digest of ten']);
  const enhanced = [instance('m', { instanceAttributes: { NumberOfFrames: '3' } })];
  const stacks = imageStacks(enhanced, resultOf([reference('m', 3), reference('m', 1)]));
  expect(stacks[0]?.images.map(({ frameNumber }) => frameNumber)).toEqual([3, 1]);
  expect(placeOfImage(stacks, enhanced, reference('m', 1))).toEqual({ stack: 0, index: 1 });
});
