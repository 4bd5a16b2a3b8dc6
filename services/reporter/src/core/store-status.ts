import { isSuccessOrWarning, STATUS } from '@pce/shared/dimse/status';

/** What the status of a C-STORE means for what we do next. */
export type StoreVerdict = 'acknowledged' | 'class-refused' | 'not-now' | 'refused';

/** Resource limitation. Source: PS3.7 annex C.5.20. */
const RESOURCE_LIMITATION = 0x0213;

/**
 * Reads a C-STORE status. A warning means the receiver has the object. Source: PS3.4 table B.2-1, PS3.7 annex C.
 */
export function judgeStoreStatus(status: number): StoreVerdict {
  if (isSuccessOrWarning(status)) return 'acknowledged';
  if (status === STATUS.sopClassNotSupported || status === STATUS.noSuchSopClass) return 'class-refused';
  if ((status & 0xff00) === STATUS.outOfResources) return 'not-now';
  const passes: number[] = [STATUS.processingFailure, STATUS.notAuthorized, STATUS.cancelled, RESOURCE_LIMITATION];
  return passes.includes(status) ? 'not-now' : 'refused';
}
