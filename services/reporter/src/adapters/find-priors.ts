import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';
import type { ReportedObject } from '@pce/shared/ports/delivery-ledger';
import type { LedgerResult } from '@pce/shared/ports/result-ledger';
import { formerResults } from '../core/former-results.js';
import type { PriorComparison, PriorExam, PriorFinding } from '../core/prior-exam.js';
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
  /**
   * The reports of the study's earlier results, the latest first. All of them: a receiver may not have got the last ones,
   * as what is overtaken before it is sent is not sent.
   */
  replaced: ReportedObject[];
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
 * Finds what was reported of the study and of its patient before, here or in archives. Which reports are replaced cannot
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
  const former: FormerReport[] = [];
  for (const result of await reportedResults(found.studyInstanceUid, material, found)) {
    const report = await readReport(result, material, seriesDescription);
    if (report) former.push(report);
  }
  const judged = former.flatMap(({ exam }) => exam ?? []);
  const known = await earlierExam(found, source, material, seriesDescription);
  // Of two reports of one day that which is known here: it says more.
  const [earlier] = [...(known ? [known] : []), ...archived.exams].sort((left, right) =>
    (right.studyDate ?? '').localeCompare(left.studyDate ?? ''),
  );
  const comparison = {
    ...(judged[0] ? { superseded: judged[0], former: eachOnce(judged.flatMap(({ findings }) => findings)) } : {}),
    ...(earlier ? { earlier } : {}),
    ...(archived.isIncomplete ? { isLookupIncomplete: true } : {}),
  };
  return { comparison, replaced: former.map(({ report }) => report) };
}

const eachOnce = (findings: readonly PriorFinding[]): PriorFinding[] => [
  ...new Map(findings.map((finding) => [finding.trackingUid, finding])).values(),
];

/** A report, and the exam as it says; null where it could not judge it. */
interface FormerReport {
  report: ReportedObject;
  exam: PriorExam | null;
}

/** The study's results that were reported before one, the latest first; all without one. */
async function reportedResults(
  studyInstanceUid: string,
  { results }: ReportMaterial,
  before: LedgerResult | null,
): Promise<LedgerResult[]> {
  const former = formerResults(await results.resultsOfStudy(studyInstanceUid), before);
  return former.filter(({ isReported }) => isReported);
}

/** A result's report; null where none was made. */
async function readReport(
  { resultId, result }: LedgerResult,
  { deliveries, objects }: ReportMaterial,
  seriesDescription: string | undefined,
): Promise<FormerReport | null> {
  const made = await deliveries.objectsOfResult(resultId);
  const ofVersion = made.filter((object) => object.seriesDescription === seriesDescription);
  const inOrder = [ofVersion, made].flatMap((list) =>
    REPORT_KINDS.flatMap((kind) => list.filter((object) => object.kind === kind)),
  );
  const [report] = inOrder;
  if (!report) return null;
  return { report, exam: readPriorExam(readPart10(await objects.read(report)).dataset, result) };
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
    const [last] = await reportedResults(studyInstanceUid, material, null);
    const exam = last && (await readReport(last, material, seriesDescription))?.exam;
    if (exam) return exam;
  }
  return null;
}
