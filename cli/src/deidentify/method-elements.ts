import type { Dataset } from '@pce/shared/dicom/dataset';
import type { DicomElement, DicomElements } from './element-tree.js';
import type { ProfileOptions } from './profile.js';

/** Codes of CID 7050. Source: PS3.16 CID 7050. */
const METHODS = {
  basic: ['113100', 'Basic Application Confidentiality Profile'],
  cleanGraphics: ['113103', 'Clean Graphics Option'],
  cleanStructuredContent: ['113104', 'Clean Structured Content Option'],
  cleanDescriptors: ['113105', 'Clean Descriptors Option'],
  shiftDates: ['113107', 'Retain Longitudinal Temporal Information Modified Dates Option'],
  retainPatientCharacteristics: ['113108', 'Retain Patient Characteristics Option'],
  retainDeviceIdentity: ['113109', 'Retain Device Identity Option'],
  retainUids: ['113110', 'Retain UIDs Option'],
} as const;

const PATIENT_IDENTITY_REMOVED = 0x00120062;
const DEIDENTIFICATION_METHOD = 0x00120063;
const DEIDENTIFICATION_METHOD_CODES = 0x00120064;
const TEMPORAL_INFORMATION_MODIFIED = 0x00280303;
const [CODE_VALUE, CODING_SCHEME, CODE_MEANING] = [0x00080100, 0x00080102, 0x00080104];

/**
 * What tells that, and how, the identity was removed.
 *
 * Source: PS3.15 section E.1.1, PS3.3 C.7.1.1
 */
export function methodElements(dataset: Dataset, options: ProfileOptions): DicomElements {
  return [
    text(PATIENT_IDENTITY_REMOVED, 'CS', 'YES'),
    text(DEIDENTIFICATION_METHOD, 'LO', 'PCE, PS3.15 annex E with keyed pseudonyms'),
    {
      tag: DEIDENTIFICATION_METHOD_CODES,
      vr: 'SQ',
      value: methodsOf(dataset, options).map(([value, meaning]) => [
        text(CODE_VALUE, 'SH', value),
        text(CODING_SCHEME, 'SH', 'DCM'),
        // Code Meaning holds 64 characters; the code's own is taken as PS3.16 has it.
        text(CODE_MEANING, 'LO', meaning),
      ]),
    },
    text(TEMPORAL_INFORMATION_MODIFIED, 'CS', options.shiftDates ? 'MODIFIED' : 'REMOVED'),
  ];
}

function methodsOf(dataset: Dataset, options: ProfileOptions) {
  const chosen = (
    ['cleanDescriptors', 'shiftDates', 'retainPatientCharacteristics', 'retainDeviceIdentity', 'retainUids'] as const
  ).filter((option) => options[option]);
  return [
    METHODS.basic,
    ...(dataset.has('GraphicAnnotationSequence') ? [METHODS.cleanGraphics] : []),
    ...(dataset.has('ContentSequence') ? [METHODS.cleanStructuredContent] : []),
    ...chosen.map((option) => METHODS[option]),
  ];
}

function text(tag: number, vr: string, value: string): DicomElement {
  return { tag, vr, value: Buffer.from(value.length % 2 === 0 ? value : `${value} `, 'latin1') };
}
