import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { type AuditSource, auditMessage } from './audit-message.js';
import type { AuditRecord, AuditSink } from './audit-record.js';
import type { Spool } from './spool.js';
import { syslogFrame } from './syslog-frame.js';
import { openTls, writeAll } from './tls-connection.js';

export interface SyslogSinkOptions {
  /** Messages wait here until they are sent. */
  readonly spool: Spool;
  readonly source: AuditSource;
  /** The patient of a study, for the repository; null when not known. */
  readonly patientIdOf: (studyInstanceUid: string) => Promise<string | null>;
  /** Read anew for every connection, so that renewed certificates are taken. */
  readonly connection: () => Promise<ConnectionOptions>;
  /** Told why messages wait. */
  readonly failed: (error: Error) => void;
  /** Told when messages begin to be left out because the spool is full, and with their number when that is over. */
  readonly overflowed: (lost: number | null) => void;
  /** @default 10000 */
  readonly retryMs?: number;
}

/** Syslog has no answers: what was written counts as sent when the connection still stands after this. [design] */
const SETTLE_MS = 500;
/** How long an attempt under way may last once we are to end. [design] */
const CLOSE_MS = 2000;
/** Messages written before looking whether they arrived. [design] */
const BATCH = 200;
const RETRY_MS = 10_000;

/** DICOM audit messages over TLS syslog, through a spool on disk: late rather than lost, and twice rather than never. */
export class SyslogSink implements AuditSink {
  readonly #options: SyslogSinkOptions;
  #sending: Promise<void> | null = null;
  #socket: TLSSocket | null = null;
  #isClosed = false;
  #retry: NodeJS.Timeout | null = null;
  #lost = 0;

  /** Sends what waits in the spool. */
  constructor(options: SyslogSinkOptions) {
    this.#options = options;
    this.#send();
  }

  async record(record: AuditRecord): Promise<void> {
    const { spool, source, patientIdOf, overflowed } = this.#options;
    const { studyInstanceUid } = record;
    const patientId = studyInstanceUid === null ? null : await patientIdOf(studyInstanceUid).catch(() => null);
    const origin = { hostName: hostname(), processId: source.processId };
    const isKept = await spool.add(syslogFrame(auditMessage(record, source, patientId), record.at, origin));
    if (!isKept) {
      this.#lost += 1;
      if (this.#lost === 1) overflowed(null);
      return;
    }
    this.#send();
  }

  /** Ends at the latest after two seconds; what could not be sent stays in the spool for the next start. */
  async close(): Promise<void> {
    await this.#options.spool.idle();
    if (!this.#retry) this.#send();
    this.#isClosed = true;
    if (this.#retry) clearTimeout(this.#retry);
    const cutOff = setTimeout(() => this.#socket?.destroy(new Error('we are ending')), CLOSE_MS);
    await this.#sending;
    clearTimeout(cutOff);
  }

  #send(): void {
    if (this.#sending !== null || this.#retry !== null || this.#isClosed) return;
    this.#sending = this.#sendAll()
      .catch((error: Error) => {
        if (!this.#isClosed) this.#options.failed(error);
        return 'failed' as const;
      })
      .then((outcome) => {
        this.#sending = null;
        if (this.#isClosed || outcome === 'empty') return;
        const delayMs = outcome === 'failed' ? (this.#options.retryMs ?? RETRY_MS) : 0;
        this.#retry = setTimeout(() => {
          this.#retry = null;
          this.#send();
        }, delayMs).unref();
      });
  }

  /** @returns 'empty' when nothing waited */
  async #sendAll(): Promise<'empty' | 'sent'> {
    const { spool, connection } = this.#options;
    const names = await spool.waiting();
    if (names.length === 0) return 'empty';
    const socket = await openTls(await connection(), (opening) => {
      this.#socket = opening;
    });
    try {
      for (let at = 0; at < names.length; at += BATCH) await this.#sendBatch(socket, names.slice(at, at + BATCH));
    } finally {
      this.#socket = null;
      socket.destroySoon();
    }
    return 'sent';
  }

  async #sendBatch(socket: TLSSocket, names: readonly string[]): Promise<void> {
    const { spool, overflowed } = this.#options;
    for (const name of names) await writeAll(socket, await spool.read(name));
    await wait(SETTLE_MS);
    if (socket.closed || socket.destroyed || socket.readableEnded) throw new Error('the receiver closed early');
    for (const name of names) await spool.remove(name);
    if (this.#lost === 0) return;
    overflowed(this.#lost);
    this.#lost = 0;
  }
}
