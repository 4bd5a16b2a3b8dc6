import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { readPart10 } from '@pce/shared/dicom/part10';
import { parse } from 'csv-parse/sync';
import { UsageError } from '../exit-codes.js';
import {
  type CohortExam,
  dayOf,
  examsFromFindings,
  type Procedure,
  proceduresFromRows,
  type StudyOwner,
  type TextRow,
} from './cohort-exams.js';

/** The exams of a results folder with patient and date, and how many had to be left out for want of them. */
export interface CohortInput {
  readonly exams: readonly CohortExam[];
  readonly withoutOwner: number;
}

/**
 * Reads findings.csv of a folder `pce screen` wrote, and patient and study date out of the reports beside it.
 *
 * @throws UsageError when the table is not there
 */
export async function readCohortExams(folder: string): Promise<CohortInput> {
  const rows = await readTable(join(folder, 'findings.csv'), 'DIR', 'findings.csv of pce screen');
  const analysed = rows.filter((row) => row.row_type === 'exam' && row.outcome === 'analysed');
  const owners = new Map<string, StudyOwner>();
  for (const row of analysed) {
    const uid = row.study_instance_uid ?? '';
    const owner = await readOwner(join(folder, uid, `${row.report_sop_instance_uid}.dcm`));
    if (owner !== null) owners.set(uid, owner);
  }
  return { exams: examsFromFindings(rows, owners), withoutOwner: analysed.length - owners.size };
}

export async function readProcedures(path: string): Promise<Procedure[]> {
  return proceduresFromRows(await readTable(path, '--procedures', 'a CSV file'));
}

async function readTable(path: string, subject: string, expected: string): Promise<TextRow[]> {
  const text = await fs.readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(subject, expected, `${path} (${error.code ?? 'unknown error'})`);
  });
  return parse(text, { columns: true, bom: true, trim: true }) as TextRow[];
}

async function readOwner(path: string): Promise<StudyOwner | null> {
  const bytes = await fs.readFile(path).catch(() => null);
  if (bytes === null) return null;
  const { dataset } = readPart10(bytes);
  const patient = dataset.string('PatientID');
  const day = dayOf(dataset.string('StudyDate') ?? '');
  return patient === undefined || day === null ? null : { patient, day };
}
