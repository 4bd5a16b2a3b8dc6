import type { Peer } from './association-options.js';
import type { UserIdentity } from './user-information.js';

export type IdentityVerdict = { kind: 'accepted'; serverResponse?: Uint8Array } | { kind: 'refused'; detail: string };

/**
 * Decides whether a peer is who it says it is. Called for every association, with null when the peer gave no identity.
 * `detail` is logged: it must not repeat what the peer sent.
 */
export type UserIdentityChecker = (
  identity: UserIdentity | null,
  peer: Peer,
) => IdentityVerdict | Promise<IdentityVerdict>;
