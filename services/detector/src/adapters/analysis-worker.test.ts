import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildSmallSlice, smallSlicePosition } from '@pce/test-support/small-ct';
import { PNG } from 'pngjs';
import { afterAll, expect, it } from 'vitest';
import { InstanceUnavailableError } from '../core/volume/slice-loader.js';
import { AnalysisPool } from './analysis-pool.js';

/** The worker as built: run the build first. */
const pool = new AnalysisPool({ threads: 1 });
const folder = mkdtempSync(join(tmpdir(), 'pce-worker-'));
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

function store(bytes: Uint8Array, name: string): StoredInstance {
  const { dataset, transferSyntaxUid } = readPart10(bytes);
  const location = join(folder, name);
  writeFileSync(location, bytes);
  return {
    studyInstanceUid: dataset.string('StudyInstanceUID')!,
    seriesInstanceUid: dataset.string('SeriesInstanceUID')!,
    sopInstanceUid: dataset.string('SOPInstanceUID')!,
    sopClassUid: dataset.string('SOPClassUID')!,
    transferSyntaxUid,
    modality: 'CT',
    location,
    byteLength: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

it('answers for a study of files, with pictures as PNG', async () => {
  const instances = Array.from({ length: 41 }, (_, k) =>
    store(buildSmallSlice({ seed: `${k}`, positionLpsMm: smallSlicePosition(3 * k) }), `${k}.dcm`),
  );
  const analysis = await pool.analyse(instances, { reportAbove: 0.5 });
  expect(analysis.result.studyInstanceUid).toBe(instances[0]!.studyInstanceUid);
  expect(analysis.result.parts).toHaveLength(1);
  expect(analysis.problems).toEqual([]);
  const [overview] = analysis.pictures;
  expect(overview).toMatchObject({ findingId: null, label: 'CT: overview from the front', columns: 512 });
  const { width, height } = PNG.sync.read(Buffer.from(overview!.png));
  expect([width, height]).toEqual([overview!.columns, overview!.rows]);
});

it('fails when a file is gone', async () => {
  const gone = {
    ...store(buildSmallSlice({ seed: 'gone', positionLpsMm: [0, 0, 0] }), 'gone.dcm'),
    location: 'nowhere',
  };
  const answer = pool.analyse([gone], { reportAbove: 0.5 });
  await expect(answer).rejects.toThrow(new InstanceUnavailableError(gone.sopInstanceUid).message);
});
