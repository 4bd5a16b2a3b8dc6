/** What a job asks for: analyse a study, report a result, or deliver to a destination. */
export type JobKind = 'analyse' | 'report' | 'deliver';

/** A signal to look at the ledger, which says what is to be done: it may be lost, or come twice. */
export interface Job {
  kind: JobKind;
  /** What to look at: a Study Instance UID, a result's id, or a destination's name. No colon, no patient data. */
  key: string;
  /** Higher goes first. */
  priority: number;
}

/** Carries signals from who finds work in the ledger to who does it. Retries and their delays are the ledger's. */
export interface JobQueue {
  /** One that waits already under the same kind and key is the same job. */
  add(job: Job): Promise<void>;
  /**
   * Runs `work` for the jobs of a kind, some at a time but never two of the same key. Call it once per kind and process.
   *
   * @param work gets a signal that aborts when the queue closes and the grace period is over; its errors are reported
   *   to whoever made the queue, and the job is over: what is still pending in the ledger comes back by the sweep
   */
  process(kind: JobKind, concurrency: number, work: (key: string, signal: AbortSignal) => Promise<void>): void;
  /** Jobs that wait, by kind. */
  waiting(): Promise<Record<JobKind, number>>;
  /** Takes no more, lets what runs end within `graceMs`, then aborts it. */
  close(graceMs: number): Promise<void>;
}
