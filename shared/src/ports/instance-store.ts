import type { StoredInstance } from '../contracts/stored-instance.js';
import type { InstanceReader } from './instance-reader.js';

/** Where an instance belongs. */
export interface InstanceAddress {
  studyInstanceUid: string;
  seriesInstanceUid: string;
  sopInstanceUid: string;
}

/** What was written: where, how much, and its digest. */
export type WrittenInstance = Pick<StoredInstance, 'location' | 'byteLength' | 'sha256'>;

/** The store has no room, or is about to have none. Nothing was kept. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';
  constructor(
    readonly freeBytes: number | null,
    readonly watermarkBytes: number,
    options?: ErrorOptions,
  ) {
    const free = freeBytes === null ? 'the disk reports no space left' : `${freeBytes} bytes are free`;
    super(`Instance store: expected at least ${watermarkBytes} bytes free; ${free}`, options);
  }
}

/** One instance on its way into the store. Nobody sees it before `commit`. */
export interface InstanceWriter {
  /**
   * Takes the next bytes of the file, which stay valid for as long as they are held.
   *
   * @returns a promise when the disk is behind: give no more until it settles. It never rejects: `commit` does
   */
  write(bytes: Uint8Array): void | Promise<void>;
  /**
   * Everything was given: makes the instance durable and visible under its address. An instance with the same UIDs and
   * other bytes stays beside it; one with the same bytes is the same instance.
   *
   * @throws StoreFullError, or the system's error when the store cannot be written: nothing is visible then
   */
  commit(address: InstanceAddress): Promise<WrittenInstance>;
  /** Drops what was written. */
  discard(): Promise<void>;
}

/** Keeps instances, whole, by address. */
export interface InstanceStore extends InstanceReader {
  begin(): InstanceWriter;
  /** Whether there is room for more; refuse new work when not, before anything breaks. */
  hasRoom(): Promise<boolean>;
  /** Whether the bytes are there. */
  holds(instance: Pick<StoredInstance, 'location'>): Promise<boolean>;
  /** The bytes as they are read, for those who do not want them whole in memory. */
  readStream(instance: Pick<StoredInstance, 'location'>): AsyncIterable<Uint8Array>;
  /** The first bytes only: enough for the header. */
  readPrefix(instance: Pick<StoredInstance, 'location'>, byteLength: number): Promise<Uint8Array>;
  /** Removes the bytes; no error when they are gone already. */
  remove(instance: Pick<StoredInstance, 'location'>): Promise<void>;
}
