import type { Clock } from '@pce/shared/ports/clock';
import type { EventHub } from '@pce/shared/ports/event-hub';
import type { JobQueue } from '@pce/shared/ports/job-queue';
import type { Log } from '@pce/shared/ports/log';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { Metrics } from './metrics.js';
import type { State } from './open-state.js';
import type { ServeConfig } from './serve-config.js';

/** What the services of one process have in common. */
export interface Commons {
  config: ServeConfig;
  state: State;
  queue: JobQueue;
  hub: EventHub;
  metrics: Metrics;
  clock: Clock;
  log: Log;
  audit: AuditTrail;
}
