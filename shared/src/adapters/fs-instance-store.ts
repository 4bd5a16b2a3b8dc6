import { createReadStream } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredInstance } from '../contracts/stored-instance.js';
import type { InstanceAddress, InstanceStore, InstanceWriter } from '../ports/instance-store.js';
import { FsWriterPool } from './fs-writer-pool.js';

/** Instances that are not whole yet. */
const TEMPORARY_FOLDER = 'incoming';
/** In a folder others write to as well, an unfinished instance older than this has lost its writer. [design] */
const ABANDONED_MS = 24 * 60 * 60 * 1000;
/** How long a look at the free space is believed. [design] */
const FREE_SPACE_TTL_MS = 250;
/** PS3.5 section 9.1, but for leading zeros, which real UIDs have. */
const UID_NAME = /^(?=.{1,64}$)\d+(\.\d+)*$/;

/** A folder that holds instances. */
export interface FsInstanceStoreOptions {
  root: string;
  /** Bytes that must stay free on the disk. */
  watermarkBytes: number;
  /** @default 4 */
  writerThreads?: number;
  /** Other processes write into the folder too. @default false */
  isShared?: boolean;
}

/**
 * Instances as files, addressed like DICOMweb: `studies/<uid>/series/<uid>/instances/<uid>.<digest>.dcm`. The digest in
 * the name keeps other bytes under the same UID apart, so that nothing is ever overwritten by something else.
 */
export class FsInstanceStore implements InstanceStore {
  readonly #root: string;
  readonly #watermarkBytes: number;
  readonly #writers: FsWriterPool;
  #freeBytes = 0;
  #freeBytesAt = Number.NEGATIVE_INFINITY;

  private constructor({ root, watermarkBytes, writerThreads }: FsInstanceStoreOptions) {
    this.#root = root;
    this.#watermarkBytes = watermarkBytes;
    this.#writers = new FsWriterPool({
      root,
      temporaryFolder: join(root, TEMPORARY_FOLDER),
      threads: writerThreads ?? 4,
      watermarkBytes,
      place,
    });
  }

  /**
   * Opens the folder, making it when absent, and drops what an earlier run left unfinished. Unless the folder is said
   * to be shared, one process at a time may do that: take the ledger's lock first.
   */
  static async open(options: FsInstanceStoreOptions): Promise<FsInstanceStore> {
    const temporary = join(options.root, TEMPORARY_FOLDER);
    await mkdir(temporary, { recursive: true });
    for (const name of await readdir(temporary)) {
      const path = join(temporary, name);
      if (!options.isShared || (await isAbandoned(path))) await rm(path, { force: true });
    }
    return new FsInstanceStore(options);
  }

  begin(): InstanceWriter {
    return this.#writers.begin();
  }

  async hasRoom(): Promise<boolean> {
    if (performance.now() - this.#freeBytesAt > FREE_SPACE_TTL_MS) {
      // A disk that cannot be asked, such as a share that is away, has no room.
      const found = await statfs(this.#root).catch(() => ({ bavail: -1, bsize: 1 }));
      this.#freeBytes = found.bavail * found.bsize;
      this.#freeBytesAt = performance.now();
    }
    return this.#freeBytes >= this.#watermarkBytes;
  }

  async read(instance: Pick<StoredInstance, 'location'>): Promise<Uint8Array> {
    return readFile(this.pathOf(instance));
  }

  readStream(instance: Pick<StoredInstance, 'location'>): AsyncIterable<Uint8Array> {
    return createReadStream(this.pathOf(instance), { highWaterMark: 256 * 1024 });
  }

  async readPrefix(instance: Pick<StoredInstance, 'location'>, byteLength: number): Promise<Uint8Array> {
    const handle = await open(this.pathOf(instance), 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(byteLength), 0, byteLength, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  async holds(instance: Pick<StoredInstance, 'location'>): Promise<boolean> {
    return access(this.pathOf(instance)).then(
      () => true,
      () => false,
    );
  }

  async remove(instance: Pick<StoredInstance, 'location'>): Promise<void> {
    await rm(this.pathOf(instance), { force: true });
  }

  /** Ends the writer threads. */
  async close(): Promise<void> {
    await this.#writers.close();
  }

  /** The file of an instance, for threads that read it themselves. */
  pathOf({ location }: Pick<StoredInstance, 'location'>): string {
    if (location.split('/').includes('..')) {
      throw new RangeError(`location: expected one inside the store, got ${location}`);
    }
    return join(this.#root, location);
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > ABANDONED_MS;
}

/** The UIDs become names in the file system: nothing but digits and dots may get there. */
function place(address: InstanceAddress): { folder: string; stem: string } {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = address;
  for (const uid of [studyInstanceUid, seriesInstanceUid, sopInstanceUid]) {
    if (!UID_NAME.test(uid))
      throw new RangeError(`address: expected UIDs of digits and dots, got ${JSON.stringify(uid)}`);
  }
  return {
    folder: `studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances`,
    stem: sopInstanceUid,
  };
}
