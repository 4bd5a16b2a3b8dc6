import type { DicomAttributes } from './dicom-builder.js';

/** Patient of every simulated study: nobody. Source: PS3.3 section C.7.1.1. */
export const SIMULATED_PATIENT: DicomAttributes = {
  SpecificCharacterSet: 'ISO_IR 100',
  PatientName: 'SIMULATED^PHANTOM',
  PatientBirthDate: '19500101',
  PatientSex: 'F',
  PatientAge: '075Y',
  PatientComments: 'SIMULATED, not a patient',
};

/** Source: PS3.3 section C.7.5.1. */
export const SIMULATED_EQUIPMENT: DicomAttributes = {
  Manufacturer: 'PCE phantom simulator',
  InstitutionName: 'SIMULATED',
  ManufacturerModelName: 'Phantom',
  DeviceSerialNumber: '1',
  SoftwareVersions: '1',
};

/** General Study with fixed dates, so that the same seed gives the same bytes. Source: PS3.3 section C.7.2.1. */
export function simulatedStudy(studyInstanceUid: string, patientId: string, description: string): DicomAttributes {
  return {
    PatientID: patientId,
    StudyInstanceUID: studyInstanceUid,
    StudyDate: '20250601',
    StudyTime: '101500',
    SeriesDate: '20250601',
    SeriesTime: '101600',
    AcquisitionDate: '20250601',
    AcquisitionTime: '101630',
    ContentDate: '20250601',
    ContentTime: '101700',
    AccessionNumber: '',
    ReferringPhysicianName: '',
    StudyID: '1',
    StudyDescription: description,
  };
}
