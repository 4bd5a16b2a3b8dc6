import type { DeliveryProgress } from '@pce/reporter/core/delivery-progress';
import type { ReceivedInstance } from '@pce/shared/ports/ledger';
import type { AuditKind, AuditRecord } from './audit-record.js';

const OURSELVES = { userName: '', address: '', studyInstanceUid: null } as const;
/** Log events of the DICOM server that are attempts to get in. */
const REFUSALS = new Set(['association-rejected', 'connection-failed']);

/** The service began, or ends. */
export function activityRecord(kind: 'application-start' | 'application-stop', at: Date): AuditRecord {
  return { ...OURSELVES, kind, at, detail: '' };
}

/** The audit itself went wrong. */
export function stoppedRecord(detail: string, at: Date): AuditRecord {
  return { ...OURSELVES, kind: 'audit-stopped', at, detail };
}

/** An instance came in. */
export function receivedRecord({ source, studyInstanceUid }: ReceivedInstance, at: Date): AuditRecord {
  const { sender, door } = source;
  return { ...OURSELVES, kind: 'instances-received', at, userName: sender, studyInstanceUid, detail: door };
}

/** What the DICOM server says of somebody it turned away; null for all else it says. */
export function refusalRecord(event: string, fields: Readonly<Record<string, unknown>>, at: Date): AuditRecord | null {
  if (!REFUSALS.has(event)) return null;
  const { callingAeTitle, address } = fields;
  return {
    ...OURSELVES,
    kind: 'node-refused',
    at,
    userName: typeof callingAeTitle === 'string' ? callingAeTitle : '',
    address: typeof address === 'string' ? address : '',
    detail: event,
  };
}

/** Where a destination is, and how it is delivered to. */
export interface DestinationPlace {
  readonly way: string;
  readonly address: string;
}

/** Ways by which DICOM instances go to another node; by the others results leave in another form. */
const TRANSFERS = new Set(['cStore', 'stow']);

/** A step of a delivery; null for the beginning of what is no transfer of instances. */
export function deliveryRecord(
  { phase, destination, studyInstanceUid }: DeliveryProgress,
  { way, address }: DestinationPlace,
  at: Date,
): AuditRecord | null {
  const kind = deliveryKind(phase, TRANSFERS.has(way));
  if (kind === null) return null;
  return { kind, at, userName: destination, address, studyInstanceUid, detail: way };
}

function deliveryKind(phase: DeliveryProgress['phase'], isTransfer: boolean): AuditKind | null {
  switch (phase) {
    case 'begun':
      return isTransfer ? 'sending-begun' : null;
    case 'sent':
      return isTransfer ? 'instances-sent' : 'result-exported';
    case 'not-sent':
      return isTransfer ? 'instances-not-sent' : 'result-not-exported';
  }
}
