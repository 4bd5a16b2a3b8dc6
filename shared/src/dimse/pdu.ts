import type { UserInformation } from './user-information.js';

/** Source: PS3.8 section 9.3. */
export const PDU_TYPE = {
  associateRequest: 0x01,
  associateAccept: 0x02,
  associateReject: 0x03,
  dataTransfer: 0x04,
  releaseRequest: 0x05,
  releaseReply: 0x06,
  abort: 0x07,
} as const;

/** Source: PS3.7 annex A.2.1. */
export const DICOM_APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';

/** PDU type, reserved byte and length. */
export const PDU_HEADER_BYTES = 6;
/** Item length, context id and message control header in front of each fragment. Source: PS3.8 section 9.3.5.1. */
export const PDV_HEADER_BYTES = 6;
/** [design] An association request with 128 contexts of 40 transfer syntaxes each needs about 140 KiB. */
export const MAX_CONTROL_PDU_BYTES = 256 * 1024;
/** Presentation context ids are odd, 1 to 255. Source: PS3.8 section 9.3.2.2. */
export const MAX_PRESENTATION_CONTEXTS = 128;

export interface ProposedContext {
  id: number;
  abstractSyntax: string;
  transferSyntaxes: string[];
}

/** Result/Reason of a presentation context. Source: PS3.8 table 9-18. */
export const CONTEXT_RESULT = {
  acceptance: 0,
  userRejection: 1,
  noReason: 2,
  abstractSyntaxNotSupported: 3,
  transferSyntaxesNotSupported: 4,
} as const;

export interface ContextAnswer {
  id: number;
  result: number;
  /** Not significant unless accepted. */
  transferSyntax: string;
}

interface AssociateFields {
  protocolVersion: number;
  calledAeTitle: string;
  callingAeTitle: string;
  applicationContext: string;
  userInformation: UserInformation;
}

export interface AssociateRequest extends AssociateFields {
  kind: 'associate-request';
  contexts: ProposedContext[];
}

export interface AssociateAccept extends AssociateFields {
  kind: 'associate-accept';
  contexts: ContextAnswer[];
}

export interface AssociateReject {
  kind: 'associate-reject';
  result: number;
  source: number;
  reason: number;
}

export interface ReleaseRequest {
  kind: 'release-request';
}

export interface ReleaseReply {
  kind: 'release-reply';
}

/** Source 0 is the service user, 2 the service provider; the reason counts for the provider only. */
export interface Abort {
  kind: 'abort';
  source: number;
  reason: number;
}

/** Every PDU but P-DATA-TF, which is passed on piece by piece and never held as a whole. */
export type ControlPdu = AssociateRequest | AssociateAccept | AssociateReject | ReleaseRequest | ReleaseReply | Abort;
