/** What is audited. Source: PS3.15 A.5.3. */
export const AUDIT_KINDS = [
  'application-start',
  'application-stop',
  'sign-in',
  'sign-in-refused',
  'sign-out',
  'query',
  'instances-accessed',
  'instances-received',
  'instances-retrieved',
  'sending-begun',
  'instances-sent',
  'instances-not-sent',
  'result-exported',
  'result-not-exported',
  'node-refused',
  'access-refused',
  'audit-log-used',
  'audit-stopped',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** Something somebody did that must be accounted for. Names no patient: the study does. */
export interface AuditRecord {
  readonly kind: AuditKind;
  readonly at: Date;
  /** A person, an application entity, an API key, a destination; empty when unknown. */
  readonly userName: string;
  /** Network address of the other side; empty for ourselves and when unknown. */
  readonly address: string;
  readonly studyInstanceUid: string | null;
  /** What was done in a word or two, such as "view-report" or "dimse", and counts. Never patient data. */
  readonly detail: string;
}

/** Takes audit records; must not fail the work that is audited. */
export interface AuditSink {
  record(record: AuditRecord): Promise<void>;
  close(): Promise<void>;
}
