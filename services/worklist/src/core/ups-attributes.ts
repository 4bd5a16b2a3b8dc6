import type { DicomJsonDataset } from '@pce/shared/ports/work-item-ledger';

/** UPS Push SOP class: what every work item is an instance of. Source: PS3.6 annex A. */
export const UPS_PUSH = '1.2.840.10008.5.1.4.34.6.1';
/** Well-known UIDs that stand for all work items in a subscription. Source: PS3.4 section CC.2.3. */
export const GLOBAL_SUBSCRIPTION = '1.2.840.10008.5.1.4.34.5';
export const FILTERED_GLOBAL_SUBSCRIPTION = '1.2.840.10008.5.1.4.34.5.1';

/** Attributes of a work item. Source: PS3.6. */
export const UPS = {
  specificCharacterSet: '00080005',
  sopClassUid: '00080016',
  sopInstanceUid: '00080018',
  accessionNumber: '00080050',
  codeValue: '00080100',
  codingScheme: '00080102',
  codeMeaning: '00080104',
  transactionUid: '00081195',
  referencedSops: '00081199',
  referencedSopClassUid: '00081150',
  referencedSopInstanceUid: '00081155',
  patientName: '00100010',
  patientId: '00100020',
  patientBirthDate: '00100030',
  patientSex: '00100040',
  studyInstanceUid: '0020000D',
  seriesInstanceUid: '0020000E',
  scheduledStart: '00404005',
  scheduledWorkitemCode: '00404018',
  inputInformation: '00404021',
  scheduledStationName: '00404025',
  inputReadiness: '00404041',
  outputInformation: '00404033',
  performedStart: '00404050',
  performedEnd: '00404051',
  performedStationName: '00404028',
  performedWorkitemCode: '00404019',
  typeOfInstances: '0040E020',
  referencedRequests: '0040A370',
  state: '00741000',
  progressInformation: '00741002',
  progress: '00741004',
  cancellationTime: '00404052',
  reasonForCancellation: '00741238',
  performedProcedure: '00741216',
  priority: '00741200',
  worklistLabel: '00741202',
  label: '00741204',
} as const;

export const UPS_STATES = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED'] as const;
export type UpsState = (typeof UPS_STATES)[number];

/** The first value as text; empty when there is none. */
export function textOf(dataset: DicomJsonDataset, tag: string): string {
  const value = dataset[tag]?.Value?.[0];
  return typeof value === 'string' ? value : '';
}

/** The items of a sequence. */
export function itemsOf(dataset: DicomJsonDataset | undefined, tag: string): DicomJsonDataset[] {
  return (dataset?.[tag]?.Value ?? []).filter((item) => typeof item === 'object') as DicomJsonDataset[];
}

/** An element with one value. */
export function element(vr: string, ...values: unknown[]) {
  return values.length > 0 ? { vr, Value: values } : { vr };
}

/** A code as a sequence of one item. */
export function codeSequence(value: string, scheme: string, meaning: string) {
  const code = {
    [UPS.codeValue]: element('SH', value),
    [UPS.codingScheme]: element('SH', scheme),
    [UPS.codeMeaning]: element('LO', meaning),
  };
  return element('SQ', code);
}
