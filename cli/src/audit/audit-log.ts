import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { takeExclusiveLock } from '@pce/shared/adapters/exclusive-lock';
import { CHAIN_START, type ChainCheck, type ChainHead, chainLine, checkChain } from './audit-chain.js';
import type { AuditRecord, AuditSink } from './audit-record.js';

/** A log that was changed is not written to: what would follow could not be told from what was forged. */
export class AuditLogBrokenError extends Error {
  override readonly name = 'AuditLogBrokenError';
  constructor(
    readonly path: string,
    readonly line: number,
    reason: string,
  ) {
    super(`${path}: expected an unbroken audit log; line ${line}: ${reason}`);
  }
}

/** The audit on this machine: one JSON text a line, each chained to the one before by its digest, synced to disk. */
export class AuditLog implements AuditSink {
  readonly #file: FileHandle;
  readonly #lock: { close(): void };
  #head: ChainHead;
  /** Bytes of whole lines. */
  #size: number;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, lock: { close(): void }, head: ChainHead, size: number) {
    this.#file = file;
    this.#lock = lock;
    this.#head = head;
    this.#size = size;
  }

  /**
   * Opens the log, making it when absent. Half a line left by a power cut is dropped: its record was never taken.
   *
   * @throws AuditLogBrokenError
   */
  static async open(path: string): Promise<AuditLog> {
    await mkdir(dirname(path), { recursive: true });
    const lock = takeExclusiveLock(`${path}.lock`);
    try {
      await dropHalfLine(path);
      const check = await verifyAuditLog(path);
      if (check.kind === 'broken') throw new AuditLogBrokenError(path, check.line, check.reason);
      const file = await open(path, 'a', 0o600);
      return new AuditLog(file, lock, check.head, (await file.stat()).size);
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  record(record: AuditRecord): Promise<void> {
    const written = this.#last.then(() => this.#append(record));
    this.#last = written.catch(() => {});
    return written;
  }

  async #append(record: AuditRecord): Promise<void> {
    const { line, head } = chainLine(record, this.#head);
    try {
      await this.#file.appendFile(line);
      await this.#file.datasync();
    } catch (error) {
      // A full disk may have taken half the line, which would break the chain for all that follow.
      await this.#file.truncate(this.#size);
      throw error;
    }
    this.#head = head;
    this.#size += Buffer.byteLength(line);
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
    this.#lock.close();
  }
}

/** Checks a whole log. A file that is not there is an empty log. */
export async function verifyAuditLog(path: string): Promise<ChainCheck> {
  try {
    const input = createReadStream(path, 'utf8');
    return await checkChain(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { kind: 'whole', head: { count: 0, digest: CHAIN_START } };
  }
}

/** Longest line looked for from the end, bytes. [design] Lines have some hundred. */
const MOST_LINE_BYTES = 65_536;

async function dropHalfLine(path: string): Promise<void> {
  const file = await open(path, 'a+');
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - MOST_LINE_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    if (end < bytesRead && (end > 0 || from === 0)) await truncate(path, from + end);
  } finally {
    await file.close();
  }
}
