import type { Dataset } from '@pce/shared/dicom/dataset';
import type { Keyword } from '@pce/shared/dicom/tag';
import { isOwnResult } from './own-result.js';

/** What routing looks at. */
export interface RoutingFacts {
  modality: string;
  sopClassUid: string;
  bodyPart: string;
  viewPosition: string;
  /** Every text that says what was examined and why. */
  descriptions: string[];
  /** As "scheme:value", such as "C4:22510". */
  procedureCodes: string[];
  isOwnResult: boolean;
}

const DESCRIPTION_KEYWORDS = [
  'StudyDescription',
  'SeriesDescription',
  'ProtocolName',
  'RequestedProcedureDescription',
  'PerformedProcedureStepDescription',
  'ReasonForTheRequestedProcedure',
  'AdditionalPatientHistory',
] as const satisfies readonly Keyword[];
const CODE_KEYWORDS = [
  'ProcedureCodeSequence',
  'RequestedProcedureCodeSequence',
  'PerformedProtocolCodeSequence',
  'ReasonForRequestedProcedureCodeSequence',
] as const satisfies readonly Keyword[];

/** Reads what routing looks at, request attributes of the order included. */
export function routingFacts(dataset: Dataset): RoutingFacts {
  const sources = [dataset, ...dataset.items('RequestAttributesSequence')];
  const codes = sources.flatMap((source) => CODE_KEYWORDS.flatMap((keyword) => source.items(keyword)));
  const meanings = codes.flatMap((code) => code.strings('CodeMeaning'));
  return {
    modality: dataset.string('Modality') ?? '',
    sopClassUid: dataset.string('SOPClassUID') ?? '',
    bodyPart: dataset.string('BodyPartExamined') ?? '',
    viewPosition: dataset.string('ViewPosition') ?? '',
    descriptions: [
      ...sources.flatMap((source) => DESCRIPTION_KEYWORDS.flatMap((keyword) => source.strings(keyword))),
      ...meanings,
    ],
    procedureCodes: codes.map(
      (code) => `${code.string('CodingSchemeDesignator') ?? ''}:${code.string('CodeValue') ?? ''}`,
    ),
    isOwnResult: isOwnResult(dataset),
  };
}
