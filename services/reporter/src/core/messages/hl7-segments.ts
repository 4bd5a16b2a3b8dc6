import type { Dataset } from '@pce/shared/dicom/dataset';
import { Message } from 'node-hl7-client';
import { HL7_2_5_1 } from 'node-hl7-client/hl7';
import { cleanLine } from '../clean-text.js';
import type { Code } from '../codes.js';
import { type LocalDateTime, localDateTime } from '../local-date-time.js';
import { uidFromParts } from '../result-uid.js';
import type { MessageSubject } from './message-subject.js';
import { orderIdentity } from './order-identity.js';

/** What a site sets for its HL7 receiver. */
export interface Hl7Options {
  readonly sendingApplication?: string;
  readonly sendingFacility?: string;
  readonly receivingApplication?: string;
  readonly receivingFacility?: string;
  /**
   * Processing ID: production, training or debugging.
   * @default 'P'
   */
  readonly processingId?: 'P' | 'T' | 'D';
  /**
   * OBR fields that carry the accession number: sites differ.
   * @default ['18']
   */
  readonly accessionFields?: readonly ('3' | '18' | '19' | '20')[];
}

/** A value of a field, or of its components by number, "1" or "4.1" (sub-components). */
export type FieldValue = string | Readonly<Record<string, string>>;

/** Names of code systems in HL7 messages. Source: HL7 table 0396. */
const CODE_SYSTEM: Readonly<Record<string, string>> = {
  SCT: 'SCT',
  DCM: 'DCM',
  RADLEX: 'RADLEX',
  UCUM: 'UCUM',
  LN: 'LN',
};

/** A code as a CWE value. */
export function codedField({ value, scheme, meaning }: Code): FieldValue {
  return { 1: value, 2: meaning, 3: CODE_SYSTEM[scheme] ?? scheme };
}

/** A text of one line; HL7 delimiters are escaped by the library. */
const fieldText = (text: string): string => cleanLine(text);

/** Adds a segment. Empty values are left out. */
export function addSegment(message: Message, name: string, fields: Readonly<Record<string, FieldValue>>): void {
  const segment = message.addSegment(name);
  for (const [field, value] of Object.entries(fields)) {
    const parts = typeof value === 'string' ? { '': value } : value;
    for (const [component, text] of Object.entries(parts)) {
      if (text !== '') segment.set(component === '' ? field : `${field}.${component}`, fieldText(text));
    }
  }
}

/** YYYYMMDDHHMMSS+ZZZZ. Source: HL7 v2.5.1 section 2.A.22 (DTM). */
export const timestamp = ({ date, time, offset }: LocalDateTime): string => `${date}${time.slice(0, 6)}${offset}`;

/** The study's date and time as far as the header has them. */
export function studyTimestamp(source: Dataset): string {
  const date = /^\d{8}$/.exec(source.string('StudyDate') ?? '')?.[0] ?? '';
  const time = /^\d{4}(\d{2})?/.exec(source.string('StudyTime') ?? '')?.[0] ?? '';
  return date === '' ? '' : date + time;
}

/** The moment of the analysis in the source's time zone. */
export function analysisTime({ source, context }: MessageSubject): LocalDateTime {
  return localDateTime(context.analysedAt, source.string('TimezoneOffsetFromUTC'), context.timezoneOffsetMinutes);
}

/** Same message, same ID: a receiver can tell that it has it already. At most 20 characters. Source: HL7 v2.5.1 MSH-10. */
function controlId(subject: MessageSubject, trigger: string): string {
  const { result, objects } = subject;
  const objectUids = objects.map(({ sopInstanceUid }) => sopInstanceUid);
  const uid = uidFromParts(['hl7', trigger, result.studyInstanceUid, result.instanceSetDigest, ...objectUids]);
  return BigInt(uid.slice('2.25.'.length)).toString(36).slice(-20).toUpperCase();
}

/** Begins a message. Text is UTF-8 and says so. Source: HL7 v2.5.1 section 2.15.9 */
export function beginMessage(
  subject: MessageSubject,
  [code, trigger, structure]: readonly [string, string, string],
  options: Hl7Options,
): Message {
  const message = new Message({
    messageHeader: {
      msh_9_1: code,
      msh_9_2: trigger,
      msh_9_3: structure,
      msh_10: controlId(subject, trigger),
      msh_11_1: options.processingId ?? 'P',
    },
    specification: new HL7_2_5_1(),
  });
  const header: Record<string, string> = {
    3: options.sendingApplication ?? 'PCE',
    4: options.sendingFacility ?? '',
    5: options.receivingApplication ?? '',
    6: options.receivingFacility ?? '',
    7: timestamp(analysisTime(subject)),
    18: 'UNICODE UTF-8',
  };
  for (const [field, value] of Object.entries(header)) {
    if (value !== '') message.set(`MSH.${field}`, fieldText(value));
  }
  return message;
}

/** DICOM: family^given^middle^prefix^suffix; HL7 has the suffix before the prefix. Source: PS3.5 6.2.1, HL7 v2.5.1 2.A.88. */
function nameComponents(name: string): FieldValue {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = (name.split('=')[0] ?? '').split('^');
  return { '1.1': family, 2: given, 3: middle, 4: suffix, 5: prefix };
}

/** Sexes HL7 table 0001 has. */
const SEXES: readonly string[] = ['F', 'M', 'O'];

/** The patient as the header names them: PID-3 with its issuer, name, birth date and sex. Source: HL7 v2.5.1 section 3.4.2. */
export function addPatient(message: Message, source: Dataset): void {
  const { patientId, issuerOfPatientId } = orderIdentity(source);
  const sex = source.string('PatientSex') ?? '';
  addSegment(message, 'PID', {
    1: '1',
    3: { 1: patientId, '4.1': issuerOfPatientId, 5: patientId === '' ? '' : 'PI' },
    5: nameComponents(source.string('PatientName') ?? ''),
    7: /^\d{8}$/.exec(source.string('PatientBirthDate') ?? '')?.[0] ?? '',
    8: SEXES.includes(sex) ? sex : 'U',
  });
}
