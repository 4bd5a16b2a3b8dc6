import type { AccessLedger } from '@pce/shared/ports/access-ledger';
import type { Clock } from '@pce/shared/ports/clock';

const DAY_MS = 86_400_000;
/** Old events may stay this much longer. [design] */
const INTERVAL_MS = 3_600_000;

export interface AuditRetentionOptions {
  access: AccessLedger;
  clock: Clock;
  /** Undefined: everything is kept. */
  days: number | undefined;
  /** Told when something was forgotten. */
  forgotten: (events: number) => void;
}

/** Forgets what is older than the site wants to keep of who looked at what. */
export class AuditRetention {
  readonly #options: AuditRetentionOptions;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: AuditRetentionOptions) {
    this.#options = options;
  }

  async sweep(): Promise<void> {
    const { access, clock, days, forgotten } = this.#options;
    const nowMs = clock.now().getTime();
    if (days === undefined || nowMs - this.#lastMs < INTERVAL_MS) return;
    this.#lastMs = nowMs;
    const events = await access.forgetAuditBefore(new Date(nowMs - days * DAY_MS));
    if (events > 0) forgotten(events);
  }
}
