/** An exam as a screening run found it, with whom it is of and when. */
export interface CohortExam {
  readonly studyInstanceUid: string;
  readonly patient: string;
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly kind: 'film' | 'CT';
  readonly presence: 'present' | 'absent' | 'undetermined';
  readonly hasLeak: boolean;
  /** Emboli that are suspected. */
  readonly embolusCount: number;
}

/** A vertebroplasty, kyphoplasty or other cementation. */
export interface Procedure {
  readonly patient: string;
  readonly day: number;
  readonly code: string;
}

const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of "2024-03-01" or "20240301"; null for anything else. */
export function dayOf(text: string): number | null {
  const parts = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text.trim());
  if (parts === null) return null;
  const ms = Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  const isCalendarDate = new Date(ms).toISOString().slice(0, 10) === `${parts[1]}-${parts[2]}-${parts[3]}`;
  return isCalendarDate ? ms / DAY_MS : null;
}

/** One line of a table, by column name. */
export type TextRow = Readonly<Record<string, string>>;

/**
 * Procedures of a table with the columns `patient_id`, `procedure_date` and `procedure_code`. The same patient, day
 * and code twice is one procedure.
 *
 * @throws RangeError naming line and column of what cannot be read, never the value
 */
export function proceduresFromRows(rows: readonly TextRow[]): Procedure[] {
  const procedures = new Map<string, Procedure>();
  rows.forEach((row, index) => {
    const patient = row.patient_id?.trim() ?? '';
    const code = row.procedure_code?.trim() ?? '';
    const day = dayOf(row.procedure_date ?? '');
    if (patient === '') throw badCell(index, 'patient_id', 'a text');
    if (code === '') throw badCell(index, 'procedure_code', 'a text');
    if (day === null) throw badCell(index, 'procedure_date', 'a date such as 2024-03-01');
    procedures.set(JSON.stringify([patient, day, code]), { patient, day, code });
  });
  return [...procedures.values()].sort((a, b) => a.day - b.day);
}

function badCell(index: number, column: string, expected: string): RangeError {
  return new RangeError(`procedures, line ${index + 2}, ${column}: expected ${expected}`);
}

/** Patient and day of a study, as its report names them. */
export interface StudyOwner {
  readonly patient: string;
  readonly day: number;
}

/**
 * Exams that were analysed out of the rows of findings.csv. An exam with any CT counts as a CT.
 *
 * @param owners by Study Instance UID; exams without one are left out
 */
export function examsFromFindings(rows: readonly TextRow[], owners: ReadonlyMap<string, StudyOwner>): CohortExam[] {
  const findings = new Map<string, TextRow[]>();
  for (const row of rows) {
    if (row.row_type !== 'finding' || row.assessment !== 'suspected') continue;
    findings.set(row.study_instance_uid!, [...(findings.get(row.study_instance_uid!) ?? []), row]);
  }
  return rows.flatMap((row): CohortExam[] => {
    const uid = row.study_instance_uid ?? '';
    const owner = owners.get(uid);
    if (row.row_type !== 'exam' || row.outcome !== 'analysed' || owner === undefined) return [];
    const own = findings.get(uid) ?? [];
    return [
      {
        studyInstanceUid: uid,
        ...owner,
        kind: (row.modality ?? '').split('; ').includes('CT') ? 'CT' : 'film',
        presence: row.presence as CohortExam['presence'],
        hasLeak: own.some(({ kind }) => kind === 'venous-cement-leak'),
        embolusCount: own.filter(({ kind }) => kind === 'pulmonary-cement-embolism').length,
      },
    ];
  });
}
