import type { InstanceReader } from '@pce/shared/ports/instance-reader';
import type { LedgerInstance } from '@pce/shared/ports/ledger';
import { Piscina } from 'piscina';
import type { FrameOutcome, FrameTask } from './frame-worker.js';

/** The worker as built: threads run JavaScript, also when this file is run from its source. */
const BUILT_WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/adapters/frame-worker.js' : './frame-worker.js',
  import.meta.url,
).href;
/** [design] Scrolling asks for a few slices at a time, and the analysis needs the processors more. */
const THREADS = 2;
/** A thread without work ends after this. */
const IDLE_MS = 30_000;
/** One frame; the slowest codec takes about 1.5 s for a film. [design] */
const TIME_LIMIT_MS = 30_000;
/** Frames that may wait for a thread. [design] Several viewers at once; more would only be late. */
const MAX_WAITING = 256;
/** Multi-frame files kept at hand, so that each frame does not read the whole file again. [design] */
const MAX_SHARED_FILES = 2;

/** Decoded frames of stored instances, made in worker threads. */
export class FrameSource {
  readonly #reader: InstanceReader;
  readonly #threads: Piscina<FrameTask, FrameOutcome>;
  readonly #shared = new Map<string, Promise<Uint8Array>>();

  constructor(reader: InstanceReader) {
    this.#reader = reader;
    this.#threads = new Piscina<FrameTask, FrameOutcome>({
      filename: BUILT_WORKER,
      minThreads: 0,
      maxThreads: THREADS,
      maxQueue: MAX_WAITING,
      idleTimeout: IDLE_MS,
      atomics: 'disabled',
      execArgv: [],
    });
  }

  /**
   * @param frameNumber from 1
   * @throws when the bytes cannot be had, or no thread is free in time
   */
  async frame(instance: LedgerInstance, frameNumber: number): Promise<FrameOutcome> {
    const isMultiFrame = Number(instance.instanceAttributes.NumberOfFrames ?? 1) > 1;
    const bytes = await (isMultiFrame ? this.#sharedBytes(instance) : this.#reader.read(instance));
    return this.#threads.run({ bytes, frameNumber }, { signal: AbortSignal.timeout(TIME_LIMIT_MS) });
  }

  async close(): Promise<void> {
    await this.#threads.destroy();
  }

  /** In memory all threads see. */
  #sharedBytes(instance: LedgerInstance): Promise<Uint8Array> {
    const known = this.#shared.get(instance.sha256);
    if (known) return known;
    const reading = this.#reader.read(instance).then((bytes) => {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      return shared;
    });
    reading.catch(() => this.#shared.delete(instance.sha256));
    if (this.#shared.size >= MAX_SHARED_FILES) this.#shared.delete(this.#shared.keys().next().value ?? '');
    this.#shared.set(instance.sha256, reading);
    return reading;
  }
}
