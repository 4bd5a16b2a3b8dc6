import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Association } from './association.js';
import type { Peer } from './association-options.js';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from './implementation.js';
import { agreedContexts } from './negotiation.js';
import {
  type AssociateAccept,
  type AssociateRequest,
  DICOM_APPLICATION_CONTEXT,
  MAX_PRESENTATION_CONTEXTS,
  type ProposedContext,
} from './pdu.js';
import { DEFAULT_PATIENCE, type PeerPatience } from './peer-watchdog.js';
import { AssociationEndedError, AssociationRejectedError, PeerTimeoutError } from './protocol-errors.js';
import { describeRejection } from './rejection.js';
import type { DimseServices } from './services.js';
import { UpperLayer } from './upper-layer.js';
import type { AsynchronousOperations, RoleSelection, UserIdentity } from './user-information.js';

/** A SOP class and the transfer syntaxes it is proposed with, as one presentation context. */
export type ContextProposal = Omit<ProposedContext, 'id'>;

/** The association to open. */
export interface ScuOptions {
  host: string;
  port: number;
  tls?: ConnectionOptions;
  callingAeTitle: string;
  calledAeTitle: string;
  /** At most 128. */
  contexts: readonly ContextProposal[];
  /** SOP classes we want to be SCP of, for C-GET. */
  roles?: readonly RoleSelection[];
  userIdentity?: UserIdentity;
  /** Asks for several operations in flight; a peer that does not answer gets one at a time. */
  asynchronousOperations?: AsynchronousOperations;
  /** What the peer may ask of us: C-STORE during C-GET, N-EVENT-REPORT of a storage commitment. */
  services?: DimseServices;
  /** @default 262144 */
  maxPduLength?: number;
  /** @default DEFAULT_PATIENCE */
  patience?: PeerPatience;
  /** For the connection to come about. @default 10000 */
  connectTimeoutMs?: number;
  /** For each response. @default 120000 */
  responseTimeoutMs?: number;
}

/**
 * Opens an association.
 *
 * @throws AssociationRejectedError when the peer refuses; AssociationEndedError when it aborts or goes away;
 * PeerTimeoutError when it does not answer; a Node system error when there is no connection
 */
export async function openAssociation(options: ScuOptions): Promise<Association> {
  if (options.contexts.length > MAX_PRESENTATION_CONTEXTS) {
    throw new RangeError(`contexts: expected at most ${MAX_PRESENTATION_CONTEXTS}, got ${options.contexts.length}`);
  }
  const socket = await connectSocket(options);
  const request = buildRequest(options);
  return new Promise<Association>((resolve, reject) => {
    let association: Association | null = null;
    const upperLayer: UpperLayer = new UpperLayer(
      {
        socket,
        isRequestor: true,
        maxPduLength: request.userInformation.maxPduLength,
        patience: options.patience ?? DEFAULT_PATIENCE,
        activity: () => association?.activity() ?? { isBusy: true, isMidMessage: false },
      },
      {
        associateRequested: () => {},
        associateAccepted: (answer) => {
          association = establish(upperLayer, options, request, answer);
          resolve(association);
        },
        associateRejected: ({ result, source, reason }) =>
          reject(new AssociationRejectedError(result, source, reason, describeRejection(source, reason))),
        piece: (piece) => association?.piece(piece),
        releaseRequested: () => association?.releaseRequested(),
        ended: (cause, detail) => {
          association?.connectionEnded(cause, detail);
          reject(new AssociationEndedError(cause, detail));
        },
      },
    );
    upperLayer.request(request);
  });
}

async function connectSocket(options: ScuOptions): Promise<Socket> {
  const { host, port, tls } = options;
  const limitMs = options.connectTimeoutMs ?? 10_000;
  const socket = tls
    ? connectTls({ servername: /^[\d.:]+$/.test(host) ? '' : host, ...tls, host, port })
    : connect({ host, port, noDelay: true });
  const readyEvent = tls ? 'secureConnect' : 'connect';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new PeerTimeoutError(`the connection to ${host}:${port}`, limitMs));
    }, limitMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once('error', fail);
    socket.once(readyEvent, () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function buildRequest(options: ScuOptions): AssociateRequest {
  return {
    kind: 'associate-request',
    protocolVersion: 1,
    calledAeTitle: options.calledAeTitle,
    callingAeTitle: options.callingAeTitle,
    applicationContext: DICOM_APPLICATION_CONTEXT,
    contexts: options.contexts.map((context, index) => ({ id: index * 2 + 1, ...context })),
    userInformation: {
      maxPduLength: options.maxPduLength ?? 256 * 1024,
      implementationClassUid: IMPLEMENTATION_CLASS_UID,
      implementationVersionName: IMPLEMENTATION_VERSION_NAME,
      roles: [...(options.roles ?? [])],
      extendedNegotiations: [],
      ...(options.asynchronousOperations ? { asynchronousOperations: options.asynchronousOperations } : {}),
      ...(options.userIdentity ? { userIdentity: options.userIdentity } : {}),
    },
  };
}

function establish(
  upperLayer: UpperLayer,
  options: ScuOptions,
  request: AssociateRequest,
  answer: AssociateAccept,
): Association {
  const { maxPduLength, asynchronousOperations, roles } = answer.userInformation;
  upperLayer.setPeerMaxPduLength(maxPduLength);
  const operations = options.asynchronousOperations ? asynchronousOperations : undefined;
  return new Association({
    upperLayer,
    isRequestor: true,
    peer: describePeer(options, answer),
    contexts: agreedContexts(request.contexts, answer.contexts, roles),
    services: options.services ?? {},
    maxInvoked: operations?.maxInvoked ?? 1,
    maxPerformed: operations?.maxPerformed ?? 1,
    responseTimeoutMs: options.responseTimeoutMs ?? 120_000,
  });
}

function describePeer(options: ScuOptions, answer: AssociateAccept): Peer {
  return {
    address: options.host,
    callingAeTitle: options.callingAeTitle,
    calledAeTitle: options.calledAeTitle,
    implementationClassUid: answer.userInformation.implementationClassUid,
    implementationVersionName: answer.userInformation.implementationVersionName ?? '',
    certificateFingerprint: null,
  };
}
