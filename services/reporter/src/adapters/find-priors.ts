import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';
import type { ReportedObject } from '@pce/shared/ports/delivery-ledger';
import type { LedgerResult } from '@pce/shared/ports/result-ledger';
import type { PriorComparison, PriorExam } from '../core/prior-exam.js';
import { readPriorExam } from '../core/read-prior-exam.js';
import type { ReportMaterial } from './build-report.js';
import type { ArchivedExams } from './prior-lookup.js';

/** Studies of a patient that are looked at for an earlier report, the latest received first. [design] */
const MAX_STUDIES = 50;
/** Reports to read, the preferred kind first. */
const REPORT_KINDS = ['sr', 'sr-comprehensive'];

/** What a result is compared with, and the report it replaces. */
export interface Priors {
  comparison: PriorComparison;
  /** The report of the study's last reported result. */
  replaced: ReportedObject | null;
}

/** What archives know of the patient. Only what was analysed is compared: for other results nobody is asked. */
export async function lookUpPriors(
  { result }: LedgerResult,
  source: Dataset,
  { priorLookup }: ReportMaterial,
): Promise<ArchivedExams> {
  return result.outcome.kind === 'analysed' ? priorLookup.search(source) : { exams: [], isIncomplete: false };
}

/**
 * Finds what was reported of the study and of its patient before, here or in archives. Which report is replaced cannot
 * change any more: a result that was superseded before it was reported never is.
 *
 * @param seriesDescription of the reports to prefer: a receiver that has these may not have the others
 */
export async function findPriors(
  found: LedgerResult,
  source: Dataset,
  archived: ArchivedExams,
  seriesDescription: string | undefined,
  material: ReportMaterial,
): Promise<Priors> {
  const superseded = await lastReported(found.studyInstanceUid, material, found, seriesDescription);
  const known = await earlierExam(found, source, material, seriesDescription);
  // Of two reports of one day that which is known here: it says more.
  const [earlier] = [...(known ? [known] : []), ...archived.exams].sort((left, right) =>
    (right.studyDate ?? '').localeCompare(left.studyDate ?? ''),
  );
  const comparison = {
    ...(superseded?.exam ? { superseded: superseded.exam } : {}),
    ...(earlier ? { earlier } : {}),
    ...(archived.isIncomplete ? { isLookupIncomplete: true } : {}),
  };
  return { comparison, replaced: superseded?.report ?? null };
}

/** The study's report before a result; its last one without. */
async function lastReported(
  studyInstanceUid: string,
  { results, deliveries, objects }: ReportMaterial,
  before: LedgerResult | null,
  seriesDescription: string | undefined,
): Promise<{ report: ReportedObject; exam: PriorExam | null } | null> {
  const ofStudy = await results.resultsOfStudy(studyInstanceUid);
  const last = ofStudy.find(
    (other) =>
      other.isReported && (!before || (other.resultId !== before.resultId && other.recordedAt <= before.recordedAt)),
  );
  if (!last) return null;
  const made = await deliveries.objectsOfResult(last.resultId);
  const ofVersion = made.filter((object) => object.seriesDescription === seriesDescription);
  const inOrder = [ofVersion, made].flatMap((list) =>
    REPORT_KINDS.flatMap((kind) => list.filter((object) => object.kind === kind)),
  );
  const [report] = inOrder;
  if (!report) return null;
  return { report, exam: readPriorExam(readPart10(await objects.read(report)).dataset, last.result) };
}

/** The latest report of an earlier study of the same patient that is known here. */
async function earlierExam(
  found: LedgerResult,
  source: Dataset,
  material: ReportMaterial,
  seriesDescription: string | undefined,
): Promise<PriorExam | null> {
  const [patientId, studyDate] = [source.string('PatientID'), source.string('StudyDate')];
  if (!patientId || !studyDate) return null;
  const studies = await material.ledger.searchStudies({
    matches: [{ keyword: 'PatientID', kind: 'exact', values: [patientId] }],
    limit: MAX_STUDIES,
    offset: 0,
  });
  const dateOf = (attributes: Readonly<Record<string, string>>) => attributes.StudyDate ?? '';
  const candidates = studies
    .filter((study) => study.studyInstanceUid !== found.studyInstanceUid)
    // The same number may be another patient's elsewhere: the birth dates must not contradict.
    .filter(({ attributes }) => (attributes.PatientBirthDate ?? '') === (source.string('PatientBirthDate') ?? ''))
    .filter(({ attributes }) => dateOf(attributes) !== '' && dateOf(attributes) < studyDate)
    .sort((left, right) => dateOf(right.attributes).localeCompare(dateOf(left.attributes)));
  for (const { studyInstanceUid } of candidates) {
    const exam = (await lastReported(studyInstanceUid, material, null, seriesDescription))?.exam;
    if (exam) return exam;
  }
  return null;
}
