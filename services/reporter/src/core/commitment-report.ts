import { readBareDataset } from '@pce/shared/dicom/bare-dataset';
import type { Dataset } from '@pce/shared/dicom/dataset';
import type { CommitmentReport } from './destination.js';

/** Reads the Event Information of a storage commitment report; null without a transaction. Source: PS3.4 table J.3-2. */
export function readCommitmentReport(bytes: Uint8Array, transferSyntaxUid: string): CommitmentReport | null {
  const dataset = readBareDataset(bytes, transferSyntaxUid);
  const transactionUid = dataset.string('TransactionUID');
  if (!transactionUid) return null;
  const uidOf = (item: Dataset) => item.string('ReferencedSOPInstanceUID') ?? '';
  return {
    transactionUid,
    committed: dataset.items('ReferencedSOPSequence').map(uidOf),
    failed: dataset.items('FailedSOPSequence').map((item) => ({
      sopInstanceUid: uidOf(item),
      reason: item.number('FailureReason') ?? null,
    })),
  };
}
