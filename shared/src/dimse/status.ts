/** Statuses of DIMSE responses that are used or told apart here. Source: PS3.7 annex C, PS3.4 annexes B, C and J. */
export const STATUS = {
  success: 0x0000,
  pending: 0xff00,
  /** Pending, and an optional key was not supported. */
  pendingWithWarning: 0xff01,
  cancelled: 0xfe00,
  sopClassNotSupported: 0x0122,
  processingFailure: 0x0110,
  noSuchAction: 0x0123,
  noSuchEventType: 0x0113,
  noSuchSopClass: 0x0118,
  duplicateInvocation: 0x0210,
  unrecognizedOperation: 0x0211,
  notAuthorized: 0x0124,
  /** C-STORE: refused, out of resources. */
  outOfResources: 0xa700,
  /** C-STORE: error, data set does not match SOP class. */
  datasetDoesNotMatch: 0xa900,
  /** C-STORE: error, cannot understand. */
  cannotUnderstand: 0xc000,
  /** C-STORE: warning, coercion of data elements. */
  coercion: 0xb000,
  /** C-STORE: warning, data set does not match SOP class. */
  datasetDoesNotMatchWarning: 0xb007,
} as const;

/** Whether more responses to the same request follow. */
export function isPending(status: number): boolean {
  return status === STATUS.pending || status === STATUS.pendingWithWarning;
}

/** Whether the peer took the instance, perhaps with a remark. Source: PS3.7 annex C.3 and C.4. */
export function isSuccessOrWarning(status: number): boolean {
  return (
    status === STATUS.success ||
    status === 0x0001 ||
    (status & 0xf000) === 0xb000 ||
    status === 0x0107 ||
    status === 0x0116
  );
}
