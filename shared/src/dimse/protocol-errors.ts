/** Reason codes of an A-ABORT by the service provider. Source: PS3.8 table 9-26. */
export const ABORT_REASON = {
  'not-specified': 0,
  'unrecognized-pdu': 1,
  'unexpected-pdu': 2,
  'unrecognized-parameter': 4,
  'unexpected-parameter': 5,
  'invalid-parameter-value': 6,
} as const;
export type AbortReason = keyof typeof ABORT_REASON;

/** A PDU breaks PS3.8, or a limit that was announced. The association is aborted with `reason`. */
export class InvalidPduError extends Error {
  override readonly name = 'InvalidPduError';
  constructor(
    readonly reason: AbortReason,
    readonly what: string,
    readonly expected: string,
    readonly received: string,
  ) {
    super(`${what}: expected ${expected}, received ${received}`);
  }
}

/** A message breaks PS3.7: a command set that does not add up, or one out of turn. The association is aborted. */
export class InvalidMessageError extends Error {
  override readonly name = 'InvalidMessageError';
  constructor(
    readonly what: string,
    readonly expected: string,
    readonly received: string,
  ) {
    super(`${what}: expected ${expected}, received ${received}`);
  }
}

/** The peer did not accept the association. `result`, `source` and `reason` as in PS3.8 table 9-21. */
export class AssociationRejectedError extends Error {
  override readonly name = 'AssociationRejectedError';
  constructor(
    readonly result: number,
    readonly source: number,
    readonly reason: number,
    readonly explanation: string,
  ) {
    super(`Association rejected by the peer: ${explanation} (result ${result}, source ${source}, reason ${reason})`);
  }

  /** Whether trying again later may help. */
  get isTransient(): boolean {
    return this.result === 2;
  }
}

export type EndCause = 'released' | 'aborted-by-peer' | 'aborted-by-us' | 'connection-lost';

/** The association ended while something was still to be done on it. */
export class AssociationEndedError extends Error {
  override readonly name = 'AssociationEndedError';
  constructor(
    readonly endCause: EndCause,
    readonly detail: string,
  ) {
    super(`The association ended (${endCause}): ${detail}`);
  }
}

/** The peer accepted no presentation context for what is to be sent. */
export class NoPresentationContextError extends Error {
  override readonly name = 'NoPresentationContextError';
  constructor(
    readonly sopClassUid: string,
    readonly transferSyntaxUid: string | null,
  ) {
    super(
      `The peer accepts no presentation context for SOP class ${sopClassUid}` +
        (transferSyntaxUid === null ? '' : ` in transfer syntax ${transferSyntaxUid}`),
    );
  }
}

/** The peer did not answer in time. */
export class PeerTimeoutError extends Error {
  override readonly name = 'PeerTimeoutError';
  constructor(
    readonly waitingFor: string,
    readonly limitMs: number,
  ) {
    super(`The peer did not answer in time: waited ${limitMs} ms for ${waitingFor}`);
  }
}
