import { availableParallelism } from 'node:os';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import { Piscina } from 'piscina';
import type { DetectOptions } from '../core/detect-options.js';
import { AnalysisMemoryError, AnalysisTimeoutError } from './analysis-errors.js';
import type { AnalysisTask, PooledAnalysis } from './analysis-task.js';

/** Ten minutes: a hundred times what a large CT takes. [design] */
const DEFAULT_TIME_LIMIT_MS = 600_000;
/** JavaScript objects of one thread. Pixels lie outside, bounded by CT_VOLUME.maxVoxels and FILM.maxPixels. [design] */
const DEFAULT_HEAP_LIMIT_MB = 2048;
/** The detector's worker as built: threads run JavaScript, also when this file is run from its source. */
const BUILT_WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/adapters/analysis-worker.js' : './analysis-worker.js',
  import.meta.url,
).href;
/** A thread without work ends after this. */
const IDLE_MS = 30_000;

export interface AnalysisPoolOptions {
  /** Studies analysed at a time. @default the number of processors */
  readonly threads?: number;
  /** For one study, from when its thread begins. @default ten minutes */
  readonly timeLimitMs?: number;
  /** Heap of one thread, megabytes. @default 2048 */
  readonly heapLimitMb?: number;
  /** Starts all threads at once, with the networks loaded, and keeps them: for a service that must answer soon. */
  readonly isKeptWarm?: boolean;
  /** Module that analyses a task. @default the detector's own worker, as built */
  readonly workerFile?: string;
}

/**
 * Analyses studies in worker threads, several at a time. A study that hangs or takes too much memory loses its thread
 * and nothing else: the next one gets a new thread.
 */
export class AnalysisPool {
  readonly #open: () => Piscina<AnalysisTask, PooledAnalysis>;
  #threads: Piscina<AnalysisTask, PooledAnalysis>;
  readonly #running = new Set<AbortController>();
  readonly #timeLimitMs: number;
  readonly #heapLimitMb: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(options: AnalysisPoolOptions = {}) {
    const threads = options.threads ?? availableParallelism();
    if (!Number.isInteger(threads) || threads < 1) {
      throw new RangeError(`threads: expected a whole number from 1; received ${threads}`);
    }
    this.#timeLimitMs = options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS;
    this.#heapLimitMb = options.heapLimitMb ?? DEFAULT_HEAP_LIMIT_MB;
    this.#free = threads;
    this.#open = () => {
      const pool = new Piscina<AnalysisTask, PooledAnalysis>({
        filename: options.workerFile ?? BUILT_WORKER,
        minThreads: options.isKeptWarm ? threads : 0,
        maxThreads: threads,
        idleTimeout: options.isKeptWarm ? Number.POSITIVE_INFINITY : IDLE_MS,
        workerData: { isKeptWarm: options.isKeptWarm ?? false },
        // A waiting worker must not block: model weights may still be loading.
        atomics: 'disabled',
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: this.#heapLimitMb },
      });
      pool.on('error', (error: Error) => this.#replace(pool, error));
      return pool;
    };
    this.#threads = this.#open();
  }

  /**
   * Analyses one study as soon as a thread is free.
   *
   * @param instances of one study, at least one; their locations are paths of files
   * @param signal ends the analysis, waiting or running
   * @throws AnalysisTimeoutError, AnalysisMemoryError, and what `detectStudy` throws
   */
  async analyse(
    instances: readonly StoredInstance[],
    options: DetectOptions,
    signal?: AbortSignal,
  ): Promise<PooledAnalysis> {
    await this.#takeThread();
    try {
      signal?.throwIfAborted();
      return await this.#run({ instances, options }, signal);
    } finally {
      this.#giveThread();
    }
  }

  /** Ends all threads; analyses still running are given up. */
  async close(): Promise<void> {
    await this.#threads.destroy();
  }

  async #run(task: AnalysisTask, signal: AbortSignal | undefined): Promise<PooledAnalysis> {
    const { studyInstanceUid } = task.instances[0] ?? { studyInstanceUid: '' };
    const timeLimit = AbortSignal.timeout(this.#timeLimitMs);
    const broken = new AbortController();
    this.#running.add(broken);
    try {
      const signals = [timeLimit, broken.signal, ...(signal ? [signal] : [])];
      return await this.#threads.run(task, { signal: AbortSignal.any(signals) });
    } catch (error) {
      if (broken.signal.aborted) throw broken.signal.reason;
      if (signal?.aborted) throw signal.reason;
      if (timeLimit.aborted) throw new AnalysisTimeoutError(studyInstanceUid, this.#timeLimitMs);
      if (isOutOfMemory(error)) throw new AnalysisMemoryError(studyInstanceUid, this.#heapLimitMb, { cause: error });
      throw error;
    } finally {
      this.#running.delete(broken);
    }
  }

  /** A thread broke outside of a task, and the pool cannot be relied on: running tasks fail, a new pool takes over. */
  #replace(pool: Piscina<AnalysisTask, PooledAnalysis>, error: Error): void {
    if (pool !== this.#threads) return;
    this.#threads = this.#open();
    for (const task of this.#running) task.abort(error);
    pool.destroy().catch(() => undefined);
  }

  /** Tasks wait here and not in the pool, so that the time limit counts work and not waiting. */
  async #takeThread(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #giveThread(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}

/** V8 ends a thread at its heap limit; an array that cannot be had is a RangeError in the thread. */
function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (
    code === 'ERR_WORKER_OUT_OF_MEMORY' ||
    /array buffer allocation failed|invalid (typed )?array length/i.test(error.message)
  );
}
