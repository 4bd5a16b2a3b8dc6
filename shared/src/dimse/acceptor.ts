import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Association } from './association.js';
import type { Peer } from './association-options.js';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from './implementation.js';
import { answerAsynchronousOperations, answerContexts, type ContextPolicy } from './negotiation.js';
import { type AssociateReject, type AssociateRequest, DICOM_APPLICATION_CONTEXT, PDV_HEADER_BYTES } from './pdu.js';
import type { PeerPatience } from './peer-watchdog.js';
import type { EndCause } from './protocol-errors.js';
import { REJECTION, type Rejection } from './rejection.js';
import type { DimseServices } from './services.js';
import { UpperLayer } from './upper-layer.js';
import { STATE } from './upper-layer-states.js';
import type { UserIdentityChecker } from './user-identity.js';
import type { AsynchronousOperations, UserInformation } from './user-information.js';

/** Whether a peer may open an association, and what it may do on it. */
export type Admission =
  | { kind: 'accept'; contexts: ContextPolicy; services: DimseServices }
  | { kind: 'reject'; rejection: Rejection; detail: string };

export interface AcceptorOptions {
  maxAssociations: number;
  /** Largest P-DATA-TF variable field we take, in bytes; a longer one ends the association. */
  maxPduLength: number;
  patience: PeerPatience;
  responseTimeoutMs: number;
  asynchronousOperations: AsynchronousOperations;
  /** Asked for every association; `open` are the peers connected now. */
  admit: (peer: Peer, open: readonly Peer[]) => Admission | Promise<Admission>;
  checkIdentity?: UserIdentityChecker;
  /** Told of each association that opened, was refused, or ended. */
  observe?: (event: AssociationEvent) => void;
}

export type AssociationEvent =
  | { kind: 'opened'; peer: Peer }
  | { kind: 'rejected'; peer: Peer; rejection: Rejection; detail: string }
  | { kind: 'ended'; peer: Peer; cause: EndCause; detail: string };

export interface Acceptor {
  readonly associations: ReadonlySet<Association>;
  /** Takes a connection; the rest happens by itself. */
  take(socket: Socket): void;
}

/** PS3.8 table 9-11: bit 0 is version 1. */
const PROTOCOL_VERSION = 1;
/** Below this a peer could not take a fragment of two bytes. */
const SMALLEST_PEER_PDU = PDV_HEADER_BYTES + 2;

/** Answers association requests on connections it is given. */
export function acceptAssociations(options: AcceptorOptions): Acceptor {
  const associations = new Set<Association>();
  return { associations, take: (socket) => takeConnection(socket, options, associations) };
}

function takeConnection(socket: Socket, options: AcceptorOptions, associations: Set<Association>): void {
  let association: Association | null = null;
  let peer: Peer | null = null;
  const upperLayer = new UpperLayer(
    {
      socket,
      isRequestor: false,
      maxPduLength: options.maxPduLength,
      patience: options.patience,
      activity: () => association?.activity() ?? { isBusy: false, isMidMessage: false },
    },
    {
      associateRequested: (request) => {
        const asking = describePeer(socket, request);
        peer = asking;
        void answer(upperLayer, request, asking, options, associations).then((opened) => {
          association = opened;
        });
      },
      associateAccepted: () => {},
      associateRejected: () => {},
      piece: (piece) => association?.piece(piece),
      releaseRequested: () => association?.releaseRequested(),
      ended: (cause, detail) => {
        if (!association || !peer) return;
        associations.delete(association);
        association.connectionEnded(cause, detail);
        options.observe?.({ kind: 'ended', peer, cause, detail });
      },
    },
  );
  upperLayer.accept();
}

function describePeer(socket: Socket, request: AssociateRequest): Peer {
  const certificate = socket instanceof TLSSocket ? socket.getPeerCertificate() : null;
  return {
    address: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    callingAeTitle: request.callingAeTitle,
    calledAeTitle: request.calledAeTitle,
    implementationClassUid: request.userInformation.implementationClassUid,
    implementationVersionName: request.userInformation.implementationVersionName ?? '',
    certificateFingerprint: certificate?.fingerprint256 ?? null,
  };
}

async function answer(
  upperLayer: UpperLayer,
  request: AssociateRequest,
  peer: Peer,
  options: AcceptorOptions,
  associations: Set<Association>,
): Promise<Association | null> {
  const reject = (rejection: Rejection, detail: string) => {
    upperLayer.rejectAssociation({ kind: 'associate-reject', ...REJECTION[rejection] } satisfies AssociateReject);
    options.observe?.({ kind: 'rejected', peer, rejection, detail });
    return null;
  };
  const fault = faultOf(request);
  if (fault) return reject(fault.rejection, fault.detail);
  if (associations.size >= options.maxAssociations) {
    return reject('local-limit-exceeded', `${options.maxAssociations} associations are open`);
  }
  try {
    const admission = await options.admit(
      peer,
      [...associations].map((open) => open.peer),
    );
    if (admission.kind === 'reject') return reject(admission.rejection, admission.detail);
    const identity = await options.checkIdentity?.(request.userInformation.userIdentity ?? null, peer);
    if (identity?.kind === 'refused') return reject('no-reason-given', identity.detail);
    // The peer may have gone while it was being looked up.
    if (upperLayer.state !== STATE.awaitingLocalAnswer) return null;
    return open(upperLayer, request, peer, options, associations, admission, identity?.serverResponse);
  } catch (error) {
    return reject('temporary-congestion', error instanceof Error ? error.message : String(error));
  }
}

function faultOf(request: AssociateRequest): { rejection: Rejection; detail: string } | null {
  if ((request.protocolVersion & PROTOCOL_VERSION) === 0) {
    return { rejection: 'protocol-version-not-supported', detail: `version bits ${request.protocolVersion}` };
  }
  if (request.applicationContext !== DICOM_APPLICATION_CONTEXT) {
    return { rejection: 'application-context-not-supported', detail: 'not the DICOM application context' };
  }
  const { maxPduLength } = request.userInformation;
  if (maxPduLength !== 0 && maxPduLength < SMALLEST_PEER_PDU) {
    return { rejection: 'no-reason-given', detail: `the peer takes PDUs of ${maxPduLength} bytes only` };
  }
  return null;
}

function open(
  upperLayer: UpperLayer,
  request: AssociateRequest,
  peer: Peer,
  options: AcceptorOptions,
  associations: Set<Association>,
  admission: Extract<Admission, { kind: 'accept' }>,
  serverResponse: Uint8Array | undefined,
): Association {
  const asked = request.userInformation;
  const negotiated = answerContexts(request.contexts, asked.roles, admission.contexts);
  const operations = asked.asynchronousOperations
    ? answerAsynchronousOperations(asked.asynchronousOperations, options.asynchronousOperations)
    : null;
  const association = new Association({
    upperLayer,
    isRequestor: false,
    peer,
    contexts: negotiated.contexts,
    services: admission.services,
    maxInvoked: operations?.maxPerformed ?? 1,
    maxPerformed: operations?.maxInvoked ?? 1,
    responseTimeoutMs: options.responseTimeoutMs,
  });
  associations.add(association);
  const userInformation: UserInformation = {
    maxPduLength: options.maxPduLength,
    implementationClassUid: IMPLEMENTATION_CLASS_UID,
    implementationVersionName: IMPLEMENTATION_VERSION_NAME,
    roles: negotiated.roles,
    extendedNegotiations: [],
    ...(operations ? { asynchronousOperations: operations } : {}),
    ...(serverResponse || asked.userIdentity?.wantsResponse
      ? { userIdentityResponse: serverResponse ?? new Uint8Array(0) }
      : {}),
  };
  upperLayer.acceptAssociation(
    {
      kind: 'associate-accept',
      protocolVersion: PROTOCOL_VERSION,
      calledAeTitle: request.calledAeTitle,
      callingAeTitle: request.callingAeTitle,
      applicationContext: DICOM_APPLICATION_CONTEXT,
      contexts: negotiated.answers,
      userInformation,
    },
    asked.maxPduLength,
  );
  options.observe?.({ kind: 'opened', peer });
  return association;
}
