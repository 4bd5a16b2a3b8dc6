import type { Association } from './association.js';
import type { PresentationContext } from './negotiation.js';

/** What a service answers with; `errorComment` goes to the peer, so it names no patient. */
export interface ServiceReply {
  status: number;
  errorComment?: string;
}

/** Takes the data set of one C-STORE as it arrives. */
export interface StoreSink {
  /**
   * Takes the next bytes, which stay valid for as long as they are held. A sink that cannot write keeps that to itself
   * and says so in the reply of `end`; when `write` throws or rejects, the association is aborted.
   *
   * @returns a promise when the sink is behind: nothing more is read from the peer until it settles
   */
  write(bytes: Uint8Array): void | Promise<void>;
  /** The data set is complete. Its reply is what the peer is told: success only when nothing can be lost any more. */
  end(): Promise<ServiceReply>;
  /** The association ended before the data set did, or `write` failed: nothing of it may stay. */
  discard(): void | Promise<void>;
}

/** A C-STORE that has arrived with its command; the data set follows. */
export interface StoreRequest {
  context: PresentationContext;
  sopClassUid: string;
  sopInstanceUid: string;
  moveOriginatorAeTitle?: string;
}

export type StoreDecision = { kind: 'take'; sink: StoreSink } | ({ kind: 'refuse' } & ServiceReply);

/** An N-ACTION or N-EVENT-REPORT with its whole data set. */
export interface NormalizedRequest {
  context: PresentationContext;
  sopClassUid: string;
  sopInstanceUid: string;
  /** Action Type ID or Event Type ID. */
  typeId: number;
  /** In the context's transfer syntax; empty when none came. */
  dataset: Buffer;
}

export interface NormalizedReply extends ServiceReply {
  /** Called once the reply has gone out, such as to report the result of a storage commitment. */
  afterwards?: () => void;
}

/** What this end of an association does for its peer. A service left out is refused as "unrecognized operation". */
export interface DimseServices {
  echo?: (association: Association) => ServiceReply | Promise<ServiceReply>;
  store?: (request: StoreRequest, association: Association) => StoreDecision | Promise<StoreDecision>;
  action?: (request: NormalizedRequest, association: Association) => NormalizedReply | Promise<NormalizedReply>;
  eventReport?: (request: NormalizedRequest, association: Association) => NormalizedReply | Promise<NormalizedReply>;
}
