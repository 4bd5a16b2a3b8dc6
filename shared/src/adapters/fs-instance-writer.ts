import { createHash, randomUUID } from 'node:crypto';
import { close, fsync, open, writev } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { InstanceAddress, InstanceWriter, WrittenInstance } from '../ports/instance-store.js';

const openFile = promisify(open);
const syncFile = promisify(fsync);
const closeFile = promisify(close);

/** Bytes gathered for one write. [design] Fewer, larger writes: each costs a hop to the thread pool. */
const BATCH_BYTES = 256 * 1024;
/** Bytes not yet written before the caller is asked to wait. [design] */
const HIGH_WATER_BYTES = 1024 * 1024;

/** Gives a finished temporary file its name for good, and says where that is. */
export type PlaceFile = (temporaryPath: string, address: InstanceAddress, sha256: string) => Promise<string>;

/** Writes one instance: to a temporary name, then fsync, and on `commit` its own name. */
export class FsInstanceWriter implements InstanceWriter {
  readonly #path: string;
  readonly #place: PlaceFile;
  readonly #hash = createHash('sha256');
  readonly #descriptor: Promise<number>;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #byteLength = 0;
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #failure: { error: unknown } | null = null;
  #sha256 = '';
  #isClosed = false;

  constructor(temporaryFolder: string, place: PlaceFile) {
    this.#path = join(temporaryFolder, randomUUID());
    this.#place = place;
    this.#descriptor = openFile(this.#path, 'wx');
    this.#descriptor.catch(() => {});
  }

  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#failure) return;
    this.#hash.update(bytes);
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#byteLength += bytes.length;
    if (!this.#isWriting && this.#queuedBytes >= BATCH_BYTES) this.#startWriting();
    if (this.#queuedBytes >= HIGH_WATER_BYTES) return this.#writing;
  }

  async finish(): Promise<Pick<WrittenInstance, 'byteLength' | 'sha256'>> {
    await this.#writing;
    await this.#writeQueued();
    if (this.#failure) throw this.#failure.error;
    await syncFile(await this.#descriptor);
    this.#sha256 = this.#hash.digest('hex');
    return { byteLength: this.#byteLength, sha256: this.#sha256 };
  }

  async commit(address: InstanceAddress): Promise<WrittenInstance> {
    const location = await this.#place(this.#path, address, this.#sha256);
    void this.#close();
    return { location, byteLength: this.#byteLength, sha256: this.#sha256 };
  }

  async discard(): Promise<void> {
    this.#failure ??= { error: new Error('discarded') };
    await this.#writing;
    await this.#close();
    await unlink(this.#path).catch(() => {});
  }

  #startWriting(): void {
    this.#isWriting = true;
    this.#writing = this.#writeQueued().then(() => {
      this.#isWriting = false;
      if (this.#queuedBytes >= BATCH_BYTES && !this.#failure) this.#startWriting();
    });
  }

  /** Never rejects: the failure is kept for `finish`. */
  async #writeQueued(): Promise<void> {
    const batch = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    if (batch.length === 0 || this.#failure) return;
    try {
      await writeAll(await this.#descriptor, batch);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#descriptor.then(closeFile).catch(() => {});
  }
}

/** Writes every byte: a short write, as on a disk that is nearly full, is carried on with. */
async function writeAll(descriptor: number, buffers: Uint8Array[]): Promise<void> {
  let left = buffers;
  while (left.length > 0) {
    const written = await new Promise<number>((resolve, reject) => {
      writev(descriptor, left, (error, count) => (error ? reject(error) : resolve(count)));
    });
    left = after(left, written);
  }
}

function after(buffers: Uint8Array[], count: number): Uint8Array[] {
  let skipped = 0;
  for (const [index, buffer] of buffers.entries()) {
    if (skipped + buffer.length > count) return [buffer.subarray(count - skipped), ...buffers.slice(index + 1)];
    skipped += buffer.length;
  }
  return [];
}
