import type { Dataset } from '@pce/shared/dicom/dataset';
import type { FhirOptions } from './fhir-report.js';
import { type FhirJson, uidIdentifier } from './fhir-values.js';
import type { MessageSubject } from './message-subject.js';
import { orderIdentity } from './order-identity.js';

const CONTAINED_ID = 'study';
export const STUDY_REFERENCE: FhirJson = { reference: `#${CONTAINED_ID}` };
const DCM_SYSTEM = 'http://dicom.nema.org/resources/ontology/DCM';

/** The patient by identifier alone: the server knows who that is. */
export function patientReference(source: Dataset, { patientIdSystem }: FhirOptions): FhirJson {
  const { patientId, issuerOfPatientId } = orderIdentity(source);
  if (patientId === '') return { display: 'Patient of the referenced imaging study' };
  return {
    identifier: {
      system: patientIdSystem,
      value: patientId,
      assigner: issuerOfPatientId === '' ? undefined : { display: issuerOfPatientId },
    },
  };
}

/** The study a report is about: what was analysed, and the objects made of it. Source: FHIR R4 ImagingStudy. */
export function fhirImagingStudy(subject: MessageSubject, options: FhirOptions): FhirJson {
  const { result, source, objects } = subject;
  const { accessionNumber } = orderIdentity(source);
  const accession: FhirJson[] =
    accessionNumber === ''
      ? []
      : [
          {
            type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' }] },
            system: options.accessionSystem,
            value: accessionNumber,
          },
        ];
  const modalityOf = new Map(result.parts.map((part) => [part.seriesInstanceUid, part.modality]));
  const objectSeries = new Map(objects.map((object) => [object.seriesInstanceUid, object.kind]));
  const modality = (code: string): FhirJson => ({ system: DCM_SYSTEM, code });
  return {
    resourceType: 'ImagingStudy',
    id: CONTAINED_ID,
    identifier: [uidIdentifier(result.studyInstanceUid), ...accession],
    status: 'available',
    subject: patientReference(source, options),
    series: [
      ...[...modalityOf].map(([uid, code]) => ({ uid, modality: modality(code) })),
      ...[...objectSeries].map(([uid, kind]) => ({
        uid,
        modality: modality(OBJECT_MODALITY[kind]),
        instance: objects
          .filter((object) => object.seriesInstanceUid === uid)
          .map(({ sopInstanceUid, sopClassUid }) => ({
            uid: sopInstanceUid,
            sopClass: { system: 'urn:ietf:rfc:3986', code: `urn:oid:${sopClassUid}` },
          })),
      })),
    ],
  };
}

/** Modality of each kind of object. Source: PS3.3 C.7.3.1.1.1. */
const OBJECT_MODALITY = {
  sr: 'SR',
  'sr-comprehensive': 'SR',
  gsps: 'PR',
  'secondary-capture': 'OT',
  segmentation: 'SEG',
  'key-object': 'KO',
  'encapsulated-pdf': 'DOC',
} as const;
