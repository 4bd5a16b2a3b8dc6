export const USER_ROLES = ['reader', 'administrator', 'integrator'] as const;
export type UserRole = (typeof USER_ROLES)[number];

/** Somebody signed in. The token itself is with the browser only. */
export interface Session {
  /** SHA-256 of the token, hexadecimal. */
  tokenDigest: string;
  userName: string;
  roles: UserRole[];
  source: 'local' | 'oidc';
  /** What a page has to send along with every change. */
  csrfToken: string;
  createdAt: Date;
  lastSeenAt: Date;
}

export const AUDIT_ACTIONS = [
  'sign-in',
  'sign-in-refused',
  'sign-out',
  'list-studies',
  'search-studies',
  'view-study',
  'view-report',
  'review',
  'retry',
  'export-audit',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who did what, when, to which study. */
export interface AuditEvent {
  eventId: string;
  at: Date;
  userName: string;
  action: AuditAction;
  /** Where the request came from. */
  address: string;
  studyInstanceUid: string | null;
  resultId: string | null;
}

/** What of the audit is meant; null is without end. */
export interface AuditSpan {
  /** The first moment. */
  from: Date | null;
  /** The moment after the last. */
  until: Date | null;
}

/** Who is signed in and who looked at what. */
export interface AccessLedger {
  openSession(session: Session): Promise<void>;
  findSession(tokenDigest: string): Promise<Session | null>;
  touchSession(tokenDigest: string, at: Date): Promise<void>;
  endSession(tokenDigest: string): Promise<void>;
  /** Forgets sessions not seen since. */
  endSessionsBefore(lastSeen: Date): Promise<void>;
  recordAudit(event: AuditEvent): Promise<void>;
  /** The newest first. */
  auditEvents(limit: number, before?: Date): Promise<AuditEvent[]>;
  /** The oldest first, from after one that is known: a page of all there are. */
  auditPage(span: AuditSpan, after: Pick<AuditEvent, 'at' | 'eventId'> | null, limit: number): Promise<AuditEvent[]>;
  /** Forgets what is older. @returns how many events */
  forgetAuditBefore(at: Date): Promise<number>;
}
