import { CONTEXT_RESULT, type ContextAnswer, type ProposedContext } from './pdu.js';
import type { AsynchronousOperations, RoleSelection } from './user-information.js';

/** A presentation context both sides agreed on. */
export interface PresentationContext {
  id: number;
  abstractSyntax: string;
  transferSyntax: string;
  /** Whether the requestor of the association may act as SCU, and as SCP, in this context. */
  requestorIsScu: boolean;
  requestorIsScp: boolean;
}

/** What an acceptor takes: the transfer syntaxes of a SOP class in order of preference, or null for an unknown class. */
export type ContextPolicy = (abstractSyntax: string) => ContextOffer | null;

export interface ContextOffer {
  /**
   * In order of our preference; the first that the peer proposes is chosen. 'any' takes whatever the peer prefers,
   * which is its first; `peersChoiceOf` what it prefers of these.
   */
  transferSyntaxes: readonly string[] | 'any' | { peersChoiceOf: ReadonlySet<string> };
  /** Whether the peer may be SCP of this class (as in C-GET) when it asks for that role. */
  mayBeScp?: boolean;
}

export interface NegotiatedContexts {
  answers: ContextAnswer[];
  /** Accepted contexts by id. */
  contexts: Map<number, PresentationContext>;
  /** Answers to the roles asked for. */
  roles: RoleSelection[];
}

/** Answers the contexts and roles a requestor proposes. Source: PS3.8 section 9.3.3.2, PS3.7 annex D.3.3.4. */
export function answerContexts(
  proposals: readonly ProposedContext[],
  requestedRoles: readonly RoleSelection[],
  policy: ContextPolicy,
): NegotiatedContexts {
  const roles = requestedRoles.flatMap((role) => {
    const offer = policy(role.sopClassUid);
    return offer ? [{ ...role, scp: role.scp && offer.mayBeScp === true }] : [];
  });
  const contexts = new Map<number, PresentationContext>();
  const answers = proposals.map((proposal): ContextAnswer => {
    const offer = policy(proposal.abstractSyntax);
    if (!offer) return refusal(proposal, CONTEXT_RESULT.abstractSyntaxNotSupported);
    const transferSyntax = chooseTransferSyntax(proposal.transferSyntaxes, offer.transferSyntaxes);
    if (transferSyntax === undefined) return refusal(proposal, CONTEXT_RESULT.transferSyntaxesNotSupported);
    contexts.set(proposal.id, agreedContext(proposal.id, proposal.abstractSyntax, transferSyntax, roles));
    return { id: proposal.id, result: CONTEXT_RESULT.acceptance, transferSyntax };
  });
  return { answers, contexts, roles };
}

function chooseTransferSyntax(
  proposed: readonly string[],
  offered: ContextOffer['transferSyntaxes'],
): string | undefined {
  if (offered === 'any') return proposed[0];
  if ('peersChoiceOf' in offered) return proposed.find((uid) => offered.peersChoiceOf.has(uid));
  return offered.find((uid) => proposed.includes(uid));
}

/** PS3.8 section 9.3.3.2: the transfer syntax of a refused context is not significant, but must be there. */
function refusal(proposal: ProposedContext, result: number): ContextAnswer {
  return { id: proposal.id, result, transferSyntax: proposal.transferSyntaxes[0] ?? '1.2.840.10008.1.2' };
}

function agreedContext(
  id: number,
  abstractSyntax: string,
  transferSyntax: string,
  roles: readonly RoleSelection[],
): PresentationContext {
  // PS3.7 annex D.3.3.4: without role selection the requestor is SCU, the acceptor SCP.
  const role = roles.find((candidate) => candidate.sopClassUid === abstractSyntax) ?? { scu: true, scp: false };
  return { id, abstractSyntax, transferSyntax, requestorIsScu: role.scu, requestorIsScp: role.scp };
}

/** What the acceptor's answers come to for the requestor: the accepted contexts by id. */
export function agreedContexts(
  proposals: readonly ProposedContext[],
  answers: readonly ContextAnswer[],
  roles: readonly RoleSelection[],
): Map<number, PresentationContext> {
  const contexts = new Map<number, PresentationContext>();
  for (const answer of answers) {
    const proposal = proposals.find((candidate) => candidate.id === answer.id);
    const isProposed = proposal?.transferSyntaxes.includes(answer.transferSyntax);
    if (answer.result !== CONTEXT_RESULT.acceptance || !proposal || !isProposed) continue;
    contexts.set(answer.id, agreedContext(answer.id, proposal.abstractSyntax, answer.transferSyntax, roles));
  }
  return contexts;
}

/** The acceptor's window: never more than was asked for, 0 meaning no limit. Source: PS3.7 annex D.3.3.3. */
export function answerAsynchronousOperations(
  asked: AsynchronousOperations,
  limits: AsynchronousOperations,
): AsynchronousOperations {
  const smaller = (a: number, b: number) => (a === 0 ? b : b === 0 ? a : Math.min(a, b));
  return {
    // Invoked by the requestor is performed by us, and the other way round.
    maxInvoked: smaller(asked.maxInvoked, limits.maxPerformed),
    maxPerformed: smaller(asked.maxPerformed, limits.maxInvoked),
  };
}
