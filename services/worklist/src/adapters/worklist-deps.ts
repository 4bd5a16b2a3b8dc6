import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import type { AuditEvent } from '@pce/shared/ports/access-ledger';
import type { Clock } from '@pce/shared/ports/clock';
import type { EventHub } from '@pce/shared/ports/event-hub';
import type { InstanceReader } from '@pce/shared/ports/instance-reader';
import type { AccessConfig } from '../access-config.js';
import type { ReaderStudy } from '../core/reader-study.js';
import type { SystemSnapshot } from '../core/system-snapshot.js';
import type { ShownQueue } from './queue-board.js';

/** What the pages need of the rest of the service. */
export interface WorklistDeps {
  ledger: SqlLedger;
  store: InstanceReader;
  /** Told of reviews and retries; tells of everything else. */
  events: EventHub;
  clock: Clock;
  access: AccessConfig;
  /** Address the server binds: without users it has to be a loopback one. */
  host: string;
  /** Whether the server itself speaks TLS. */
  isTls: boolean;
  /** Told of every line of the audit, once it is written. */
  audited?: (event: AuditEvent) => void;
  /** Value of the variable `access.oidc.clientSecretVariable` names. */
  oidcClientSecret: string | null;
  /** Queues on Redis, where that is what carries signals. */
  queues?: readonly ShownQueue[];
  system: () => Promise<SystemSnapshot>;
  /** The Structured Report of a result, a Part 10 file; null while it is not made. */
  report: (resultId: string) => Promise<Uint8Array | null>;
  /** A failed analysis is pending anew: whoever analyses should look at the ledger. */
  analysisRetried: (studyInstanceUid: string) => void;
  /** Deliveries to these destinations wait again: whoever delivers should look at the ledger. */
  deliveriesRetried: (destinations: readonly string[]) => void;
  /** Set where one reader labels results; then nobody signs in and everybody is that reader. */
  readerStudy?: ReaderStudy;
  /** Something went wrong that no request can be told of. Never patient data. */
  failed: (error: Error) => void;
}
