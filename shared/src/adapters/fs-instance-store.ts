import { createReadStream } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rename, rm, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StoredInstance } from '../contracts/stored-instance.js';
import {
  type InstanceAddress,
  type InstanceStore,
  type InstanceWriter,
  StoreFullError,
} from '../ports/instance-store.js';
import { FolderSync } from './folder-sync.js';
import { FsInstanceWriter } from './fs-instance-writer.js';

/** Instances that are not whole yet. */
const TEMPORARY_FOLDER = 'incoming';
/** How long a look at the free space is believed. [design] */
const FREE_SPACE_TTL_MS = 250;
/** Digits of the digest in a file name: enough to keep different bytes of one UID apart. */
const DIGEST_DIGITS = 16;
const FULL_CODES = new Set(['ENOSPC', 'EDQUOT']);

/** A folder that holds instances. */
export interface FsInstanceStoreOptions {
  root: string;
  /** Bytes that must stay free on the disk. */
  watermarkBytes: number;
}

/**
 * Instances as files, addressed like DICOMweb: `studies/<uid>/series/<uid>/instances/<uid>.<digest>.dcm`. The digest in
 * the name keeps other bytes under the same UID apart, so that nothing is ever overwritten by something else.
 */
export class FsInstanceStore implements InstanceStore {
  readonly #root: string;
  readonly #watermarkBytes: number;
  readonly #folders = new FolderSync();
  readonly #madeFolders = new Map<string, Promise<void>>();
  #freeBytes = 0;
  #freeBytesAt = Number.NEGATIVE_INFINITY;

  private constructor(options: FsInstanceStoreOptions) {
    this.#root = options.root;
    this.#watermarkBytes = options.watermarkBytes;
  }

  /**
   * Opens the folder, making it when absent, and drops what an earlier run left unfinished. One process at a time may
   * do that: take the ledger's lock first.
   */
  static async open(options: FsInstanceStoreOptions): Promise<FsInstanceStore> {
    const temporary = join(options.root, TEMPORARY_FOLDER);
    await mkdir(temporary, { recursive: true });
    for (const name of await readdir(temporary)) await rm(join(temporary, name), { force: true });
    const store = new FsInstanceStore(options);
    await store.#folders.sync(options.root);
    return store;
  }

  begin(): InstanceWriter {
    const writer = new FsInstanceWriter(join(this.#root, TEMPORARY_FOLDER), (path, address, sha256) =>
      this.#place(path, address, sha256),
    );
    return new FullDiskTranslator(writer, this.#watermarkBytes);
  }

  async hasRoom(): Promise<boolean> {
    if (performance.now() - this.#freeBytesAt > FREE_SPACE_TTL_MS) {
      const { bavail, bsize } = await statfs(this.#root);
      this.#freeBytes = bavail * bsize;
      this.#freeBytesAt = performance.now();
    }
    return this.#freeBytes >= this.#watermarkBytes;
  }

  async read(instance: Pick<StoredInstance, 'location'>): Promise<Uint8Array> {
    return readFile(this.#path(instance));
  }

  readStream(instance: Pick<StoredInstance, 'location'>): AsyncIterable<Uint8Array> {
    return createReadStream(this.#path(instance), { highWaterMark: 256 * 1024 });
  }

  async readPrefix(instance: Pick<StoredInstance, 'location'>, byteLength: number): Promise<Uint8Array> {
    const handle = await open(this.#path(instance), 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(byteLength), 0, byteLength, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  async holds(instance: Pick<StoredInstance, 'location'>): Promise<boolean> {
    return access(this.#path(instance)).then(
      () => true,
      () => false,
    );
  }

  async remove(instance: Pick<StoredInstance, 'location'>): Promise<void> {
    await rm(this.#path(instance), { force: true });
  }

  /** Closes the folders it keeps open. */
  async close(): Promise<void> {
    await this.#folders.close();
  }

  async #place(temporaryPath: string, address: InstanceAddress, sha256: string): Promise<string> {
    const folder = seriesFolder(address);
    await this.#makeFolder(folder);
    const location = `${folder}/${address.sopInstanceUid}.${sha256.slice(0, DIGEST_DIGITS)}.dcm`;
    await rename(temporaryPath, join(this.#root, location)).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      // Retention took the empty folder away in the meantime.
      this.#madeFolders.delete(folder);
      await this.#makeFolder(folder);
      await rename(temporaryPath, join(this.#root, location));
    });
    try {
      await this.#folders.sync(join(this.#root, folder));
    } catch (error) {
      await unlink(join(this.#root, location)).catch(() => {});
      throw error;
    }
    return location;
  }

  /** Makes a folder and what is above it, each durable in the one above, once for all who need it. */
  async #makeFolder(folder: string): Promise<void> {
    const known = this.#madeFolders.get(folder);
    if (known) return known;
    const making = this.#makeDurableFolder(join(this.#root, folder));
    this.#madeFolders.set(folder, making);
    making.catch(() => this.#madeFolders.delete(folder));
    return making;
  }

  async #makeDurableFolder(path: string): Promise<void> {
    const firstMade = await mkdir(path, { recursive: true });
    if (firstMade === undefined) return;
    for (let made = path; made.length >= firstMade.length; made = dirname(made)) {
      await this.#folders.sync(dirname(made));
    }
  }

  #path({ location }: Pick<StoredInstance, 'location'>): string {
    if (location.split('/').includes('..'))
      throw new RangeError(`location: expected one inside the store, got ${location}`);
    return join(this.#root, location);
  }
}

function seriesFolder(address: InstanceAddress): string {
  for (const uid of [address.studyInstanceUid, address.seriesInstanceUid, address.sopInstanceUid]) {
    // The UIDs become names in the file system: nothing but digits and dots may get there.
    if (uid.length > 64 || !/^\d+(\.\d+)*$/.test(uid))
      throw new RangeError(`address: expected UIDs of digits and dots, got ${JSON.stringify(uid)}`);
  }
  return `studies/${address.studyInstanceUid}/series/${address.seriesInstanceUid}/instances`;
}

/** Turns the system's "no space left" into the port's. */
class FullDiskTranslator implements InstanceWriter {
  readonly #writer: InstanceWriter;
  readonly #watermarkBytes: number;

  constructor(writer: InstanceWriter, watermarkBytes: number) {
    this.#writer = writer;
    this.#watermarkBytes = watermarkBytes;
  }

  write(bytes: Uint8Array): void | Promise<void> {
    return this.#writer.write(bytes);
  }

  finish() {
    return this.#writer.finish().catch((error) => this.#translate(error));
  }

  commit(address: InstanceAddress) {
    return this.#writer.commit(address).catch((error) => this.#translate(error));
  }

  discard(): Promise<void> {
    return this.#writer.discard();
  }

  #translate(error: NodeJS.ErrnoException): never {
    if (!FULL_CODES.has(error.code ?? '')) throw error;
    throw new StoreFullError(null, this.#watermarkBytes, { cause: error });
  }
}
