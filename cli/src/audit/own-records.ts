import type { EventHub } from '@pce/shared/ports/event-hub';
import type { ReceivedInstance } from '@pce/shared/ports/ledger';
import type { AuditRecord } from './audit-record.js';

const OURSELVES = { userName: '', address: '', studyInstanceUid: null } as const;
/** Log events of the DICOM server that are attempts to get in. */
const REFUSALS = new Set(['association-rejected', 'connection-failed']);

/** The service began, or ends. */
export function activityRecord(kind: 'application-start' | 'application-stop', at: Date): AuditRecord {
  return { ...OURSELVES, kind, at, detail: '' };
}

/** An instance came in. */
export function receivedRecord({ source, studyInstanceUid }: ReceivedInstance, at: Date): AuditRecord {
  return {
    ...OURSELVES,
    kind: 'instances-received',
    at,
    userName: source.sender,
    studyInstanceUid,
    detail: source.door,
  };
}

/** What the DICOM server says of somebody it turned away; null for all else it says. */
export function refusalRecord(event: string, fields: Readonly<Record<string, unknown>>, at: Date): AuditRecord | null {
  if (!REFUSALS.has(event)) return null;
  const { callingAeTitle, address } = fields;
  return {
    ...OURSELVES,
    kind: 'security-alert',
    at,
    userName: typeof callingAeTitle === 'string' ? callingAeTitle : '',
    address: typeof address === 'string' ? address : '',
    detail: event,
  };
}

/** The hub, with an ear on what this process itself delivers. */
export function withDeliveries(hub: EventHub, delivered: (studyInstanceUid: string) => void): EventHub {
  return {
    publish: (event) => {
      if (event.kind === 'delivered') delivered(event.studyInstanceUid);
      hub.publish(event);
    },
    subscribe: (listener) => hub.subscribe(listener),
    close: () => hub.close(),
  };
}

/** A report of a study went out. */
export function sentRecord(studyInstanceUid: string, at: Date): AuditRecord {
  return { ...OURSELVES, kind: 'instances-sent', at, userName: 'destination', studyInstanceUid, detail: 'report' };
}
