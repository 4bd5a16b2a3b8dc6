import type { Dataset } from '@pce/shared/dicom/dataset';
import { isUid } from '@pce/shared/dicom/uid';
import type { ArchivedStudy, PriorArchive } from './prior-archive.js';
import type { PriorExam } from './prior-exam.js';
import { readPriorExam } from './read-prior-exam.js';
import { SR_SOP_CLASS_UID } from './report-context.js';

/** Studies whose reports are looked at, the latest first. [design] */
const MAX_STUDIES = 20;

/**
 * Looks in an archive for the latest report of ours on an earlier study of the patient.
 *
 * @param source an image of the study to be reported
 * @returns null when there is none, or the study names no patient or no day
 * @throws what the archive throws when it does not answer
 */
export async function findArchivedExam(archive: PriorArchive, source: Dataset): Promise<PriorExam | null> {
  const [patientId, studyDate] = [source.string('PatientID') ?? '', source.string('StudyDate') ?? ''];
  if (patientId === '' || !/^\d{8}$/.test(studyDate)) return null;
  const studies = (await archive.findStudies(patientId, studyDate))
    .filter((study) => isEarlierOfPatient(study, source))
    .sort((left, right) => right.studyDate.localeCompare(left.studyDate))
    .slice(0, MAX_STUDIES);
  for (const { studyInstanceUid } of studies) {
    const reports = await archive.fetchReports(studyInstanceUid);
    const exam = latestExam(reports.filter((report) => isReportOf(report, studyInstanceUid, patientId)));
    if (exam) return exam;
  }
  return null;
}

/** Archives match by patterns, and may match more than was asked for. Birth dates and issuers must not contradict. */
function isEarlierOfPatient(study: ArchivedStudy, source: Dataset): boolean {
  const agrees = (theirs: string, ours: string | undefined) => theirs === '' || !ours || theirs === ours;
  return (
    isUid(study.studyInstanceUid) &&
    study.studyInstanceUid !== source.string('StudyInstanceUID') &&
    study.patientId === source.string('PatientID') &&
    agrees(study.patientBirthDate, source.string('PatientBirthDate')) &&
    agrees(study.issuerOfPatientId, source.string('IssuerOfPatientID')) &&
    /^\d{8}$/.test(study.studyDate) &&
    study.studyDate < source.string('StudyDate')! &&
    (study.modalities.length === 0 || study.modalities.includes('SR'))
  );
}

const isReportOf = (report: Dataset, studyInstanceUid: string, patientId: string): boolean =>
  report.string('StudyInstanceUID') === studyInstanceUid && report.string('PatientID') === patientId;

/** The last report that no other one replaces; the 3D form where the same was stored in both. */
function latestExam(reports: readonly Dataset[]): PriorExam | null {
  const replaced = new Set(reports.flatMap(predecessorsOf));
  const whenOf = (report: Dataset) =>
    (report.string('ContentDate') ?? '') + (report.string('ContentTime') ?? '').split('.')[0];
  const rank = (report: Dataset) => Number(report.string('SOPClassUID') === SR_SOP_CLASS_UID['comprehensive-3d']);
  const latestFirst = reports
    .filter((report) => !replaced.has(report.string('SOPInstanceUID') ?? ''))
    .sort((left, right) => whenOf(right).localeCompare(whenOf(left)) || rank(right) - rank(left));
  for (const report of latestFirst) {
    const exam = readPriorExam(report);
    if (exam) return exam;
  }
  return null;
}

function predecessorsOf(report: Dataset): string[] {
  return report
    .items('PredecessorDocumentsSequence')
    .flatMap((study) => study.items('ReferencedSeriesSequence'))
    .flatMap((series) => series.items('ReferencedSOPSequence'))
    .flatMap((document) => document.string('ReferencedSOPInstanceUID') ?? []);
}
