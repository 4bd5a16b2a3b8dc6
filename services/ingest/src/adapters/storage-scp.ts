import { TRANSFER_SYNTAXES } from '@pce/shared/dicom/transfer-syntax';
import type { Admission } from '@pce/shared/dimse/acceptor';
import type { Peer } from '@pce/shared/dimse/association-options';
import type { ContextOffer } from '@pce/shared/dimse/negotiation';
import type { DimseServices, ServiceReply, StoreDecision, StoreRequest } from '@pce/shared/dimse/services';
import { isStorageSopClass, SOP_CLASS } from '@pce/shared/dimse/sop-classes';
import { STATUS } from '@pce/shared/dimse/status';
import { InstanceReceiver, type ReceiveOutcome, type ReceiverContext } from '../core/receive-instance.js';
import { decideAdmission, type SenderPolicy } from '../core/sender-policy.js';
import type { StorageCommitment } from './storage-commitment.js';

/** What the storage SCP is made of. */
export interface StorageScpOptions {
  receiver: ReceiverContext;
  senders: SenderPolicy;
  commitment: StorageCommitment;
  /** Takes reports of storage commitments that others asked for. @default refused */
  eventReport?: NonNullable<DimseServices['eventReport']>;
  /** Told of outcomes a person should know about. */
  report: (peer: Peer, sopInstanceUid: string, outcome: ReceiveOutcome) => void;
}

/** Every transfer syntax we know, the sender's own choice among them before any preference of ours. */
const STORAGE_OFFER: ContextOffer = { transferSyntaxes: { peersChoiceOf: new Set(Object.keys(TRANSFER_SYNTAXES)) } };
const PLAIN_OFFER: ContextOffer = { transferSyntaxes: ['1.2.840.10008.1.2.1', '1.2.840.10008.1.2'] };

/** The `admit` of the DICOM server: who may send, and what happens with what is sent. */
export function storageAdmission(
  options: StorageScpOptions,
): (peer: Peer, open: readonly Peer[]) => Promise<Admission> {
  const { receiver, senders, commitment } = options;
  return async (peer, open) => {
    const decision = decideAdmission(senders, peer, open);
    if (decision.kind === 'refuse') {
      return { kind: 'reject', rejection: decision.rejection, detail: decision.message };
    }
    if (!(await receiver.store.hasRoom())) {
      return { kind: 'reject', rejection: 'temporary-congestion', detail: 'the instance store is below its watermark' };
    }
    return {
      kind: 'accept',
      contexts: offerFor,
      services: {
        echo: () => ({ status: STATUS.success }),
        store: (request) => takeInstance(options, request, peer),
        action: (request, association) => commitment.requested(request, association),
        ...(options.eventReport ? { eventReport: options.eventReport } : {}),
      },
    };
  };
}

function offerFor(abstractSyntax: string): ContextOffer | null {
  if (abstractSyntax === SOP_CLASS.verification) return PLAIN_OFFER;
  // Who reports a commitment is SCP, though it opens the association. Source: PS3.4 section J.3.3.
  if (abstractSyntax === SOP_CLASS.storageCommitmentPushModel) return { ...PLAIN_OFFER, mayBeScp: true };
  return isStorageSopClass(abstractSyntax) ? STORAGE_OFFER : null;
}

async function takeInstance(options: StorageScpOptions, request: StoreRequest, peer: Peer): Promise<StoreDecision> {
  const { receiver } = options;
  if (!(await receiver.store.hasRoom())) {
    return { kind: 'refuse', status: STATUS.outOfResources, errorComment: 'Disk below watermark' };
  }
  const sink = new InstanceReceiver(receiver, {
    sopClassUid: request.sopClassUid,
    sopInstanceUid: request.sopInstanceUid,
    transferSyntaxUid: request.context.transferSyntax,
    source: { door: 'dimse', sender: peer.callingAeTitle },
  });
  return {
    kind: 'take',
    sink: {
      write: (bytes) => sink.write(bytes),
      discard: () => sink.discard(),
      end: async () => {
        const outcome = await sink.end();
        if (outcome.kind !== 'stored') options.report(peer, request.sopInstanceUid, outcome);
        return replyFor(outcome);
      },
    },
  };
}

/** Source: PS3.4 table B.2-1. */
function replyFor(outcome: ReceiveOutcome): ServiceReply {
  switch (outcome.kind) {
    case 'stored':
    case 'identical':
      return { status: STATUS.success };
    case 'conflicting':
      return { status: STATUS.coercion, errorComment: 'Other content known under this UID; both kept' };
    case 'unreadable':
      return { status: STATUS.cannotUnderstand, errorComment: outcome.message };
    case 'mismatch':
      return { status: STATUS.datasetDoesNotMatch, errorComment: outcome.message };
    case 'store-full':
      return { status: STATUS.outOfResources, errorComment: 'Disk is full' };
    case 'failed':
      return { status: STATUS.processingFailure, errorComment: 'Could not be stored; see our log' };
  }
}
