import type { Urgency } from '@pce/shared/contracts/exam-outcome';
import { VALUE } from '../codes.js';
import {
  addPatient,
  addSegment,
  analysisTime,
  beginMessage,
  codedField,
  type Hl7Options,
  timestamp,
} from './hl7-segments.js';
import type { MessageSubject } from './message-subject.js';
import { orderIdentity } from './order-identity.js';

/** Priority of an order: stat or as soon as possible. Source: HL7 tables 0485, 0027. */
const PRIORITY = {
  critical: 'S',
  high: 'A',
  medium: null,
  low: null,
  none: null,
} as const satisfies Record<Urgency, string | null>;

/**
 * A request to read an exam sooner, HL7 v2.5.1 ORM^O01. Only the owner of an order should change its priority: sites
 * must ask for this message. A priority is never lowered, so most results give none.
 *
 * @returns null where nothing is to be raised, or no order is named
 * Source: HL7 v2.5.1 section 4.4.1, ORC-1 XO
 */
export function buildPriorityMessage(subject: MessageSubject, options: Hl7Options = {}): string | null {
  const { outcome } = subject.result;
  if (outcome.kind !== 'analysed' || outcome.presence !== 'present') return null;
  const priority = PRIORITY[outcome.suggestedUrgency];
  const { placerOrderNumber, fillerOrderNumber, accessionNumber } = orderIdentity(subject.source);
  const filler = fillerOrderNumber || accessionNumber;
  if (priority === null || (placerOrderNumber === '' && filler === '')) return null;
  const message = beginMessage(subject, ['ORM', 'O01', 'ORM_O01'], options);
  addPatient(message, subject.source);
  const accessions = Object.fromEntries((options.accessionFields ?? ['18']).map((field) => [field, accessionNumber]));
  addSegment(message, 'ORC', {
    1: 'XO',
    2: placerOrderNumber,
    3: filler,
    7: { 6: priority },
    9: timestamp(analysisTime(subject)),
  });
  addSegment(message, 'OBR', {
    1: '1',
    2: placerOrderNumber,
    3: filler,
    4: codedField(VALUE.imagingProcedure),
    ...accessions,
    27: { 6: priority },
  });
  return `${message.toString().replace(/\r+$/, '')}\r`;
}
