import { createHash } from 'node:crypto';
import type { Urgency } from '@pce/shared/contracts/exam-outcome';
import type { QueryAttributes } from '@pce/shared/ports/ledger';
import type { DicomJsonDataset } from '@pce/shared/ports/work-item-ledger';
import { codeSequence, element, UPS } from './ups-attributes.js';

/** A DICOM object by its UIDs. */
export interface ObjectReference {
  sopClassUid: string;
  sopInstanceUid: string;
  seriesInstanceUid: string;
  studyInstanceUid: string;
}

/** What a task to read a result is made of. */
export interface ReadingTaskSource {
  studyInstanceUid: string;
  patient: QueryAttributes;
  presence: 'present' | 'absent' | 'undetermined';
  urgency: Urgency;
  objects: readonly ObjectReference[];
  /** DICOM date and time (DT). */
  now: string;
}

/** How soon it is to be read, in the words of UPS. Source: PS3.3 C.30.1. */
const PRIORITY: Record<Urgency, 'HIGH' | 'MEDIUM' | 'LOW'> = {
  critical: 'HIGH',
  high: 'HIGH',
  medium: 'MEDIUM',
  low: 'LOW',
  none: 'LOW',
};
const LABEL = {
  present: 'Read: possible pulmonary cement embolism',
  undetermined: 'Read: pulmonary cement embolism undetermined',
  absent: 'Read: no pulmonary cement embolism found',
};

/** Always the same UID for the task of one result. Source: PS3.5 annex B.2; RFC 9562 section 5.8. */
export function readingTaskUid(resultId: string): string {
  const digest = createHash('sha256').update(`reading task ${resultId}`).digest().subarray(0, 16);
  digest[6] = ((digest[6] as number) & 0x0f) | 0x80;
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${digest.toString('hex')}`)}`;
}

/** A work item that asks for a person to read the study. The urgency is a suggestion of research software. */
export function readingTask(source: ReadingTaskSource): DicomJsonDataset {
  const { patient, presence, urgency, objects, studyInstanceUid, now } = source;
  const text = (vr: string, keyword: string) => (patient[keyword] ? element(vr, patient[keyword]) : element(vr));
  const request = {
    [UPS.studyInstanceUid]: element('UI', studyInstanceUid),
    [UPS.accessionNumber]: text('SH', 'AccessionNumber'),
  };
  return {
    [UPS.specificCharacterSet]: element('CS', 'ISO_IR 192'),
    [UPS.patientName]: patient.PatientName ? element('PN', { Alphabetic: patient.PatientName }) : element('PN'),
    [UPS.patientId]: text('LO', 'PatientID'),
    [UPS.patientBirthDate]: text('DA', 'PatientBirthDate'),
    [UPS.patientSex]: text('CS', 'PatientSex'),
    [UPS.studyInstanceUid]: element('UI', studyInstanceUid),
    [UPS.scheduledStart]: element('DT', now),
    // Source: PS3.16 CID 9231.
    [UPS.scheduledWorkitemCode]: codeSequence('110005', 'DCM', 'Interpretation'),
    [UPS.inputInformation]: element('SQ', ...objects.map(referenceItem)),
    [UPS.inputReadiness]: element('CS', 'READY'),
    [UPS.referencedRequests]: element('SQ', request),
    [UPS.state]: element('CS', 'SCHEDULED'),
    [UPS.priority]: element('CS', PRIORITY[urgency]),
    [UPS.worklistLabel]: element('LO', 'PCE reading'),
    [UPS.label]: element('LO', LABEL[presence]),
  };
}

/** A reference as input and output information have it. Source: PS3.3 table 10-3b. */
export function referenceItem(object: ObjectReference): DicomJsonDataset {
  const sop = {
    [UPS.referencedSopClassUid]: element('UI', object.sopClassUid),
    [UPS.referencedSopInstanceUid]: element('UI', object.sopInstanceUid),
  };
  return {
    [UPS.typeOfInstances]: element('CS', 'DICOM'),
    [UPS.studyInstanceUid]: element('UI', object.studyInstanceUid),
    [UPS.seriesInstanceUid]: element('UI', object.seriesInstanceUid),
    [UPS.referencedSops]: element('SQ', sop),
  };
}
