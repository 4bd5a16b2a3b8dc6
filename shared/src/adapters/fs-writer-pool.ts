import { Worker } from 'node:worker_threads';
import {
  type InstanceAddress,
  type InstanceWriter,
  StoreFullError,
  type WrittenInstance,
} from '../ports/instance-store.js';
import {
  SLOT_BYTES,
  SLOT_FREE,
  SLOT_TAKEN,
  SLOTS_PER_THREAD,
  type WriterReply,
  type WriterRequest,
  type WriterThreadData,
} from './fs-writer-messages.js';

// Under a test runner this module is TypeScript, which a thread cannot load: it takes the built one.
const THREAD_URL = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/adapters/fs-writer-thread.js', import.meta.url)
  : new URL('./fs-writer-thread.js', import.meta.url);
const FULL_CODES = new Set(['ENOSPC', 'EDQUOT']);

export interface FsWriterPoolOptions {
  root: string;
  temporaryFolder: string;
  /** [design] Files whose fsync can run at the same time share the file system's journal commit. */
  threads: number;
  watermarkBytes: number;
  /** The folder of an instance, below the root, and what its file's name begins with. */
  place: (address: InstanceAddress) => { folder: string; stem: string };
}

/** Writer threads, and the files they are writing. */
export class FsWriterPool {
  readonly #options: FsWriterPoolOptions;
  readonly #threads: WriterThread[];

  constructor(options: FsWriterPoolOptions) {
    this.#options = options;
    this.#threads = Array.from({ length: options.threads }, () => new WriterThread(options));
  }

  /** A new file, in the thread that has the fewest. */
  begin(): InstanceWriter {
    const thread = this.#threads.reduce((best, other) => (other.openFiles < best.openFiles ? other : best));
    return new PooledWriter(thread, this.#options);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

type Committed = Pick<WrittenInstance, 'location' | 'sha256'>;

/** A writer that has a slot with bytes in it. */
interface SlotHolder {
  handOver(): void;
}

interface Settle {
  resolve: (committed: Committed) => void;
  reject: (error: Error) => void;
}

/** One thread, started when first needed and again should it die. */
class WriterThread {
  readonly #data: WriterThreadData;
  readonly #bytes: Uint8Array;
  readonly #slotStates: Int32Array;
  readonly #watermarkBytes: number;
  readonly #commits = new Map<number, Settle>();
  #worker: Worker | null = null;
  #waitingForSlot: (() => void)[] = [];
  #lastFile = 0;
  openFiles = 0;
  /** Counts the deaths of the thread: what an earlier one was given is lost. */
  generation = 0;
  readonly #holders = new Set<SlotHolder>();

  constructor(options: FsWriterPoolOptions) {
    const slots = new SharedArrayBuffer(SLOT_BYTES * SLOTS_PER_THREAD);
    this.#bytes = new Uint8Array(slots);
    const slotStates = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * SLOTS_PER_THREAD);
    this.#slotStates = new Int32Array(slotStates);
    this.#data = { root: options.root, temporaryFolder: options.temporaryFolder, slots, slotStates };
    this.#watermarkBytes = options.watermarkBytes;
  }

  newFile(): number {
    this.openFiles += 1;
    this.#lastFile += 1;
    return this.#lastFile;
  }

  /** The first free slot: the one used last is the likeliest to be in the cache. */
  takeSlot(holder: SlotHolder): number | null {
    for (let slot = 0; slot < SLOTS_PER_THREAD; slot += 1) {
      if (Atomics.compareExchange(this.#slotStates, slot, SLOT_FREE, SLOT_TAKEN) !== SLOT_FREE) continue;
      this.#holders.add(holder);
      return slot;
    }
    return null;
  }

  /** The holder's slot is handed over. */
  letGo(holder: SlotHolder): void {
    this.#holders.delete(holder);
  }

  /** Settles when slots are free: writers hand over what they hold, so that a slow peer keeps no slot from others. */
  drained(): Promise<void> {
    for (const holder of this.#holders) holder.handOver();
    return new Promise<void>((resolve) => {
      this.#waitingForSlot.push(resolve);
      if (this.#waitingForSlot.length === 1) this.post({ kind: 'drain' });
    });
  }

  fill(slot: number, at: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, slot * SLOT_BYTES + at);
  }

  post(request: WriterRequest): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request);
  }

  commit(request: Extract<WriterRequest, { kind: 'commit' }>): Promise<Committed> {
    return new Promise((resolve, reject) => {
      this.#commits.set(request.file, { resolve, reject });
      this.post(request);
      // A thread that waits for work keeps no process alive; one that is at work must.
      this.#worker?.ref();
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(THREAD_URL, { workerData: this.#data });
    worker.on('message', (reply: WriterReply) => this.#replied(reply));
    worker.on('error', (error) => this.#died(error));
    worker.unref();
    return worker;
  }

  #replied(reply: WriterReply): void {
    if (reply.kind === 'drained') {
      for (const resolve of this.#waitingForSlot.splice(0)) resolve();
      return;
    }
    const settle = this.#commits.get(reply.file);
    this.#commits.delete(reply.file);
    if (this.#commits.size === 0) this.#worker?.unref();
    if (reply.kind === 'committed') settle?.resolve(reply);
    else settle?.reject(this.#errorOf(reply.code, reply.message));
  }

  #errorOf(code: string, message: string): Error {
    const cause = Object.assign(new Error(message), { code });
    return FULL_CODES.has(code) ? new StoreFullError(null, this.#watermarkBytes, { cause }) : cause;
  }

  #died(error: Error): void {
    this.#worker = null;
    this.generation += 1;
    this.#holders.clear();
    this.#slotStates.fill(SLOT_FREE);
    for (const { reject } of this.#commits.values()) reject(error);
    this.#commits.clear();
    for (const resolve of this.#waitingForSlot.splice(0)) resolve();
  }
}

/** One file: gathers bytes into slots and hands them over. */
class PooledWriter implements InstanceWriter, SlotHolder {
  readonly #thread: WriterThread;
  readonly #options: FsWriterPoolOptions;
  readonly #file: number;
  readonly #generation: number;
  #slot: number | null = null;
  #filled = 0;
  #byteLength = 0;
  #waiting: Promise<void> | null = null;
  #isOver = false;

  constructor(thread: WriterThread, options: FsWriterPoolOptions) {
    this.#thread = thread;
    this.#options = options;
    this.#file = thread.newFile();
    this.#generation = thread.generation;
  }

  write(bytes: Uint8Array): void | Promise<void> {
    const left = this.#waiting ? bytes : this.#copy(bytes);
    if (left.length === 0) return;
    const before = this.#waiting ?? Promise.resolve();
    const waiting = before.then(() => this.#copyWhenFree(left));
    this.#waiting = waiting;
    void waiting.then(() => {
      if (this.#waiting === waiting) this.#waiting = null;
    });
    return waiting;
  }

  async commit(address: InstanceAddress): Promise<WrittenInstance> {
    const { folder, stem } = this.#options.place(address);
    await this.#waiting;
    const last = this.#slot === null ? null : { slot: this.#slot, length: this.#filled };
    this.#slot = null;
    this.#thread.letGo(this);
    const [file, byteLength] = [this.#file, this.#byteLength];
    try {
      if (this.#generation !== this.#thread.generation) throw new Error('file: the thread that wrote it has ended');
      const { location, sha256 } = await this.#thread.commit({ kind: 'commit', file, folder, stem, byteLength, last });
      return { location, byteLength, sha256 };
    } finally {
      this.#finish();
    }
  }

  async discard(): Promise<void> {
    if (this.#isOver) return;
    await this.#waiting;
    this.handOver();
    this.#thread.post({ kind: 'discard', file: this.#file });
    this.#finish();
  }

  #finish(): void {
    if (!this.#isOver) this.#thread.openFiles -= 1;
    this.#isOver = true;
  }

  async #copyWhenFree(bytes: Uint8Array): Promise<void> {
    let left = bytes;
    while (left.length > 0) {
      await this.#thread.drained();
      left = this.#copy(left);
    }
  }

  /** Copies as much as there are slots for; gives what is left. */
  #copy(bytes: Uint8Array): Uint8Array {
    let left = bytes;
    while (left.length > 0) {
      this.#slot ??= this.#thread.takeSlot(this);
      if (this.#slot === null) return left;
      const count = Math.min(left.length, SLOT_BYTES - this.#filled);
      this.#thread.fill(this.#slot, this.#filled, left.subarray(0, count));
      this.#filled += count;
      this.#byteLength += count;
      left = left.subarray(count);
      if (this.#filled === SLOT_BYTES) this.handOver();
    }
    return left;
  }

  handOver(): void {
    if (this.#slot === null) return;
    this.#thread.letGo(this);
    // After the death of the thread the slot may be somebody else's; the commit will fail.
    if (this.#generation === this.#thread.generation) {
      this.#thread.post({ kind: 'write', file: this.#file, slot: this.#slot, length: this.#filled });
    }
    this.#slot = null;
    this.#filled = 0;
  }
}
