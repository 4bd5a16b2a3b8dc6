import type { Dataset } from '@pce/shared/dicom/dataset';
import type { SmallDataset } from '@pce/shared/dicom/small-dataset-writer';

/** One instance of a storage commitment. */
export interface ReferencedInstance {
  sopClassUid: string;
  sopInstanceUid: string;
}

export interface CommitmentRequest {
  transactionUid: string;
  references: ReferencedInstance[];
}

/** Failure Reason (0008,1197). Source: PS3.3 C.14.1.1. */
export const FAILURE_REASON = {
  processingFailure: 0x0110,
  noSuchObjectInstance: 0x0112,
  classInstanceConflict: 0x0119,
} as const;

/** Event Type ID of an N-EVENT-REPORT. Source: PS3.4 table J.3-2. */
export const COMMITMENT_EVENT = { success: 1, failuresExist: 2 } as const;

export interface CommitmentResult {
  transactionUid: string;
  committed: ReferencedInstance[];
  failed: (ReferencedInstance & { reason: number })[];
}

/** Reads the Action Information of a storage commitment request, or null when it lacks what it must have. */
export function readCommitmentRequest(dataset: Dataset): CommitmentRequest | null {
  const transactionUid = dataset.string('TransactionUID');
  const references = dataset.items('ReferencedSOPSequence').map((item) => ({
    sopClassUid: item.string('ReferencedSOPClassUID') ?? '',
    sopInstanceUid: item.string('ReferencedSOPInstanceUID') ?? '',
  }));
  return transactionUid && references.length > 0 ? { transactionUid, references } : null;
}

/** Decides a request by what is held. `heldClasses`: the SOP classes of the held instances by SOP Instance UID. */
export function decideCommitment(
  request: CommitmentRequest,
  heldClasses: ReadonlyMap<string, readonly string[]>,
): CommitmentResult {
  const result: CommitmentResult = { transactionUid: request.transactionUid, committed: [], failed: [] };
  for (const reference of request.references) {
    const classes = heldClasses.get(reference.sopInstanceUid);
    if (!classes || classes.length === 0) {
      result.failed.push({ ...reference, reason: FAILURE_REASON.noSuchObjectInstance });
    } else if (!classes.includes(reference.sopClassUid)) {
      result.failed.push({ ...reference, reason: FAILURE_REASON.classInstanceConflict });
    } else result.committed.push(reference);
  }
  return result;
}

/** The Event Information of the report and its type. Source: PS3.4 table J.3-2. */
export function commitmentReport(result: CommitmentResult): { eventTypeId: number; dataset: SmallDataset } {
  const reference = (instance: ReferencedInstance): SmallDataset => ({
    ReferencedSOPClassUID: instance.sopClassUid,
    ReferencedSOPInstanceUID: instance.sopInstanceUid,
  });
  const failed = result.failed.map((item) => ({ ...reference(item), FailureReason: item.reason }));
  return {
    eventTypeId: failed.length === 0 ? COMMITMENT_EVENT.success : COMMITMENT_EVENT.failuresExist,
    dataset: {
      TransactionUID: result.transactionUid,
      ...(result.committed.length > 0 ? { ReferencedSOPSequence: result.committed.map(reference) } : {}),
      ...(failed.length > 0 ? { FailedSOPSequence: failed } : {}),
    },
  };
}
