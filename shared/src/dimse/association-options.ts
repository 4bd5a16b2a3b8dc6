import type { PresentationContext } from './negotiation.js';
import type { DimseServices } from './services.js';
import type { UpperLayer } from './upper-layer.js';

/** A data set to send: whole, or as it comes. */
export type OutboundDataset = Uint8Array | AsyncIterable<Uint8Array>;

/** Who is at the other end. */
export interface Peer {
  address: string;
  callingAeTitle: string;
  calledAeTitle: string;
  implementationClassUid: string;
  implementationVersionName: string;
  /** SHA-256 fingerprint of the peer's certificate, upper hex with colons, when it showed one over TLS. */
  certificateFingerprint: string | null;
}

export interface AssociationOptions {
  upperLayer: UpperLayer;
  isRequestor: boolean;
  peer: Peer;
  /** Accepted contexts by id. */
  contexts: Map<number, PresentationContext>;
  services: DimseServices;
  /** Operations we may have under way with the peer; 0 means no limit. */
  maxInvoked: number;
  /** Operations the peer may have under way with us before we stop reading; 0 means no limit. */
  maxPerformed: number;
  responseTimeoutMs: number;
}
