import type { Dataset } from '@pce/shared/dicom/dataset';

/** Who and which order an exam belongs to, as its header says; empty where it says nothing. */
export interface OrderIdentity {
  readonly patientId: string;
  readonly issuerOfPatientId: string;
  readonly accessionNumber: string;
  readonly placerOrderNumber: string;
  readonly fillerOrderNumber: string;
}

/** Reads the order: the request of the first item that has one stands before the study's own attributes. */
export function orderIdentity(source: Dataset): OrderIdentity {
  const [request] = source.items('RequestAttributesSequence');
  return {
    patientId: source.string('PatientID') ?? '',
    issuerOfPatientId: source.string('IssuerOfPatientID') ?? '',
    accessionNumber: source.string('AccessionNumber') ?? request?.string('AccessionNumber') ?? '',
    placerOrderNumber: request?.string('PlacerOrderNumberImagingServiceRequest') ?? '',
    fillerOrderNumber: request?.string('FillerOrderNumberImagingServiceRequest') ?? '',
  };
}
