import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { type AuditSource, auditMessage } from './audit-message.js';
import type { AuditRecord, AuditSink } from './audit-record.js';
import { syslogFrame } from './syslog-frame.js';

export interface SyslogSinkOptions {
  /** Messages wait here until they are sent. */
  readonly spoolFolder: string;
  readonly source: AuditSource;
  /** Read anew for every connection, so that renewed certificates are taken. */
  readonly connection: () => Promise<ConnectionOptions>;
  /** Told why messages wait. */
  readonly failed: (error: Error) => void;
  /** @default 10000 */
  readonly retryMs?: number;
}

/** Syslog has no answers: what was written counts as sent when the connection still stands after this. [design] */
const SETTLE_MS = 500;
const CONNECT_MS = 10_000;
/** Messages written before looking whether they arrived. [design] */
const BATCH = 200;
const SUFFIX = '.syslog';

/** DICOM audit messages over TLS syslog, through a spool on disk: late rather than lost, and twice rather than never. */
export class SyslogSink implements AuditSink {
  readonly #options: SyslogSinkOptions;
  #count = 0;
  #sending: Promise<void> | null = null;
  #isClosed = false;
  #retry: NodeJS.Timeout | null = null;

  private constructor(options: SyslogSinkOptions) {
    this.#options = options;
  }

  /** Opens the spool and sends what waits in it. */
  static async open(options: SyslogSinkOptions): Promise<SyslogSink> {
    await mkdir(options.spoolFolder, { recursive: true, mode: 0o700 });
    const sink = new SyslogSink(options);
    sink.#send();
    return sink;
  }

  async record(record: AuditRecord): Promise<void> {
    const { spoolFolder, source } = this.#options;
    const origin = { hostName: hostname(), processId: source.processId };
    const frame = syslogFrame(auditMessage(record, source), record.at, origin);
    this.#count += 1;
    const order = `${Date.now()}`.padStart(15, '0');
    const name = join(spoolFolder, `${order}-${source.processId}-${`${this.#count}`.padStart(9, '0')}`);
    const file = await open(`${name}.new`, 'w', 0o600);
    try {
      await file.writeFile(frame);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${name}.new`, name + SUFFIX);
    this.#send();
  }

  /** Ends after one more attempt; what could not be sent stays in the spool for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#sending;
    await this.#sendAll().catch(() => {});
  }

  #send(): void {
    if (this.#sending !== null || this.#isClosed) return;
    this.#sending = this.#sendAll()
      .catch((error: Error) => {
        this.#options.failed(error);
        return 'failed' as const;
      })
      .then((outcome) => {
        this.#sending = null;
        if (this.#isClosed || outcome === 'empty') return;
        const delayMs = outcome === 'failed' ? (this.#options.retryMs ?? 10_000) : 0;
        this.#retry = setTimeout(() => this.#send(), delayMs).unref();
      });
  }

  /** @returns 'empty' when nothing waited */
  async #sendAll(): Promise<'empty' | 'sent'> {
    const { spoolFolder } = this.#options;
    const names = (await readdir(spoolFolder)).filter((name) => name.endsWith(SUFFIX)).sort();
    if (names.length === 0) return 'empty';
    const socket = await openTls(await this.#options.connection());
    try {
      for (let at = 0; at < names.length; at += BATCH) {
        const batch = names.slice(at, at + BATCH).map((name) => join(spoolFolder, name));
        for (const path of batch) await write(socket, await readFile(path));
        await wait(SETTLE_MS);
        if (socket.closed || socket.destroyed || socket.readableEnded) throw new Error('the receiver closed early');
        for (const path of batch) await rm(path, { force: true });
      }
    } finally {
      socket.destroySoon();
    }
    return 'sent';
  }
}

function openTls(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ minVersion: 'TLSv1.2', timeout: CONNECT_MS, ...options });
    socket.once('error', reject);
    socket.once('timeout', () => socket.destroy(new Error('the receiver does not answer')));
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      socket.setTimeout(0);
      // What breaks later shows in `write` and in the look after it.
      socket.on('error', () => {});
      socket.resume();
      resolve(socket);
    });
  });
}

function write(socket: TLSSocket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
