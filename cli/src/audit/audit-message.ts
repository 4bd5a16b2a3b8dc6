import { isIP } from 'node:net';
import type { AuditRecord } from './audit-record.js';
import { AUDIT_CODES, type Code, EVENT_SHAPES, type EventShape } from './audit-shapes.js';

/** Who writes the audit. */
export interface AuditSource {
  /** AE title. */
  readonly name: string;
  readonly siteId: string | undefined;
  readonly processId: number;
}

/** What is said of a patient whose ID is not known. [design] */
const UNKNOWN = 'unknown';

/**
 * A record as the XML of the DICOM audit message schema. Pure.
 *
 * @param patientId of the study; null when it is not known
 * Source: PS3.15 A.5.1, A.5.2.
 */
export function auditMessage(record: AuditRecord, source: AuditSource, patientId: string | null): string {
  const shape = EVENT_SHAPES[record.kind];
  const event = attributes({
    EventActionCode: shape.action,
    EventDateTime: record.at.toISOString(),
    EventOutcomeIndicator: shape.outcome,
  });
  const type = shape.type ? coded('EventTypeCode', shape.type) : '';
  const audit = attributes({ AuditEnterpriseSiteID: source.siteId, AuditSourceID: source.name });
  return [
    '<?xml version="1.0" encoding="UTF-8"?><AuditMessage>',
    `<EventIdentification${event}>${coded('EventID', shape.id)}${type}</EventIdentification>`,
    ...participants(record, shape, source),
    // 4: application server process. Source: PS3.15 table A.5.1.2.1-1.
    `<AuditSourceIdentification${audit}><AuditSourceTypeCode csd-code="4"/></AuditSourceIdentification>`,
    ...objects(record, shape, patientId),
    '</AuditMessage>',
  ].join('');
}

function participants(record: AuditRecord, shape: EventShape, source: AuditSource): string[] {
  // The process by its number, as the log lines have it, and its AE title beside. Source: PS3.15 A.5.2.1, A.5.2.2.
  const own = participant({
    UserID: `${source.processId}`,
    AlternativeUserID: `AETITLES=${source.name}`,
    UserName: 'PCE',
    ...shape.own,
  });
  if (!shape.other) return [own];
  // 2: an IP address; 1: a machine's name. Source: PS3.15 A.5.1.1.
  const access = record.address
    ? { NetworkAccessPointID: record.address, NetworkAccessPointTypeCode: isIP(record.address) > 0 ? '2' : '1' }
    : {};
  const other = participant({ UserID: record.userName || UNKNOWN, ...access, ...shape.other });
  if (!shape.isExport) return [other, own];
  const medium = { UserID: record.userName || UNKNOWN, ...access, isRequestor: false };
  return [other, own, participant({ ...medium, role: AUDIT_CODES.destinationMedia })];
}

interface Participant extends Record<string, unknown> {
  readonly isRequestor: boolean;
  readonly role?: Code;
}

function participant({ isRequestor, role, ...named }: Participant): string {
  const written = attributes({ ...(named as Record<string, string>), UserIsRequestor: `${isRequestor}` });
  return `<ActiveParticipant${written}>${role ? coded('RoleIDCode', role) : ''}</ActiveParticipant>`;
}

function objects({ studyInstanceUid, detail, address }: AuditRecord, shape: EventShape, patientId: string | null) {
  switch (shape.object) {
    case 'none':
      return [];
    case 'study':
      if (studyInstanceUid === null) return [];
      // A system object that is a report, and the person who is the patient. Source: PS3.15 tables A.5.3.3-1, A.5.3.7-1.
      return [
        object({ id: studyInstanceUid, type: '2', role: '3', idType: AUDIT_CODES.studyInstanceUid }, named(detail)),
        object({ id: patientId || UNKNOWN, type: '1', role: '1', idType: AUDIT_CODES.patientNumber }, named('')),
      ];
    case 'query': {
      const query = `<ParticipantObjectQuery>${base64(detail)}</ParticipantObjectQuery>`;
      return [object({ id: detail, type: '2', role: '3', idType: AUDIT_CODES.uri }, query)];
    }
    case 'node':
      return [object({ id: address || UNKNOWN, ...SECURITY_RESOURCE, idType: AUDIT_CODES.nodeId }, alert(detail))];
    case 'audit-log':
      return [
        object({ id: detail || UNKNOWN, ...SECURITY_RESOURCE, idType: AUDIT_CODES.uri }, named('Security Audit Log')),
      ];
    case 'resource':
      return [object({ id: detail || UNKNOWN, ...SECURITY_RESOURCE, idType: AUDIT_CODES.uri }, alert(detail))];
  }
}

/** A system object that is a security resource. Source: PS3.15 tables A.5.3.2-1, A.5.3.11-1. */
const SECURITY_RESOURCE = { type: '2', role: '13' } as const;

interface ObjectName {
  readonly id: string;
  readonly type: '1' | '2';
  readonly role: '1' | '3' | '13';
  readonly idType: Code;
}

function object({ id, type, role, idType }: ObjectName, content: string): string {
  const written = attributes({
    ParticipantObjectID: id,
    ParticipantObjectTypeCode: type,
    ParticipantObjectTypeCodeRole: role,
  });
  const typed = coded('ParticipantObjectIDTypeCode', idType);
  return `<ParticipantObjectIdentification${written}>${typed}${content}</ParticipantObjectIdentification>`;
}

const named = (name: string): string => `<ParticipantObjectName>${escaped(name)}</ParticipantObjectName>`;

const alert = (detail: string): string =>
  `${named(detail)}<ParticipantObjectDetail type="Alert Description" value="${base64(detail)}"/>`;

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

const coded = (element: string, { value, scheme, meaning }: Code): string =>
  `<${element}${attributes({ 'csd-code': value, codeSystemName: scheme, originalText: meaning })}/>`;

function attributes(values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return given.map(([name, value]) => ` ${name}="${escaped(value!)}"`).join('');
}

/** What XML 1.0 has no way to write becomes a question mark. */
function escaped(text: string): string {
  const writable = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?');
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return writable.replace(/[&<>"]/g, (letter) => entities[letter]!);
}
