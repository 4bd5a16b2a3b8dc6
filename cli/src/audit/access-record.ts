import type { AuditAction, AuditEvent } from '@pce/shared/ports/access-ledger';
import type { AuditKind, AuditRecord } from './audit-record.js';

/** What each action of the worklist is in DICOM's terms. */
const KINDS: Readonly<Record<AuditAction, AuditKind>> = {
  'sign-in': 'sign-in',
  'sign-in-refused': 'sign-in-refused',
  'sign-out': 'sign-out',
  'list-studies': 'query',
  'search-studies': 'query',
  'view-study': 'instances-accessed',
  'view-report': 'instances-accessed',
  review: 'instances-accessed',
  retry: 'instances-accessed',
  'export-audit': 'audit-log-used',
};

/** An event of the worklist as an audit record. */
export function accessRecord({ at, userName, address, studyInstanceUid, action }: AuditEvent): AuditRecord {
  return { kind: KINDS[action], at, userName, address, studyInstanceUid, detail: action };
}
