/** How the `pce` command ends. Documented in docs/outputs.md. */
export const EXIT = {
  /** Everything asked for was done. */
  done: 0,
  /** The command could not do its job: no input, output folder not writable, bad arguments. */
  failed: 1,
  /** Finished, but some inputs are broken or not analysable: see problems.csv. */
  finishedWithProblems: 2,
  /** Interrupted by the user (128 + SIGINT); what was done is written. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The command cannot do its job, for a reason its user can mend: name, expected, received. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  constructor(
    readonly subject: string,
    readonly expected: string,
    readonly received: string,
  ) {
    super(`${subject}: expected ${expected}; received ${received}`);
  }
}
