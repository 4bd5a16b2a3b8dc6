import type { Analysed } from '@pce/shared/contracts/exam-outcome';
import type { Finding } from '@pce/shared/contracts/finding';
import type { Message } from 'node-hl7-client';
import { CHANGE_CODE, CONCEPT, type Code, FINDING_CODE, PRESENCE_CODE, UNIT, URGENCY_CODE, VALUE } from '../codes.js';
import { comparisonComments } from '../comparison-text.js';
import { countEmboli } from '../count-emboli.js';
import { roundTo } from '../decimal-string.js';
import { trackingIdentifier } from '../finding-group.js';
import { type ComparedFindings, compareWithPriors } from '../priors.js';
import { examComments, findingComments } from '../report-text.js';
import {
  addPatient,
  addSegment,
  analysisTime,
  beginMessage,
  codedField,
  type FieldValue,
  type Hl7Options,
  studyTimestamp,
  timestamp,
} from './hl7-segments.js';
import type { MessageSubject } from './message-subject.js';
import { orderIdentity } from './order-identity.js';

const EMBOLISM = FINDING_CODE['pulmonary-cement-embolism'];

/** One OBX: a statement about the exam, or with a sub-ID about one finding. */
interface Observation {
  readonly type: 'CWE' | 'NM' | 'ST' | 'TX';
  readonly concept: Code;
  readonly value: FieldValue;
  readonly unit?: Code;
  readonly subId?: string;
  /** Abnormal flag. Source: HL7 table 0078. */
  readonly flag?: 'A' | 'AA' | 'N';
}

/** Abnormal, panic or normal; an undetermined exam is none of them. Source: HL7 table 0078. */
function abnormalFlag({ presence, suggestedUrgency }: Analysed): Pick<Observation, 'flag'> {
  if (presence === 'undetermined') return {};
  if (presence === 'absent') return { flag: 'N' };
  return { flag: suggestedUrgency === 'critical' ? 'AA' : 'A' };
}

const number = (concept: Code, value: number, unit: Code, subId?: string): Observation => ({
  type: 'NM',
  concept,
  value: String(value),
  unit,
  ...(subId === undefined ? {} : { subId }),
});
const percent = (probability: number): number => roundTo(100 * probability, 1);
const sentence = (text: string, subId?: string): Observation => ({
  type: 'TX',
  concept: CONCEPT.comment,
  value: text,
  ...(subId === undefined ? {} : { subId }),
});

/** The exam as a whole. The certainty is that of what is stated, as in the DICOM report. */
function examObservations(subject: MessageSubject, compared: ComparedFindings): Observation[] {
  const { result, objects } = subject;
  const { outcome } = result;
  const analysed = outcome.kind === 'analysed' ? outcome : null;
  const presence = PRESENCE_CODE[analysed?.presence ?? 'undetermined'];
  const report = objects.find(({ kind }) => kind === 'sr' || kind === 'sr-comprehensive');
  return [
    { type: 'CWE', concept: EMBOLISM, value: codedField(presence), ...(analysed ? abnormalFlag(analysed) : {}) },
    ...(analysed
      ? [
          number(CONCEPT.numberOfLesions, countEmboli(result, 'suspected').emboli, UNIT.noUnits),
          number(
            CONCEPT.certaintyOfFinding,
            percent(analysed.presence === 'absent' ? 1 - analysed.probability : analysed.probability),
            UNIT.percent,
          ),
        ]
      : []),
    ...(analysed && analysed.suggestedUrgency !== 'none'
      ? [
          {
            type: 'CWE',
            concept: CONCEPT.suggestedUrgency,
            value: codedField(URGENCY_CODE[analysed.suggestedUrgency]),
          } as const,
        ]
      : []),
    { type: 'ST', concept: CONCEPT.studyInstanceUid, value: result.studyInstanceUid },
    ...(report ? [{ type: 'ST', concept: CONCEPT.reportInstanceUid, value: report.sopInstanceUid } as const] : []),
    ...[...examComments(result), ...comparisonComments(compared)].map((text) => sentence(text)),
  ];
}

/** One finding, told apart by its sub-ID: "PCE 2". */
function findingObservations(finding: Finding, { changes }: ComparedFindings): Observation[] {
  const subId = trackingIdentifier(finding);
  const change = changes.get(finding);
  return [
    { type: 'CWE', concept: CONCEPT.finding, value: codedField(FINDING_CODE[finding.kind]), subId },
    number(CONCEPT.certaintyOfFinding, percent(finding.probability), UNIT.percent, subId),
    ...(change
      ? [{ type: 'CWE', concept: CONCEPT.changeSincePrior, value: codedField(CHANGE_CODE[change]), subId } as const]
      : []),
    ...findingComments(finding).map((text) => sentence(text, subId)),
  ];
}

/** OBX-11 is always P: nobody has verified it. */
function addObservations(message: Message, subject: MessageSubject, observations: readonly Observation[]): void {
  const observedAt = studyTimestamp(subject.source);
  const analysedAt = timestamp(analysisTime(subject));
  observations.forEach(({ type, concept, value, unit, subId, flag }, index) => {
    addSegment(message, 'OBX', {
      1: String(index + 1),
      2: type,
      3: codedField(concept),
      4: subId ?? '',
      5: value,
      6: unit ? codedField(unit) : '',
      8: flag ?? '',
      11: 'P',
      14: observedAt,
      19: analysedAt,
    });
  });
}

/** The order and what was done: OBR-25 P, preliminary. OBR-3 falls back to the accession number. */
function addOrder(message: Message, subject: MessageSubject, { accessionFields = ['18'] }: Hl7Options): void {
  const { placerOrderNumber, fillerOrderNumber, accessionNumber } = orderIdentity(subject.source);
  const filler = fillerOrderNumber || accessionNumber || subject.result.studyInstanceUid;
  addSegment(message, 'ORC', { 1: 'RE', 2: placerOrderNumber, 3: filler });
  addSegment(message, 'OBR', {
    1: '1',
    2: placerOrderNumber,
    3: filler,
    4: codedField(VALUE.embolismAnalysis),
    7: studyTimestamp(subject.source),
    22: timestamp(analysisTime(subject)),
    24: 'RAD',
    25: 'P',
    ...Object.fromEntries(accessionFields.map((field) => [field, accessionNumber])),
  });
}

/**
 * The result as an unsolicited observation message, HL7 v2.5.1 ORU^R01: preliminary, never final. Candidates below
 * the operating point are not sent.
 *
 * @param subject the result and the header its patient and order are taken from
 * @returns segments separated by carriage returns, without the frame of MLLP
 * Source: HL7 v2.5.1 section 7.3.1
 */
export function buildOruMessage(subject: MessageSubject, options: Hl7Options = {}): string {
  const { result, prior } = subject;
  const compared = compareWithPriors(result, prior);
  const message = beginMessage(subject, ['ORU', 'R01', 'ORU_R01'], options);
  addPatient(message, subject.source);
  addOrder(message, subject, options);
  const findings = result.outcome.kind === 'analysed' ? result.outcome.findings : [];
  const shown = findings.filter(({ assessment }) => assessment !== 'candidate');
  addObservations(message, subject, [
    ...examObservations(subject, compared),
    ...shown.flatMap((finding) => findingObservations(finding, compared)),
  ]);
  return `${message.toString().replace(/\r+$/, '')}\r`;
}
