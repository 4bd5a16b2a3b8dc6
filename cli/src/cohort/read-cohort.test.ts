import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureAnalysed, fixtureFinding, fixtureRecord } from '../report/record.fixture.js';
import { findingsCsv, findingsHeader } from '../tables/encode-rows.js';
import { tableRows } from '../tables/table-row.js';
import { dayOf } from './cohort-exams.js';
import { readCohortExams, readProcedures } from './read-cohort.js';

let folder: string;
beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'pce-cohort-'));
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

const leak = fixtureFinding({ id: 2, kind: 'venous-cement-leak', site: 'azygos-vein' });
const RECORDS = [
  fixtureRecord(fixtureAnalysed([fixtureFinding(), leak]), { studyInstanceUid: '1.2.1', modalities: ['CT', 'DX'] }),
  fixtureRecord(fixtureAnalysed([]), { studyInstanceUid: '1.2.2', modalities: ['DX'] }),
  fixtureRecord({ kind: 'not-analysable', reason: { code: 'gaps', message: 'Slices are missing' } }),
];

describe('readCohortExams', () => {
  it('joins the table of a run with patient and date of its reports', async () => {
    const csv = findingsHeader() + RECORDS.map((record) => findingsCsv(tableRows(record))).join('');
    await fs.writeFile(join(folder, 'findings.csv'), csv);
    await fs.mkdir(join(folder, '1.2.1'));
    const report = buildDicom({
      attributes: {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.33',
        SOPInstanceUID: '2.25.123456789',
        StudyInstanceUID: '1.2.1',
        PatientID: 'A',
        StudyDate: '20240301',
      },
    });
    await fs.writeFile(join(folder, '1.2.1', '2.25.123456789.dcm'), report);
    const { exams, withoutOwner } = await readCohortExams(folder);
    expect(exams).toEqual([
      {
        studyInstanceUid: '1.2.1',
        patient: 'A',
        day: dayOf('2024-03-01'),
        kind: 'CT',
        presence: 'present',
        hasLeak: true,
        embolusCount: 1,
      },
    ]);
    expect(withoutOwner).toBe(1);
  });

  it('says which table is missing', async () => {
    await expect(readCohortExams(join(folder, 'nowhere'))).rejects.toThrow('DIR: expected findings.csv of pce screen');
    await expect(readProcedures(join(folder, 'none.csv'))).rejects.toThrow('--procedures: expected a CSV file');
  });
});
