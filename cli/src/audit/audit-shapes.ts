import type { AuditKind } from './audit-record.js';

/** A code with its meaning and scheme. */
export interface Code {
  readonly value: string;
  readonly meaning: string;
  readonly scheme: 'DCM' | 'RFC-3881';
}

const dcm = (value: string, meaning: string): Code => ({ value, meaning, scheme: 'DCM' });

/** What somebody did in an event, and whether it was their wish. */
interface Part {
  readonly role?: Code;
  readonly isRequestor: boolean;
}

/** What every message of a kind has in common. */
export interface EventShape {
  readonly id: Code;
  readonly type?: Code;
  /** Create, read, execute. */
  readonly action: 'C' | 'R' | 'E';
  /** Success, minor failure, serious failure. Source: PS3.15 table A.5.2-1. */
  readonly outcome: '0' | '4' | '8';
  readonly own: Part;
  /** Absent where nobody but ourselves takes part. */
  readonly other?: Part;
  /** A medium or network destination outside takes the data. */
  readonly isExport?: true;
  readonly object: 'none' | 'study' | 'query' | 'node' | 'resource' | 'audit-log';
}

/** Codes of roles and objects. Source: PS3.16 CID 402, CID 404; RFC 3881 section 5.5.4. */
export const AUDIT_CODES = {
  destinationMedia: dcm('110154', 'Destination Media'),
  studyInstanceUid: dcm('110180', 'Study Instance UID'),
  nodeId: dcm('110182', 'Node ID'),
  patientNumber: { value: '2', meaning: 'Patient Number', scheme: 'RFC-3881' },
  uri: { value: '12', meaning: 'URI', scheme: 'RFC-3881' },
} as const satisfies Record<string, Code>;

const SOURCE = dcm('110153', 'Source Role ID');
const DESTINATION = dcm('110152', 'Destination Role ID');

/** Source: PS3.15 table A.5.3.1-1. */
const ACTIVITY = {
  id: dcm('110100', 'Application Activity'),
  action: 'E',
  outcome: '0',
  own: { role: dcm('110150', 'Application'), isRequestor: false },
  object: 'none',
} as const;

/** Source: PS3.15 table A.5.3.12-1. */
const AUTHENTICATION = {
  id: dcm('110114', 'User Authentication'),
  action: 'E',
  outcome: '0',
  own: { isRequestor: false },
  other: { isRequestor: true },
  object: 'none',
} as const;
const LOGIN = dcm('110122', 'Login');

/** Others ask, we answer with instances; or they send and we take. Source: PS3.15 table A.5.3.7-1. */
const TRANSFERRED = { id: dcm('110104', 'DICOM Instances Transferred'), outcome: '0', object: 'study' } as const;
const SENDING = {
  own: { role: SOURCE, isRequestor: true },
  other: { role: DESTINATION, isRequestor: false },
} as const;

/** Source: PS3.15 table A.5.3.4-1. */
const EXPORT = {
  id: dcm('110106', 'Export'),
  action: 'R',
  outcome: '0',
  ...SENDING,
  isExport: true,
  object: 'study',
} as const;

/** Nobody of those named wished for an alert. Source: PS3.15 table A.5.3.11-1, PS3.16 CID 403. */
const ALERT = {
  id: dcm('110113', 'Security Alert'),
  action: 'E',
  outcome: '4',
  own: { isRequestor: false },
  other: { isRequestor: false },
} as const;

/** How each kind is told. Source: PS3.15 A.5.3. */
export const EVENT_SHAPES: Readonly<Record<AuditKind, EventShape>> = {
  'application-start': { ...ACTIVITY, type: dcm('110120', 'Application Start') },
  'application-stop': { ...ACTIVITY, type: dcm('110121', 'Application Stop') },
  'sign-in': { ...AUTHENTICATION, type: LOGIN },
  'sign-in-refused': { ...AUTHENTICATION, type: LOGIN, outcome: '4' },
  'sign-out': { ...AUTHENTICATION, type: dcm('110123', 'Logout') },
  // Source: PS3.15 table A.5.3.10-1.
  query: {
    id: dcm('110112', 'Query'),
    action: 'E',
    outcome: '0',
    own: { role: DESTINATION, isRequestor: false },
    other: { role: SOURCE, isRequestor: true },
    object: 'query',
  },
  // Source: PS3.15 table A.5.3.6-1.
  'instances-accessed': {
    id: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    outcome: '0',
    own: { isRequestor: false },
    other: { isRequestor: true },
    object: 'study',
  },
  'instances-received': {
    ...TRANSFERRED,
    action: 'C',
    own: { role: DESTINATION, isRequestor: false },
    other: { role: SOURCE, isRequestor: true },
  },
  'instances-retrieved': {
    ...TRANSFERRED,
    action: 'R',
    own: { role: SOURCE, isRequestor: false },
    other: { role: DESTINATION, isRequestor: true },
  },
  // Source: PS3.15 table A.5.3.3-1.
  'sending-begun': {
    id: dcm('110102', 'Begin Transferring DICOM Instances'),
    action: 'E',
    outcome: '0',
    ...SENDING,
    object: 'study',
  },
  'instances-sent': { ...TRANSFERRED, action: 'R', ...SENDING },
  'instances-not-sent': { ...TRANSFERRED, action: 'R', ...SENDING, outcome: '4' },
  'result-exported': EXPORT,
  'result-not-exported': { ...EXPORT, outcome: '4' },
  'node-refused': { ...ALERT, type: dcm('110126', 'Node Authentication'), object: 'node' },
  'access-refused': { ...ALERT, type: dcm('110132', 'Use of Restricted Function'), object: 'resource' },
  // Source: PS3.15 table A.5.3.2-1.
  'audit-log-used': {
    id: dcm('110101', 'Audit Log Used'),
    action: 'R',
    outcome: '0',
    own: { isRequestor: false },
    other: { isRequestor: true },
    object: 'audit-log',
  },
  'audit-stopped': {
    id: ALERT.id,
    type: dcm('110133', 'Audit Recording Stopped'),
    action: 'E',
    outcome: '8',
    own: ALERT.own,
    object: 'resource',
  },
};
