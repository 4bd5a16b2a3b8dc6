import { writeSmallDataset } from '@pce/shared/dicom/small-dataset-writer';
import { requestAction } from '@pce/shared/dimse/scu-operations';
import type { NormalizedReply, NormalizedRequest } from '@pce/shared/dimse/services';
import {
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  SOP_CLASS,
  STORAGE_COMMITMENT_INSTANCE,
} from '@pce/shared/dimse/sop-classes';
import { STATUS } from '@pce/shared/dimse/status';
import { readCommitmentReport } from '../../core/commitment-report.js';
import type { CommitmentAnswer, CommitmentReport, CommittedReference } from '../../core/destination.js';
import { connectTo, endInOrder, type ReceiverAddress } from './receiver-association.js';

/** How long we keep the association for receivers that report at once. [design] Most report on a new one. */
const SAME_ASSOCIATION_MS = 1000;
const REQUEST_STORAGE_COMMITMENT = 1;

/** Asks a receiver to commit to what it acknowledged. Source: PS3.4 annex J. */
export async function askCommitment(
  settings: ReceiverAddress,
  references: readonly CommittedReference[],
  transactionUid: string,
  signal: AbortSignal,
): Promise<CommitmentAnswer> {
  let take: (report: CommitmentReport) => void = () => {};
  const reported = new Promise<CommitmentReport>((resolve) => {
    take = resolve;
  });
  try {
    const association = await connectTo(settings, [CONTEXT], {
      services: { eventReport: (request) => takeCommitmentReport(request, async (report) => take(report)) },
    });
    const abort = () => association.abort('we are shutting down');
    signal.addEventListener('abort', abort, { once: true });
    try {
      const context = association.contextFor(SOP_CLASS.storageCommitmentPushModel, null);
      const { status } = await requestAction(association, {
        sopClassUid: SOP_CLASS.storageCommitmentPushModel,
        sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
        typeId: REQUEST_STORAGE_COMMITMENT,
        dataset: requestDataset(references, transactionUid, context.transferSyntax),
      });
      if (status !== STATUS.success) {
        return { kind: 'not-asked', detail: `N-ACTION status 0x${status.toString(16).padStart(4, '0')}` };
      }
      const report = await Promise.race([reported, silence(SAME_ASSOCIATION_MS), association.ended.then(() => null)]);
      return { kind: 'asked', report };
    } finally {
      signal.removeEventListener('abort', abort);
      await endInOrder(association);
    }
  } catch (error) {
    return { kind: 'not-asked', detail: (error as Error).message };
  }
}

const CONTEXT = {
  abstractSyntax: SOP_CLASS.storageCommitmentPushModel,
  transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN],
};

function silence(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}

function requestDataset(references: readonly CommittedReference[], transactionUid: string, syntax: string): Buffer {
  const dataset = {
    TransactionUID: transactionUid,
    ReferencedSOPSequence: references.map(({ sopClassUid, sopInstanceUid }) => ({
      ReferencedSOPClassUID: sopClassUid,
      ReferencedSOPInstanceUID: sopInstanceUid,
    })),
  };
  return writeSmallDataset(dataset, syntax !== IMPLICIT_VR_LITTLE_ENDIAN);
}

/** The service for N-EVENT-REPORT of storage commitments, wherever they arrive. */
export async function takeCommitmentReport(
  request: NormalizedRequest,
  reported: (report: CommitmentReport) => Promise<unknown>,
): Promise<NormalizedReply> {
  if (request.sopClassUid !== SOP_CLASS.storageCommitmentPushModel) return { status: STATUS.noSuchSopClass };
  const report = readCommitmentReport(request.dataset, request.context.transferSyntax);
  if (report === null) return { status: STATUS.processingFailure, errorComment: 'Transaction UID missing' };
  await reported(report);
  return { status: STATUS.success };
}
