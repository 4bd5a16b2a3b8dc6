import type { Association } from './association.js';
import type { OutboundDataset } from './association-options.js';
import { COMMAND, type Command } from './command.js';
import { AssociationEndedError } from './protocol-errors.js';
import type { ContextProposal } from './scu.js';
import type { ServiceReply } from './services.js';
import { SOP_CLASS } from './sop-classes.js';
import { isPending } from './status.js';

/** Priority (0000,0700). Source: PS3.7 annex E.1. */
const PRIORITY_MEDIUM = 0;

/** An instance to send: its identity and its data set in the transfer syntax named. */
export interface InstanceToStore {
  sopClassUid: string;
  sopInstanceUid: string;
  transferSyntaxUid: string;
  dataset: OutboundDataset;
}

/** What the sub-operations of a C-MOVE or C-GET came to so far. */
export interface RetrieveProgress {
  status: number;
  remaining: number | null;
  completed: number | null;
  failed: number | null;
  warning: number | null;
}

/** One presentation context per SOP class and transfer syntax, so that the peer's choice never asks for a conversion. */
export function storeContexts(
  instances: Iterable<Pick<InstanceToStore, 'sopClassUid' | 'transferSyntaxUid'>>,
): ContextProposal[] {
  const proposals = new Map<string, ContextProposal>();
  for (const { sopClassUid, transferSyntaxUid } of instances) {
    proposals.set(`${sopClassUid} ${transferSyntaxUid}`, {
      abstractSyntax: sopClassUid,
      transferSyntaxes: [transferSyntaxUid],
    });
  }
  return [...proposals.values()];
}

/** C-ECHO. Gives the status. Source: PS3.7 section 9.3.5. */
export async function echo(association: Association): Promise<ServiceReply> {
  const context = association.contextFor(SOP_CLASS.verification, null);
  const command = { commandField: COMMAND.echoRequest, affectedSopClassUid: SOP_CLASS.verification };
  return lastReply(association.request(context, command, null));
}

/**
 * C-STORE of one instance, in exactly its transfer syntax.
 *
 * @throws NoPresentationContextError when the peer does not take it so
 */
export async function store(association: Association, instance: InstanceToStore): Promise<ServiceReply> {
  const context = association.contextFor(instance.sopClassUid, instance.transferSyntaxUid);
  const command = {
    commandField: COMMAND.storeRequest,
    affectedSopClassUid: instance.sopClassUid,
    affectedSopInstanceUid: instance.sopInstanceUid,
    priority: PRIORITY_MEDIUM,
  };
  return lastReply(association.request(context, command, instance.dataset));
}

/**
 * C-FIND. Gives the identifiers that match, in the context's transfer syntax, then the status.
 *
 * @param identifier the query, in the context's transfer syntax
 */
export async function* find(
  association: Association,
  sopClassUid: string,
  identifier: Uint8Array,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, ServiceReply, undefined> {
  const context = association.contextFor(sopClassUid, null);
  const command = { commandField: COMMAND.findRequest, affectedSopClassUid: sopClassUid, priority: PRIORITY_MEDIUM };
  for await (const response of association.request(context, command, identifier, signal)) {
    if (!isPending(response.command.status ?? 0)) return replyOf(response.command);
    if (response.dataset) yield response.dataset;
  }
  throw new AssociationEndedError('connection-lost', 'no final response');
}

/** C-MOVE: asks the peer to send what matches to `destination`. Gives the progress; the last has the final status. */
export async function* move(
  association: Association,
  sopClassUid: string,
  identifier: Uint8Array,
  destination: string,
  signal?: AbortSignal,
): AsyncGenerator<RetrieveProgress, void, undefined> {
  const command = { commandField: COMMAND.moveRequest, moveDestination: destination };
  yield* retrieve(association, sopClassUid, command, identifier, signal);
}

/** C-GET: the peer sends what matches on this association, to the `store` service it was opened with. */
export async function* get(
  association: Association,
  sopClassUid: string,
  identifier: Uint8Array,
  signal?: AbortSignal,
): AsyncGenerator<RetrieveProgress, void, undefined> {
  yield* retrieve(association, sopClassUid, { commandField: COMMAND.getRequest }, identifier, signal);
}

async function* retrieve(
  association: Association,
  sopClassUid: string,
  fields: Pick<Command, 'commandField' | 'moveDestination'>,
  identifier: Uint8Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<RetrieveProgress, void, undefined> {
  const context = association.contextFor(sopClassUid, null);
  const command = { ...fields, affectedSopClassUid: sopClassUid, priority: PRIORITY_MEDIUM };
  for await (const response of association.request(context, command, identifier, signal)) {
    yield {
      status: response.command.status ?? 0,
      remaining: response.command.remainingSuboperations ?? null,
      completed: response.command.completedSuboperations ?? null,
      failed: response.command.failedSuboperations ?? null,
      warning: response.command.warningSuboperations ?? null,
    };
  }
}

/** An N-ACTION or N-EVENT-REPORT to send. */
export interface NormalizedCall {
  sopClassUid: string;
  sopInstanceUid: string;
  /** Action Type ID or Event Type ID. */
  typeId: number;
  /** In the context's transfer syntax. */
  dataset: Uint8Array;
}

/** N-ACTION. Source: PS3.7 section 10.3.5. */
export async function requestAction(association: Association, call: NormalizedCall): Promise<ServiceReply> {
  const context = association.contextFor(call.sopClassUid, null);
  const command = {
    commandField: COMMAND.actionRequest,
    requestedSopClassUid: call.sopClassUid,
    requestedSopInstanceUid: call.sopInstanceUid,
    actionTypeId: call.typeId,
  };
  return lastReply(association.request(context, command, call.dataset));
}

/** N-EVENT-REPORT. Source: PS3.7 section 10.3.1. */
export async function reportEvent(association: Association, call: NormalizedCall): Promise<ServiceReply> {
  const context = association.contextFor(call.sopClassUid, null);
  const command = {
    commandField: COMMAND.eventReportRequest,
    affectedSopClassUid: call.sopClassUid,
    affectedSopInstanceUid: call.sopInstanceUid,
    eventTypeId: call.typeId,
  };
  return lastReply(association.request(context, command, call.dataset));
}

async function lastReply(responses: AsyncIterable<{ command: Command }>): Promise<ServiceReply> {
  let last: Command | undefined;
  for await (const { command } of responses) last = command;
  if (!last) throw new AssociationEndedError('connection-lost', 'no response');
  return replyOf(last);
}

function replyOf(command: Command): ServiceReply {
  const { status, errorComment } = command;
  return { status: status ?? 0, ...(errorComment ? { errorComment } : {}) };
}
