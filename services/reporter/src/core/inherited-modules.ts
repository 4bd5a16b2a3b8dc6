import type { Dataset } from '@pce/shared/dicom/dataset';
import type { Keyword } from '@pce/shared/dicom/tag';
import type { Attributes, AttributeValue } from './dicom-writer.js';
import {
  conforming,
  date,
  describeReceived,
  freeLine,
  freeText,
  identifier,
  oneOf,
  personName,
  type Sanitizer,
  time,
} from './sanitize-value.js';

/** A source value that could not be copied as it was. Names the attribute, never its value. */
export interface InheritanceRemark {
  readonly keyword: string;
  readonly expected: string;
  readonly received: string;
  readonly action: string;
}

/** Type 2 attributes are written even when empty; type 3 ones only with a value. Source: PS3.5 section 7.4. */
interface Rule {
  readonly type: 2 | 3;
  readonly sanitize: Sanitizer;
  /** The attribute may have several values. */
  readonly many?: true;
}
type Rules = Readonly<Partial<Record<Keyword, Rule>>>;
/** In an item, all of `needed` must be there, else the item is left out. */
interface SequenceRule {
  readonly rules: Rules;
  readonly needed: readonly Keyword[];
}

const required = (sanitize: Sanitizer): Rule => ({ type: 2, sanitize });
const optional = (sanitize: Sanitizer): Rule => ({ type: 3, sanitize });
const several = (sanitize: Sanitizer): Rule => ({ type: 3, sanitize, many: true });

/** Source: PS3.3 C.7.1.1 (Patient), C.7.2.1 (General Study), C.7.2.2 (Patient Study). */
const ATTRIBUTE_RULES: Rules = {
  PatientName: required(personName),
  PatientID: required(identifier('LO')),
  IssuerOfPatientID: optional(identifier('LO')),
  PatientBirthDate: required(date),
  PatientBirthTime: optional(time),
  PatientSex: required(oneOf(['M', 'F', 'O'])),
  PatientComments: optional(freeText(10240)),
  PatientIdentityRemoved: optional(oneOf(['YES', 'NO'])),
  DeidentificationMethod: several(freeLine(64)),
  StudyDate: required(date),
  StudyTime: required(time),
  StudyID: required(identifier('SH')),
  StudyDescription: optional(freeLine(64)),
  AccessionNumber: required(identifier('SH')),
  ReferringPhysicianName: required(personName),
  PhysiciansOfRecord: several(personName),
  NameOfPhysiciansReadingStudy: several(personName),
  AdmittingDiagnosesDescription: several(freeLine(64)),
  PatientAge: optional(conforming('AS')),
  PatientSize: optional(conforming('DS')),
  PatientWeight: optional(conforming('DS')),
  Occupation: optional(freeLine(16)),
  AdditionalPatientHistory: optional(freeText(10240)),
  AdmissionID: optional(identifier('LO')),
};

const CODED_ITEM: SequenceRule = {
  rules: {
    CodeValue: optional(identifier('SH')),
    CodingSchemeDesignator: optional(identifier('SH')),
    CodingSchemeVersion: optional(identifier('SH')),
    CodeMeaning: optional(freeLine(64)),
  },
  needed: ['CodeValue', 'CodingSchemeDesignator', 'CodeMeaning'],
};

const SEQUENCE_RULES: Readonly<Partial<Record<Keyword, SequenceRule>>> = {
  OtherPatientIDsSequence: {
    rules: {
      PatientID: optional(identifier('LO')),
      IssuerOfPatientID: optional(identifier('LO')),
      TypeOfPatientID: optional(oneOf(['TEXT', 'RFID', 'BARCODE'])),
    },
    needed: ['PatientID', 'TypeOfPatientID'],
  },
  IssuerOfAccessionNumberSequence: {
    rules: {
      LocalNamespaceEntityID: optional(freeText(10240)),
      UniversalEntityID: optional(freeText(10240)),
      UniversalEntityIDType: optional(oneOf(['DNS', 'EUI64', 'ISO', 'URI', 'UUID', 'X400', 'X500'])),
    },
    needed: [],
  },
  ProcedureCodeSequence: CODED_ITEM,
  ReferencedStudySequence: {
    rules: { ReferencedSOPClassUID: optional(conforming('UI')), ReferencedSOPInstanceUID: optional(conforming('UI')) },
    needed: ['ReferencedSOPClassUID', 'ReferencedSOPInstanceUID'],
  },
};

/** The order a study was made for. Source: PS3.3 table C.17-2, Referenced Request Sequence. */
const REQUEST_RULES: Rules = {
  AccessionNumber: required(identifier('SH')),
  PlacerOrderNumberImagingServiceRequest: required(identifier('LO')),
  FillerOrderNumberImagingServiceRequest: required(identifier('LO')),
  RequestedProcedureID: required(identifier('SH')),
  RequestedProcedureDescription: required(freeLine(64)),
};

const keysOf = <K extends string>(record: Readonly<Partial<Record<K, unknown>>>): K[] => Object.keys(record) as K[];

/** Copies attributes and collects remarks on those that could not be copied as they were. */
class Copier {
  readonly remarks: InheritanceRemark[] = [];

  attributes(source: Dataset, rules: Rules): Attributes {
    const copied: Record<string, AttributeValue> = {};
    for (const keyword of keysOf(rules)) {
      const rule = rules[keyword]!;
      const values = this.values(source, keyword, rule);
      if (values.length > 0 || rule.type === 2) copied[keyword] = values;
    }
    return copied;
  }

  /** Items that conform; an item lacking something needed says nothing and is left out. */
  items(source: Dataset, keyword: Keyword, { rules, needed }: SequenceRule): Attributes[] {
    return source
      .items(keyword)
      .map((item) => this.attributes(item, rules))
      .filter((item) => Object.keys(item).length > 0 && needed.every((key) => item[key] !== undefined));
  }

  private values(source: Dataset, keyword: Keyword, rule: Rule): string[] {
    const received = source.strings(keyword).filter((value) => value.trim() !== '');
    if (received.length > 1 && !rule.many) {
      this.remark(keyword, 'one value', `${received.length} values`, 'left empty');
      return [];
    }
    return received.flatMap((value) => {
      const { value: fit, remark } = rule.sanitize(value);
      if (remark) this.remark(keyword, remark.expected, describeReceived(value), remark.action);
      return fit === null || fit === '' ? [] : [fit];
    });
  }

  private remark(keyword: string, expected: string, received: string, action: string): void {
    this.remarks.push({ keyword, expected, received, action });
  }
}

/** The order as the source states it: its request attributes, else its accession number alone; else nothing. */
function referencedRequests(source: Dataset, studyInstanceUid: string, copier: Copier): Attributes[] {
  const items = source.items('RequestAttributesSequence');
  const orders = items.length > 0 ? items : source.string('AccessionNumber') ? [source] : [];
  const accession = copier.attributes(source, { AccessionNumber: required(identifier('SH')) }).AccessionNumber ?? [];
  return orders.map((order) => {
    const copied = copier.attributes(order, REQUEST_RULES);
    const own = copied.AccessionNumber as readonly string[];
    return {
      ...copied,
      AccessionNumber: own.length > 0 ? own : accession,
      StudyInstanceUID: studyInstanceUid,
      ReferencedStudySequence: [],
      RequestedProcedureCodeSequence: copier.items(order, 'RequestedProcedureCodeSequence', CODED_ITEM),
    };
  });
}

/** What a report says of a source that is de-identified and does not say how. */
const UNSTATED_METHOD = 'Not stated by the source';

export interface InheritedModules {
  readonly attributes: Attributes;
  /** The order, as items of Referenced Request Sequence; reports alone have that. */
  readonly requests: readonly Attributes[];
  readonly remarks: readonly InheritanceRemark[];
}

/**
 * The patient and study modules of a source instance, made fit: a report must be valid whatever its source holds.
 * Identifiers are copied whole or left empty; dates and times in the old form are rewritten, impossible ones left
 * empty; free text loses control characters and what exceeds its length. Each change is a remark.
 *
 * @param source one instance of the study
 * @param studyInstanceUid the study's UID, which the request refers to
 * Source: PS3.3 C.7.1.1, C.7.2.1, C.7.2.2
 */
export function inheritedModules(source: Dataset, studyInstanceUid: string): InheritedModules {
  const copier = new Copier();
  const attributes: Record<string, AttributeValue> = {
    ...(copier.attributes(source, ATTRIBUTE_RULES) as Record<string, AttributeValue>),
  };
  for (const keyword of keysOf(SEQUENCE_RULES)) {
    const items = copier.items(source, keyword, SEQUENCE_RULES[keyword]!);
    if (items.length > 0) attributes[keyword] = items;
  }
  // Type 1C where identity was removed; the code sequence that may stand in for it is not inherited.
  const isIdentityRemoved = (attributes.PatientIdentityRemoved as readonly string[] | undefined)?.includes('YES');
  if (isIdentityRemoved && attributes.DeidentificationMethod === undefined) {
    attributes.DeidentificationMethod = [UNSTATED_METHOD];
  }
  const requests = referencedRequests(source, studyInstanceUid, new Copier());
  return { attributes, requests, remarks: copier.remarks };
}
