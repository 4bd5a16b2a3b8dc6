import type { Analysed } from '@pce/shared/contracts/exam-outcome';
import type { Finding } from '@pce/shared/contracts/finding';
import { CHANGE_CODE, CONCEPT, type Code, FINDING_CODE, PRESENCE_CODE, UNIT, URGENCY_CODE, VALUE } from '../codes.js';
import { comparisonComments } from '../comparison-text.js';
import { countEmboli } from '../count-emboli.js';
import { roundTo } from '../decimal-string.js';
import { trackingIdentifier } from '../finding-group.js';
import type { PriorFinding } from '../prior-exam.js';
import { type ComparedFindings, compareWithPriors } from '../priors.js';
import { examComments, findingComments } from '../report-text.js';
import { uidFromParts } from '../result-uid.js';
import { fhirImagingStudy, patientReference, STUDY_REFERENCE } from './fhir-imaging-study.js';
import { coding, concept, type FhirJson, type FhirResource, quantity, uidIdentifier, uuidOf } from './fhir-values.js';
import type { MessageSubject } from './message-subject.js';
import { orderIdentity } from './order-identity.js';

/** What a site sets for its FHIR server. */
export interface FhirOptions {
  /** System of patient identifiers, such as "urn:oid:1.2.3". */
  readonly patientIdSystem?: string;
  /** System of accession numbers. */
  readonly accessionSystem?: string;
}

const EMBOLISM = FINDING_CODE['pulmonary-cement-embolism'];
const INTERPRETATION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
const INTERPRETATION = {
  present: { code: 'POS', display: 'Positive' },
  absent: { code: 'NEG', display: 'Negative' },
  undetermined: { code: 'IND', display: 'Indeterminate' },
} as const;
const IMAGING_CATEGORY: FhirJson = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'imaging' }],
};
const RADIOLOGY_CATEGORY: FhirJson = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'RAD', display: 'Radiology' }],
};
/** Source: LOINC. */
const IMAGING_REPORT = { value: '18748-4', scheme: 'LN', meaning: 'Diagnostic imaging study' } as const;

type Component = readonly [Code, FhirJson];
const component = ([code, value]: Component): FhirJson => ({ code: concept(code), valueQuantity: value });
const coded = (code: Code, value: Code): FhirJson => ({ code: concept(code), valueCodeableConcept: concept(value) });
const percent = (probability: number): FhirJson => quantity(roundTo(100 * probability, 1), UNIT.percent);

const interpretation = (presence: keyof typeof INTERPRETATION): FhirJson => [
  { coding: [{ system: INTERPRETATION_SYSTEM, ...INTERPRETATION[presence] }] },
];

/** An entry that makes the resource or brings it up to date: sending it twice changes nothing. */
function entry(resource: FhirResource, uid: string): FhirJson {
  const query = `identifier=${encodeURIComponent(`urn:dicom:uid|urn:oid:${uid}`)}`;
  return {
    fullUrl: `urn:uuid:${uuidOf(uid)}`,
    resource: { ...resource, identifier: [uidIdentifier(uid), ...((resource.identifier as FhirJson[]) ?? [])] },
    request: { method: 'PUT', url: `${resource.resourceType}?${query}` },
  };
}

/** What the observations and the report of one message have in common. */
interface Shared {
  readonly contained: FhirJson;
  readonly subject: FhirJson;
  readonly issued: string;
  readonly effectiveDateTime: string | undefined;
  readonly device: FhirJson;
}

function observation(shared: Shared, content: Readonly<Record<string, FhirJson | undefined>>): FhirResource {
  const { contained, subject, issued, effectiveDateTime, device } = shared;
  return {
    resourceType: 'Observation',
    contained,
    status: 'preliminary',
    category: [IMAGING_CATEGORY],
    subject,
    effectiveDateTime,
    issued,
    device,
    derivedFrom: [STUDY_REFERENCE],
    ...content,
  };
}

function examComponents(subject: MessageSubject, analysed: Analysed): FhirJson {
  const certainty = analysed.presence === 'absent' ? 1 - analysed.probability : analysed.probability;
  return [
    component([CONCEPT.numberOfLesions, quantity(countEmboli(subject.result, 'suspected').emboli, UNIT.noUnits)]),
    component([CONCEPT.certaintyOfFinding, percent(certainty)]),
    ...(analysed.suggestedUrgency === 'none'
      ? []
      : [coded(CONCEPT.suggestedUrgency, URGENCY_CODE[analysed.suggestedUrgency])]),
  ];
}

function examObservation(subject: MessageSubject, shared: Shared, notes: readonly string[], members: FhirJson[]) {
  const { outcome } = subject.result;
  const analysed = outcome.kind === 'analysed' ? outcome : null;
  const presence = analysed?.presence ?? 'undetermined';
  return observation(shared, {
    code: concept(EMBOLISM),
    valueCodeableConcept: concept(PRESENCE_CODE[presence]),
    interpretation: interpretation(presence),
    note: notes.map((text) => ({ text })),
    hasMember: members.length > 0 ? members : undefined,
    component: analysed ? examComponents(subject, analysed) : undefined,
  });
}

function findingObservation(finding: Finding, compared: ComparedFindings, shared: Shared): FhirResource {
  const presence = finding.assessment === 'suspected' ? 'present' : 'undetermined';
  const { lengthMm, calibreMm, volumeMm3, peakHu } = finding.measurements;
  const measured: [Code, number | null, Code][] = [
    [CONCEPT.length, lengthMm, UNIT.millimetre],
    [CONCEPT.diameter, calibreMm, UNIT.millimetre],
    [CONCEPT.volume, volumeMm3, UNIT.cubicMillimetre],
    [CONCEPT.attenuation, peakHu, UNIT.hounsfield],
  ];
  const change = compared.changes.get(finding);
  return observation(shared, {
    identifier: [uidIdentifier(compared.trackingUids.get(finding)!)],
    code: concept(FINDING_CODE[finding.kind]),
    valueCodeableConcept: concept(PRESENCE_CODE[presence]),
    interpretation: interpretation(presence),
    note: [trackingIdentifier(finding), ...findingComments(finding)].map((text) => ({ text })),
    component: [
      component([CONCEPT.certaintyOfFinding, percent(finding.probability)]),
      ...measured.flatMap(([code, value, unit]) =>
        value === null ? [] : [component([code, quantity(roundTo(value, 1), unit)])],
      ),
      ...(change ? [coded(CONCEPT.changeSincePrior, CHANGE_CODE[change])] : []),
    ],
  });
}

/** Findings of the results this one replaces that are not in it any more: their observations are taken back. */
function withdrawn({ prior }: MessageSubject, shown: ReadonlySet<string>): PriorFinding[] {
  const earlier = prior?.former ?? prior?.superseded?.findings ?? [];
  return earlier.filter(({ isShown, trackingUid }) => isShown && !shown.has(trackingUid));
}

/** YYYY-MM-DD of the study; left out where the header has no date. */
function studyDate({ source }: MessageSubject): string | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(source.string('StudyDate') ?? '');
  return parts ? parts.slice(1).join('-') : undefined;
}

function sharedContent(subject: MessageSubject, options: FhirOptions): Shared {
  const { name, version } = subject.result.algorithm;
  return {
    contained: [fhirImagingStudy(subject, options)],
    subject: patientReference(subject.source, options),
    issued: subject.context.analysedAt.toISOString(),
    effectiveDateTime: studyDate(subject),
    device: { display: `${name || 'unknown'} ${version}`.trim() },
  };
}

function diagnosticReport(subject: MessageSubject, shared: Shared, notes: readonly string[], results: FhirJson[]) {
  const { outcome } = subject.result;
  const { accessionNumber } = orderIdentity(subject.source);
  const presence = outcome.kind === 'analysed' ? outcome.presence : 'undetermined';
  const { contained, subject: patient, issued, effectiveDateTime } = shared;
  return {
    resourceType: 'DiagnosticReport',
    contained,
    identifier: accessionNumber === '' ? [] : [{ value: accessionNumber }],
    status: 'preliminary',
    category: [RADIOLOGY_CATEGORY],
    code: { coding: [coding(IMAGING_REPORT), coding(VALUE.embolismAnalysis)] },
    subject: patient,
    effectiveDateTime,
    issued,
    result: results,
    imagingStudy: [STUDY_REFERENCE],
    conclusion: notes.join(' '),
    conclusionCode: [concept(PRESENCE_CODE[presence])],
  };
}

/**
 * The result as a FHIR R4 transaction: a preliminary DiagnosticReport with one Observation of the exam and one per
 * finding, each with the study contained. Patients are referred to by identifier, never by name. What was there from
 * an earlier result of the same study is brought up to date, or marked as entered in error.
 *
 * Source: FHIR R4 (4.0.1) DiagnosticReport, Observation, ImagingStudy, http.html#transaction
 */
export function buildFhirBundle(subject: MessageSubject, options: FhirOptions = {}): FhirResource {
  const { result } = subject;
  const { studyInstanceUid } = result;
  const compared = compareWithPriors(result, subject.prior);
  const shared = sharedContent(subject, options);
  const notes = [...examComments(result), ...comparisonComments(compared)];
  const all = result.outcome.kind === 'analysed' ? result.outcome.findings : [];
  const findings = all.filter(({ assessment }) => assessment !== 'candidate');
  const uidOf = (what: string) => uidFromParts(['fhir', studyInstanceUid, what]);
  const findingUid = (finding: Finding) => uidOf(compared.trackingUids.get(finding)!);
  const gone = withdrawn(subject, new Set(findings.map((finding) => compared.trackingUids.get(finding)!)));
  const reference = (uid: string): FhirJson => ({ reference: `urn:uuid:${uuidOf(uid)}` });
  const members = findings.map((finding) => reference(findingUid(finding)));
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      entry(diagnosticReport(subject, shared, notes, [reference(uidOf('exam')), ...members]), uidOf('report')),
      entry(examObservation(subject, shared, notes, members), uidOf('exam')),
      ...findings.map((finding) => entry(findingObservation(finding, compared, shared), findingUid(finding))),
      ...gone.map(({ kind, trackingUid }) =>
        entry(
          observation(shared, { status: 'entered-in-error', code: concept(FINDING_CODE[kind]) }),
          uidOf(trackingUid),
        ),
      ),
    ],
  };
}
