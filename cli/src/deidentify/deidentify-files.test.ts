import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildSmallSlice } from '@pce/test-support/small-ct';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeidentifiedFolder } from './deidentify-files.js';
import { keyedPseudonyms } from './pseudonyms.js';

let folder: string;
beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'pce-deidentified-'));
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

describe('DeidentifiedFolder', () => {
  it('names copies after their new UIDs, and says what it left out', async () => {
    const slice = buildSmallSlice({ seed: 'a', positionLpsMm: [0, 0, 0] });
    const inputs = {
      'Smith John.dcm': slice,
      'again.dcm': slice,
      'film.dcm': buildSmallFilm({ attributes: { BurnedInAnnotation: 'YES' } }),
      'cut.dcm': slice.subarray(0, 300),
      'notes.txt': Buffer.from('a note'),
    };
    const uids = new Map<string, string>();
    const options = {
      retainUids: false,
      shiftDates: false,
      retainPatientCharacteristics: false,
      retainDeviceIdentity: false,
      cleanDescriptors: false,
      allowBurnedIn: false,
    };
    const out = new DeidentifiedFolder(join(folder, 'out'), keyedPseudonyms(Buffer.alloc(32)), options, (from, to) => {
      uids.set(from, to);
    });
    const outcomes = [];
    for (const [name, bytes] of Object.entries(inputs)) {
      await fs.writeFile(join(folder, name), bytes);
      outcomes.push(await out.add(join(folder, name)));
    }
    expect(outcomes).toMatchObject([
      { kind: 'written', mayShowText: false },
      { kind: 'refused', code: 'sop-instance-uid-reused' },
      { kind: 'refused', code: 'burned-in-annotation' },
      { kind: 'broken', code: 'truncated' },
      { kind: 'not-dicom' },
    ]);
    const before = readPart10(slice).dataset;
    const levels = (['StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID'] as const).map((keyword) =>
      uids.get(before.string(keyword)!),
    );
    const [written] = outcomes;
    expect(written).toHaveProperty('path', `${join(...(levels as string[]))}.dcm`);
    const copy = readPart10(await fs.readFile(join(folder, 'out', `${join(...(levels as string[]))}.dcm`)));
    expect(copy.dataset.string('SOPInstanceUID')).toBe(levels[2]);
  });
});
