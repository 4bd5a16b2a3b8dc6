import { explicitToImplicit } from '@pce/shared/dicom/explicit-to-implicit';
import type { Association } from '@pce/shared/dimse/association';
import { AssociationEndedError, NoPresentationContextError, PeerTimeoutError } from '@pce/shared/dimse/protocol-errors';
import type { ContextProposal } from '@pce/shared/dimse/scu';
import { store } from '@pce/shared/dimse/scu-operations';
import type { ServiceReply } from '@pce/shared/dimse/services';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '@pce/shared/dimse/sop-classes';
import { STATUS } from '@pce/shared/dimse/status';
import type { Destination, ObjectReport, Parcel, ParcelObject, SendOutcome } from '../../core/destination.js';
import { judgeStoreStatus } from '../../core/store-status.js';
import { connectTo, endInOrder, type ReceiverAddress } from './receiver-association.js';
import { askCommitment } from './storage-commitment-scu.js';

export interface CStoreSettings extends ReceiverAddress {
  transferSyntax: 'any' | 'explicit' | 'implicit';
  /** Null: acknowledged is delivered. */
  commitment: { waitMs: number; maxRequests: number } | null;
}

const SYNTAXES = {
  any: [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN],
  explicit: [EXPLICIT_VR_LITTLE_ENDIAN],
  implicit: [IMPLICIT_VR_LITTLE_ENDIAN],
};

/** C-STORE, all objects of a delivery on one association, one after the other. */
export function cStoreDestination(settings: CStoreSettings): Destination {
  const { commitment } = settings;
  return {
    send: (parcel, signal) => send(parcel, settings, signal),
    ...(commitment
      ? {
          commitment: {
            ...commitment,
            ask: (references, transactionUid, signal) => askCommitment(settings, references, transactionUid, signal),
          },
        }
      : {}),
  };
}

async function send(parcel: Parcel, settings: CStoreSettings, signal: AbortSignal): Promise<SendOutcome> {
  let association: Association;
  try {
    association = await connectTo(settings, contextsFor(parcel, settings));
  } catch (error) {
    return { kind: 'unreachable', isPerhapsSent: false, objects: [], detail: (error as Error).message };
  }
  const abort = () => association.abort('we are shutting down');
  signal.addEventListener('abort', abort, { once: true });
  const objects: ObjectReport[] = [];
  let isPerhapsSent = false;
  try {
    for (const object of parcel.objects) {
      isPerhapsSent = true;
      objects.push(...(await storeWithFallback(association, object)));
    }
  } catch (error) {
    if (!(error instanceof AssociationEndedError || error instanceof PeerTimeoutError)) throw error;
    return { kind: 'unreachable', isPerhapsSent, objects, detail: error.message };
  } finally {
    signal.removeEventListener('abort', abort);
    await endInOrder(association);
  }
  return judge(objects);
}

/** A context of its own for each syntax: what was accepted tells what to send. */
function contextsFor(parcel: Parcel, { transferSyntax }: CStoreSettings): ContextProposal[] {
  const classes = new Set(
    parcel.objects.flatMap(({ sopClassUid, fallback }) => [sopClassUid, ...(fallback ? [fallback.sopClassUid] : [])]),
  );
  return [...classes].flatMap((abstractSyntax) =>
    SYNTAXES[transferSyntax].map((syntax) => ({ abstractSyntax, transferSyntaxes: [syntax] })),
  );
}

async function storeWithFallback(association: Association, object: ParcelObject): Promise<ObjectReport[]> {
  const { sopInstanceUid, fallback } = object;
  const { status } = await storeOne(association, object);
  const verdict = judgeStoreStatus(status);
  if (verdict === 'acknowledged') return [{ sopInstanceUid, state: 'acknowledged', status }];
  if (verdict === 'class-refused' && fallback) {
    const second = await storeOne(association, fallback);
    const isTaken = judgeStoreStatus(second.status) === 'acknowledged';
    // A fallback that is refused for now leaves both to the next attempt.
    const isOpen = judgeStoreStatus(second.status) === 'not-now';
    return [
      { sopInstanceUid, state: isTaken ? 'replaced' : 'refused', status: isOpen ? second.status : status },
      ...(isTaken
        ? [{ sopInstanceUid: fallback.sopInstanceUid, state: 'acknowledged' as const, status: second.status }]
        : []),
    ];
  }
  return [{ sopInstanceUid, state: 'refused', status }];
}

/** A class without a context is as good as refused by status. */
async function storeOne(association: Association, object: ParcelObject): Promise<ServiceReply> {
  const { sopClassUid, sopInstanceUid } = object;
  const syntax = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN].find((candidate) =>
    [...association.contexts.values()].some(
      (context) => context.abstractSyntax === sopClassUid && context.transferSyntax === candidate,
    ),
  );
  if (syntax === undefined) return { status: STATUS.sopClassNotSupported };
  const explicit = datasetOf(await object.read());
  const dataset = syntax === EXPLICIT_VR_LITTLE_ENDIAN ? explicit : explicitToImplicit(explicit);
  try {
    return await store(association, { sopClassUid, sopInstanceUid, transferSyntaxUid: syntax, dataset });
  } catch (error) {
    if (error instanceof NoPresentationContextError) return { status: STATUS.sopClassNotSupported };
    throw error;
  }
}

/** The bytes after the File Meta Information, whose length its first element has. Source: PS3.10 section 7.1. */
function datasetOf(file: Uint8Array): Buffer {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  return bytes.subarray(144 + bytes.readUInt32LE(140));
}

const hex = (status: number | null) => `0x${(status ?? 0).toString(16).padStart(4, '0')}`;

/** Each object has the receiver's last word; the parcel has that of the worst. */
function judge(objects: ObjectReport[]): SendOutcome {
  const detail = `C-STORE ${objects.map(({ state, status }) => `${hex(status)} (${state})`).join(', ')}`;
  const refused = objects.filter(({ state }) => state === 'refused');
  if (refused.length === 0) return { kind: 'accepted', objects, detail };
  // What is refused for now is sent again: it is not settled.
  const open = refused.filter(({ status }) => judgeStoreStatus(status ?? 0) === 'not-now');
  if (open.length === 0) return { kind: 'refused', objects, detail };
  return { kind: 'troubled', objects: objects.filter((object) => !open.includes(object)), detail };
}
