import type { Association } from './association.js';
import { CollectedDataset } from './collected-dataset.js';
import { COMMAND, type Command, RESPONSE_BIT } from './command.js';
import { type InboundDataset, NOWHERE } from './inbound-dataset.js';
import type { PresentationContext } from './negotiation.js';
import { InvalidMessageError } from './protocol-errors.js';
import type { DimseServices, NormalizedReply, NormalizedRequest, ServiceReply } from './services.js';
import { STATUS } from './status.js';

/** A request of the peer, with what is needed to perform it. */
export interface Operation {
  association: Association;
  services: DimseServices;
  context: PresentationContext;
  command: Command;
  dataset: InboundDataset | null;
}

export interface Performed {
  reply: Command;
  afterwards?: () => void;
}

/**
 * Performs one request of the peer with the service that is there for it.
 *
 * @throws InvalidMessageError when the command lacks what its kind must have; AssociationEndedError when the data set
 * does not come
 */
export async function performOperation(operation: Operation): Promise<Performed> {
  const { messageId } = operation.command;
  if (messageId === undefined) throw new InvalidMessageError('Message ID', 'present', 'absent');
  switch (operation.command.commandField) {
    case COMMAND.echoRequest:
      return { reply: replyTo(operation.command, await performEcho(operation)) };
    case COMMAND.storeRequest:
      return { reply: replyTo(operation.command, await performStore(operation)) };
    case COMMAND.actionRequest:
      return performNormalized(operation, operation.services.action, operation.command.actionTypeId);
    case COMMAND.eventReportRequest:
      return performNormalized(operation, operation.services.eventReport, operation.command.eventTypeId);
    default:
      await operation.dataset?.pipeTo(NOWHERE);
      return { reply: replyTo(operation.command, { status: STATUS.unrecognizedOperation }) };
  }
}

async function performEcho({ services, association, dataset }: Operation): Promise<ServiceReply> {
  await dataset?.pipeTo(NOWHERE);
  return services.echo ? services.echo(association) : { status: STATUS.unrecognizedOperation };
}

async function performStore(operation: Operation): Promise<ServiceReply> {
  const { services, command, context, dataset, association } = operation;
  const sopClassUid = required(command.affectedSopClassUid, 'Affected SOP Class UID');
  const sopInstanceUid = required(command.affectedSopInstanceUid, 'Affected SOP Instance UID');
  if (!dataset) throw new InvalidMessageError('C-STORE-RQ', 'a data set', 'none');
  const { moveOriginatorAeTitle } = command;
  const request = {
    context,
    sopClassUid,
    sopInstanceUid,
    ...(moveOriginatorAeTitle ? { moveOriginatorAeTitle } : {}),
  };
  const decision = services.store
    ? await services.store(request, association)
    : { kind: 'refuse' as const, status: STATUS.unrecognizedOperation };
  if (decision.kind === 'refuse') {
    await dataset.pipeTo(NOWHERE);
    return decision;
  }
  try {
    await dataset.pipeTo(decision.sink);
  } catch (error) {
    await decision.sink.discard();
    throw error;
  }
  return decision.sink.end();
}

async function performNormalized(
  operation: Operation,
  service: DimseServices['action'],
  typeId: number | undefined,
): Promise<Performed> {
  const { command, context, dataset, association } = operation;
  const collected = new CollectedDataset();
  await dataset?.pipeTo(collected);
  if (!service) return { reply: replyTo(command, { status: STATUS.unrecognizedOperation }) };
  const request: NormalizedRequest = {
    context,
    sopClassUid: required(command.requestedSopClassUid ?? command.affectedSopClassUid, 'SOP Class UID'),
    sopInstanceUid: required(command.requestedSopInstanceUid ?? command.affectedSopInstanceUid, 'SOP Instance UID'),
    typeId: typeId ?? 0,
    dataset: collected.bytes(),
  };
  const reply: NormalizedReply = await service(request, association);
  return { reply: replyTo(command, reply), ...(reply.afterwards ? { afterwards: reply.afterwards } : {}) };
}

/** PS3.7 chapters 9.3 and 10.3: a response names what its request named. */
function replyTo(request: Command, { status, errorComment }: ServiceReply): Command {
  const sopClassUid = request.affectedSopClassUid ?? request.requestedSopClassUid;
  const sopInstanceUid = request.affectedSopInstanceUid ?? request.requestedSopInstanceUid;
  return {
    commandField: request.commandField | RESPONSE_BIT,
    messageIdBeingRespondedTo: request.messageId ?? 0,
    hasDataset: false,
    status,
    ...(sopClassUid ? { affectedSopClassUid: sopClassUid } : {}),
    ...(sopInstanceUid ? { affectedSopInstanceUid: sopInstanceUid } : {}),
    ...(request.eventTypeId === undefined ? {} : { eventTypeId: request.eventTypeId }),
    ...(request.actionTypeId === undefined ? {} : { actionTypeId: request.actionTypeId }),
    ...(errorComment ? { errorComment } : {}),
  };
}

function required(value: string | undefined, what: string): string {
  if (!value) throw new InvalidMessageError(what, 'present', 'absent');
  return value;
}
