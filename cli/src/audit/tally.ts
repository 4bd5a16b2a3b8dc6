import type { AuditRecord } from './audit-record.js';

/** Sums up records that say the same: a CT of a thousand slices is one event, and so is a storm of refused calls. */
export class Tally {
  readonly #record: (record: AuditRecord) => void;
  readonly #sums = new Map<string, { first: AuditRecord; count: number }>();
  readonly #timer: NodeJS.Timeout;

  /** @param everyMs how long records are summed up */
  constructor(record: (record: AuditRecord) => void, everyMs: number) {
    this.#record = record;
    this.#timer = setInterval(() => this.flush(), everyMs).unref();
  }

  add(record: AuditRecord): void {
    const { at: _, ...same } = record;
    const key = JSON.stringify(same);
    const known = this.#sums.get(key);
    if (known) known.count += 1;
    else this.#sums.set(key, { first: record, count: 1 });
  }

  /** Records what has come since the last time, with how often. */
  flush(): void {
    for (const { first, count } of this.#sums.values()) {
      this.#record({ ...first, detail: count === 1 ? first.detail : `${first.detail} (${count} times)` });
    }
    this.#sums.clear();
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }
}
