/** A study took longer than allowed. Its thread was ended; trying again may help once, not for ever. */
export class AnalysisTimeoutError extends Error {
  override readonly name = 'AnalysisTimeoutError';
  constructor(
    readonly studyInstanceUid: string,
    readonly limitMs: number,
  ) {
    super(`Analysis of study ${studyInstanceUid}: expected an answer within ${limitMs} ms; received none`);
  }
}

/** A study needed more memory than allowed. Its thread was ended. */
export class AnalysisMemoryError extends Error {
  override readonly name = 'AnalysisMemoryError';
  constructor(
    readonly studyInstanceUid: string,
    readonly limitMb: number,
    options?: ErrorOptions,
  ) {
    super(
      `Analysis of study ${studyInstanceUid}: expected at most ${limitMb} MB; received a request for more`,
      options,
    );
  }
}
