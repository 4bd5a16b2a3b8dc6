import type { AuditRecord } from './audit-record.js';

/** Sums up records that say the same: a CT of a thousand slices is one event, and so is a storm of refused calls. */
export class Tally {
  readonly #record: (record: AuditRecord) => void;
  readonly #sums = new Map<string, { last: AuditRecord; count: number }>();
  readonly #timer: NodeJS.Timeout;

  /** @param everyMs how long records are summed up */
  constructor(record: (record: AuditRecord) => void, everyMs: number) {
    this.#record = record;
    this.#timer = setInterval(() => this.flush(), everyMs).unref();
  }

  add(record: AuditRecord): void {
    const { at: _, ...same } = record;
    const key = JSON.stringify(same);
    this.#sums.set(key, { last: record, count: (this.#sums.get(key)?.count ?? 0) + 1 });
  }

  /** Records what has come since the last time, with how often; its time is the last one's. Source: PS3.15 A.5.3.7. */
  flush(): void {
    for (const { last, count } of this.#sums.values()) {
      this.#record({ ...last, detail: count === 1 ? last.detail : `${last.detail} (${count} times)` });
    }
    this.#sums.clear();
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }
}
