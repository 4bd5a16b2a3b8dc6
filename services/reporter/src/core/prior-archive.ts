import type { Dataset } from '@pce/shared/dicom/dataset';

/** A study as an archive lists it; empty where it says nothing. */
export interface ArchivedStudy {
  readonly studyInstanceUid: string;
  readonly patientId: string;
  readonly issuerOfPatientId: string;
  readonly patientBirthDate: string;
  /** YYYYMMDD. */
  readonly studyDate: string;
  readonly modalities: readonly string[];
}

/** An archive while it is being asked. What it cannot answer throws. */
export interface PriorArchive {
  /** Studies of the patient up to a day; others may be among them. */
  findStudies(patientId: string, untilDate: string): Promise<ArchivedStudy[]>;
  /** The structured reports of a study that can be read. */
  fetchReports(studyInstanceUid: string): Promise<Dataset[]>;
}

/** Attributes of studies asked for. */
export const STUDY_KEYWORDS = [
  'StudyInstanceUID',
  'StudyDate',
  'ModalitiesInStudy',
  'PatientID',
  'IssuerOfPatientID',
  'PatientBirthDate',
] as const;

/** A study from the values of its attributes. */
export function toArchivedStudy(
  valuesOf: (keyword: (typeof STUDY_KEYWORDS)[number]) => readonly string[],
): ArchivedStudy {
  const first = (keyword: (typeof STUDY_KEYWORDS)[number]) => valuesOf(keyword)[0]?.trim() ?? '';
  return {
    studyInstanceUid: first('StudyInstanceUID'),
    patientId: first('PatientID'),
    issuerOfPatientId: first('IssuerOfPatientID'),
    patientBirthDate: first('PatientBirthDate'),
    studyDate: first('StudyDate'),
    modalities: valuesOf('ModalitiesInStudy').map((modality) => modality.trim()),
  };
}
