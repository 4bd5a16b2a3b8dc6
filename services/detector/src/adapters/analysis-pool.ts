import { createRequire } from 'node:module';
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
/** A thread without work ends after this. */
const IDLE_MS = 30_000;

export interface AnalysisPoolOptions {
  /** Studies analysed at a time. @default the number of processors */
  readonly threads?: number;
  /** For one study, from when its thread begins. @default ten minutes */
  readonly timeLimitMs?: number;
  /** Heap of one thread, megabytes. @default 2048 */
  readonly heapLimitMb?: number;
  /** Module that analyses a task. @default the detector's own worker, as built */
  readonly workerFile?: string;
}

/**
 * Analyses studies in worker threads, several at a time. A study that hangs or takes too much memory loses its thread
 * and nothing else: the next one gets a new thread.
 */
export class AnalysisPool {
  readonly #threads: Piscina<AnalysisTask, PooledAnalysis>;
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
    this.#threads = new Piscina({
      filename: options.workerFile ?? createRequire(import.meta.url).resolve('@pce/detector/adapters/analysis-worker'),
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      // A waiting worker must not block: model weights may still be loading.
      atomics: 'disabled',
      resourceLimits: { maxOldGenerationSizeMb: this.#heapLimitMb },
    });
    // A thread that fails between tasks is replaced; what a task meets rejects the task.
    this.#threads.on('error', () => {});
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
    try {
      return await this.#threads.run(task, { signal: signal ? AbortSignal.any([signal, timeLimit]) : timeLimit });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (timeLimit.aborted) throw new AnalysisTimeoutError(studyInstanceUid, this.#timeLimitMs);
      if (isOutOfMemory(error)) throw new AnalysisMemoryError(studyInstanceUid, this.#heapLimitMb, { cause: error });
      throw error;
    }
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
