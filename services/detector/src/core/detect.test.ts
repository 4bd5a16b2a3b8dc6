import { createHash } from 'node:crypto';
import type { Analysed } from '@pce/shared/contracts/exam-outcome';
import type { Finding } from '@pce/shared/contracts/finding';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import { StudyResultSchema } from '@pce/shared/contracts/study-result';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildSmallSlice, smallSlicePosition } from '@pce/test-support/small-ct';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import type { Detectors } from './analyse-part.js';
import { detectStudy } from './detect.js';
import { voxelToLps, voxelToPixel } from './volume/geometry.js';
import { InstanceUnavailableError } from './volume/slice-loader.js';

const STUDY = uidFromSeed('study');

/** A stored instance and its bytes; `bytes` may be spoilt afterwards. */
interface Stored {
  instance: StoredInstance;
  bytes: Uint8Array;
}

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function store(bytes: Uint8Array): Stored {
  const { dataset, transferSyntaxUid } = readPart10(bytes);
  const uid = (keyword: 'SeriesInstanceUID' | 'SOPInstanceUID' | 'SOPClassUID') => dataset.string(keyword)!;
  const sha256 = sha256Of(bytes);
  const instance = {
    studyInstanceUid: STUDY,
    seriesInstanceUid: uid('SeriesInstanceUID'),
    sopInstanceUid: uid('SOPInstanceUID'),
    sopClassUid: uid('SOPClassUID'),
    transferSyntaxUid,
    modality: dataset.string('Modality')!,
    location: sha256,
    byteLength: bytes.length,
    sha256,
  };
  return { instance, bytes };
}

const ct = (): Stored[] =>
  Array.from({ length: 41 }, (_, k) =>
    store(buildSmallSlice({ seed: `${k}`, positionLpsMm: smallSlicePosition(k * 3) })),
  );
const film = (seed: string, attributes: Record<string, unknown> = {}): Stored =>
  store(buildSmallFilm({ seed, attributes: { StudyInstanceUID: STUDY, ...attributes } }));

function found(finding: Partial<Finding>, presence: Analysed['presence'] = 'present'): Analysed {
  const complete: Finding = {
    id: 1,
    kind: 'pulmonary-cement-embolism',
    assessment: 'suspected',
    probability: 0.9,
    morphology: 'tubular',
    site: 'pulmonary-artery',
    side: 'right',
    zone: 'middle',
    lobe: null,
    arteryLevel: 'segmental-or-smaller',
    regions: [],
    centreLpsMm: null,
    centrelineLpsMm: [],
    measurements: {
      lengthMm: 9,
      calibreMm: 2,
      volumeMm3: null,
      peakHu: null,
      peakIsClipped: false,
      contrastToNoise: null,
      inDetectorPlane: false,
    },
    reasons: [],
    ...finding,
  };
  return {
    kind: 'analysed',
    presence,
    probability: complete.probability,
    suggestedUrgency: 'medium',
    quality: { level: 'diagnostic', remarks: [] },
    findings: [complete],
  };
}

/** Detectors that mark one place each: voxel (5, 6, 7) of a CT, pixel [40.5, 80.5] of a film. */
const MARKING: Detectors = {
  ct: async (volume) =>
    found({
      regions: [{ image: volume.sliceImages[7]!, purpose: 'centre', pointsPx: [[...voxelToPixel(5, 6)]] }],
      centreLpsMm: [...voxelToLps(volume.voxelToLpsMm, [5, 6, 7])],
    }),
  radiograph: async ({ image }) =>
    found(
      {
        probability: 0.4,
        assessment: 'indeterminate',
        regions: [{ image, purpose: 'centre', pointsPx: [[40.5, 80.5]] }],
      },
      'undetermined',
    ),
  modelDigest: 'none',
};

async function detect(stored: readonly Stored[], detectors = MARKING) {
  const byLocation = new Map(stored.map(({ instance, bytes }) => [instance.location, bytes]));
  const reader = {
    read: async (instance: StoredInstance) => {
      const bytes = byLocation.get(instance.location);
      if (bytes === undefined || bytes.length === 0) throw new Error('gone');
      return bytes;
    },
  };
  const instances = stored.map(({ instance }) => instance);
  return detectStudy(instances, reader, { reportAbove: 0.2 }, detectors);
}

/** Cuts a file so short that not even its header is whole. */
const spoil = (stored: Stored): Stored => ({ ...stored, bytes: stored.bytes.slice(0, 300) });

describe('detectStudy', () => {
  it('answers for a CT and a film together', async () => {
    const { result, keyImages, problems } = await detect([...ct(), film('pa')]);
    expect(Value.Check(StudyResultSchema, result)).toBe(true);
    expect(result.parts.map(({ modality }) => modality)).toEqual(['CT', 'DX']);
    expect(result.parts[0]).toMatchObject({ sliceSpacingMm: 3, sliceThicknessMm: 3 });
    expect(result.parts[0]?.images).toHaveLength(41);
    expect(result.outcome).toMatchObject({ presence: 'present', probability: 0.9 });
    expect(result.outcome.kind === 'analysed' && result.outcome.findings.map(({ id }) => id)).toEqual([1, 2]);
    expect(keyImages.map(({ findingId, label }) => [findingId, label])).toEqual([
      [null, 'CT: overview from the front'],
      [1, '1: pulmonary cement embolism, axial close-up, 90 mm wide'],
      [1, '1: pulmonary cement embolism, axial slice 8 of 41, counted from the feet'],
      [null, 'DX: whole film'],
      [2, '2: pulmonary cement embolism, close-up'],
    ]);
    for (const { rgb, columns, rows } of keyImages) expect(rgb).toHaveLength(columns * rows * 3);
    expect(problems).toEqual([]);
  });

  it('gives the same answer for the same instances in any order', async () => {
    const study = [...ct(), film('pa'), film('lateral', { ViewPosition: 'LL' })];
    const [forwards, backwards] = [await detect(study), await detect([...study].reverse())];
    expect(backwards.result).toEqual(forwards.result);
    const digests = ({ keyImages }: typeof forwards) => keyImages.map(({ label, rgb }) => [label, sha256Of(rgb)]);
    expect(digests(backwards)).toEqual(digests(forwards));
  });

  it('puts what it found on a turned image back onto the image as stored', async () => {
    const prone = Array.from({ length: 41 }, (_, k) =>
      store(
        buildSmallSlice({
          seed: `prone ${k}`,
          positionLpsMm: [124, 124, k * 3],
          rowDirection: [-1, 0, 0],
          columnDirection: [0, -1, 0],
        }),
      ),
    );
    const { result } = await detect(prone);
    const [finding] = result.outcome.kind === 'analysed' ? result.outcome.findings : [];
    expect(finding?.centreLpsMm).toEqual([-84, -76, 21]);
    expect(finding?.regions[0]?.pointsPx).toEqual([[26.5, 25.5]]);
  });

  it('keeps the rest of a study with a broken film and a broken slice', async () => {
    const slices = ct();
    slices[20] = spoil(slices[20]!);
    const { result, problems } = await detect([...slices, film('pa'), spoil(film('broken'))]);
    expect(result.parts.map(({ outcome }) => outcome.kind)).toEqual(['analysed', 'analysed', 'not-analysable']);
    expect(result.outcome).toMatchObject({ presence: 'present', quality: { level: 'limited' } });
    expect(problems.map(({ sopInstanceUid }) => sopInstanceUid).sort()).toEqual(
      [slices[20].instance.sopInstanceUid, film('broken').instance.sopInstanceUid].sort(),
    );
    const remarks = result.outcome.kind === 'analysed' ? result.outcome.quality.remarks.join() : '';
    expect(remarks).toContain('1 slice missing, filled by interpolation.');
  });

  it('never calls a study absent whose images are all broken', async () => {
    const { result } = await detect([...ct().map(spoil), spoil(film('broken'))]);
    expect(result.outcome).toMatchObject({ kind: 'not-analysable', reason: { code: 'unreadable' } });
    expect(Value.Check(StudyResultSchema, result)).toBe(true);
  });

  it('takes a fault of a detector for no answer, and for that part only', async () => {
    const faulty: Detectors = { ...MARKING, ct: () => Promise.reject(new TypeError('fault')) };
    const { result } = await detect([...ct(), film('pa')], faulty);
    expect(result.parts[0]?.outcome).toMatchObject({ kind: 'not-analysable', reason: { code: 'analysis-failed' } });
    expect(result.outcome).toMatchObject({ presence: 'undetermined', quality: { level: 'limited' } });
  });

  it('tries the next image set when the best cannot be analysed', async () => {
    const other = Array.from({ length: 41 }, (_, k) =>
      store(
        buildSmallSlice({
          seed: `${k}`,
          series: 'other',
          positionLpsMm: smallSlicePosition(k * 3),
          attributes: { ConvolutionKernel: 'B70f' },
        }),
      ),
    );
    const wanted = other[0]!.instance.seriesInstanceUid;
    const { result } = await detect([...ct(), ...other], {
      ...MARKING,
      ct: async (volume, options) =>
        volume.seriesInstanceUid === wanted
          ? MARKING.ct(volume, options)
          : { kind: 'not-analysable', reason: { code: 'no-lungs', message: 'Lungs: expected two; received none' } },
    });
    expect(result.parts).toHaveLength(1);
    expect(result.parts[0]).toMatchObject({ seriesInstanceUid: wanted, outcome: { presence: 'present' } });
  });

  it('uses one of two files with the same UID and names the other', async () => {
    const twin = film('pa', { SeriesDescription: 'other content' });
    const { result, problems } = await detect([film('pa'), twin]);
    expect(result.parts).toHaveLength(1);
    expect(problems).toMatchObject([{ code: 'duplicate-uid' }]);
  });

  it('fails, and concludes nothing, when the store fails', async () => {
    const lost = { ...film('lost'), bytes: new Uint8Array(0) };
    await expect(detect([film('pa'), lost])).rejects.toBeInstanceOf(InstanceUnavailableError);
  });

  it('answers not applicable for a study without images, and refuses two studies at once', async () => {
    const report = film('report', { Modality: 'SR' });
    expect((await detect([report])).result).toMatchObject({ parts: [], outcome: { kind: 'not-applicable' } });
    const stranger = { ...film('pa'), instance: { ...film('pa').instance, studyInstanceUid: '1.2' } };
    await expect(detect([film('pa'), stranger])).rejects.toThrow(RangeError);
    await expect(detect([])).rejects.toThrow(RangeError);
  });
});
