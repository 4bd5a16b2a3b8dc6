import type { AuditKind, AuditRecord } from './audit-record.js';

/** A code with its scheme and meaning. Source: PS3.16 annex D, context groups 400 to 404. */
type Code = readonly [value: string, meaning: string];

interface EventShape {
  readonly id: Code;
  readonly type?: Code;
  /** Create, read, update, delete, execute. */
  readonly action: 'C' | 'R' | 'E';
  /** 0 success, 4 minor failure. Source: PS3.15 table A.5.2-1. */
  readonly outcome: '0' | '4';
}

const APPLICATION: Code = ['110100', 'Application Activity'];
const AUTHENTICATION: Code = ['110114', 'User Authentication'];

/** Source: PS3.15 A.5.3.1 to A.5.3.11. */
const SHAPES: Readonly<Record<AuditKind, EventShape>> = {
  'application-start': { id: APPLICATION, type: ['110120', 'Application Start'], action: 'E', outcome: '0' },
  'application-stop': { id: APPLICATION, type: ['110121', 'Application Stop'], action: 'E', outcome: '0' },
  'sign-in': { id: AUTHENTICATION, type: ['110122', 'Login'], action: 'E', outcome: '0' },
  'sign-in-refused': { id: AUTHENTICATION, type: ['110122', 'Login'], action: 'E', outcome: '4' },
  'sign-out': { id: AUTHENTICATION, type: ['110123', 'Logout'], action: 'E', outcome: '0' },
  query: { id: ['110112', 'Query'], action: 'E', outcome: '0' },
  'instances-accessed': { id: ['110103', 'DICOM Instances Accessed'], action: 'R', outcome: '0' },
  'instances-received': { id: ['110104', 'DICOM Instances Transferred'], action: 'C', outcome: '0' },
  'instances-sent': { id: ['110104', 'DICOM Instances Transferred'], action: 'R', outcome: '0' },
  'security-alert': {
    id: ['110113', 'Security Alert'],
    type: ['110126', 'Node Authentication'],
    action: 'E',
    outcome: '4',
  },
};
const SOURCE_ROLE: Code = ['110153', 'Source Role ID'];
const DESTINATION_ROLE: Code = ['110152', 'Destination Role ID'];
const APPLICATION_ROLE: Code = ['110150', 'Application'];

/** Who writes the audit. */
export interface AuditSource {
  /** AE title. */
  readonly name: string;
  readonly siteId: string | undefined;
  readonly processId: number;
}

/** A record as the XML of the DICOM audit message schema. Pure. Source: PS3.15 A.5.1, A.5.2. */
export function auditMessage(record: AuditRecord, source: AuditSource): string {
  const shape = SHAPES[record.kind];
  const type = shape.type ? coded('EventTypeCode', shape.type) : '';
  const attributes = `EventActionCode="${shape.action}" EventDateTime="${record.at.toISOString()}" EventOutcomeIndicator="${shape.outcome}"`;
  const site = source.siteId === undefined ? '' : ` AuditEnterpriseSiteID=${quoted(source.siteId)}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?><AuditMessage>',
    `<EventIdentification ${attributes}>${coded('EventID', shape.id)}${type}</EventIdentification>`,
    ...participants(record, source),
    // 4: application server process. Source: PS3.15 A.5.1, AuditSourceTypeCode.
    `<AuditSourceIdentification${site} AuditSourceID=${quoted(source.name)}><AuditSourceTypeCode csd-code="4"/></AuditSourceIdentification>`,
    ...objects(record),
    '</AuditMessage>',
  ].join('');
}

function participants(record: AuditRecord, source: AuditSource): string[] {
  const isTransfer = record.kind === 'instances-received' || record.kind === 'instances-sent';
  const isActivity = record.kind === 'application-start' || record.kind === 'application-stop';
  const isIncoming = record.kind === 'instances-received';
  const ownRole = isTransfer ? (isIncoming ? DESTINATION_ROLE : SOURCE_ROLE) : isActivity ? APPLICATION_ROLE : null;
  const own = participant(source.name, `${source.processId}`, ownRole, record.kind === 'instances-sent', '');
  if (isActivity) return [own];
  const otherRole = isTransfer ? (isIncoming ? SOURCE_ROLE : DESTINATION_ROLE) : null;
  const isRequestor = record.kind !== 'instances-sent';
  return [participant(record.userName || 'unknown', null, otherRole, isRequestor, record.address), own];
}

function participant(
  userId: string,
  alternative: string | null,
  role: Code | null,
  isRequestor: boolean,
  address: string,
): string {
  const also = alternative === null ? '' : ` AlternativeUserID=${quoted(alternative)}`;
  // 2: an IP address. Source: PS3.15 table A.5.2-1.
  const point = address === '' ? '' : ` NetworkAccessPointID=${quoted(address)} NetworkAccessPointTypeCode="2"`;
  const attributes = `UserID=${quoted(userId)}${also} UserIsRequestor="${isRequestor}"${point}`;
  return `<ActiveParticipant ${attributes}>${role ? coded('RoleIDCode', role) : ''}</ActiveParticipant>`;
}

function objects({ kind, studyInstanceUid, detail, address }: AuditRecord): string[] {
  if (kind === 'query') {
    const query = Buffer.from(detail, 'utf8').toString('base64');
    // System object, query. Source: PS3.15 table A.5.3.10-1.
    return [
      object(
        'query',
        '2',
        '24',
        ['110181', 'SOP Class UID'],
        `<ParticipantObjectQuery>${query}</ParticipantObjectQuery>`,
      ),
    ];
  }
  if (kind === 'security-alert') {
    const name = `<ParticipantObjectName>${escaped(detail || 'alert')}</ParticipantObjectName>`;
    // Security resource. Source: PS3.15 table A.5.3.11-1.
    return [object(address || 'unknown', '2', '13', ['110182', 'Node ID'], name)];
  }
  if (studyInstanceUid === null) return [];
  const name = `<ParticipantObjectName>${escaped(detail)}</ParticipantObjectName>`;
  // A report (of images), the study by its UID. Source: PS3.15 table A.5.3.6-1.
  return [object(studyInstanceUid, '2', '3', ['110180', 'Study Instance UID'], name)];
}

function object(id: string, type: string, role: string, idType: Code, content: string): string {
  const attributes = `ParticipantObjectID=${quoted(id)} ParticipantObjectTypeCode="${type}" ParticipantObjectTypeCodeRole="${role}"`;
  const typed = coded('ParticipantObjectIDTypeCode', idType);
  return `<ParticipantObjectIdentification ${attributes}>${typed}${content}</ParticipantObjectIdentification>`;
}

const coded = (element: string, [value, meaning]: Code): string =>
  `<${element} csd-code="${value}" codeSystemName="DCM" originalText="${meaning}"/>`;

const quoted = (text: string): string => `"${escaped(text)}"`;

/** What XML 1.0 has no way to write becomes a question mark. */
function escaped(text: string): string {
  const writable = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?');
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return writable.replace(/[&<>"]/g, (letter) => entities[letter]!);
}
