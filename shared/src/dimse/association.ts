import type { AssociationOptions, OutboundDataset, Peer } from './association-options.js';
import { CollectedDataset } from './collected-dataset.js';
import { COMMAND, type Command, encodeCommand, RESPONSE_BIT } from './command.js';
import { InboundDataset } from './inbound-dataset.js';
import { InvocationWindow } from './invocation-window.js';
import { MessageAssembler } from './message-assembler.js';
import type { PresentationContext } from './negotiation.js';
import type { DataPiece } from './pdu-reader.js';
import { type DimseResponse, PendingRequest } from './pending-request.js';
import { performOperation } from './perform-operation.js';
import {
  AssociationEndedError,
  type EndCause,
  InvalidMessageError,
  NoPresentationContextError,
} from './protocol-errors.js';
import { ReadGate } from './read-gate.js';
import { isPending } from './status.js';

/** A response whose data set is still coming. */
interface IncompleteResponse {
  pending: PendingRequest;
  command: Command;
  dataset: CollectedDataset;
}

/** Even where the peer sets no limit. [design] */
const MAX_OPERATIONS = 64;

/** An established association: sends requests and awaits their responses, performs the peer's requests. */
export class Association {
  readonly peer: Peer;
  readonly contexts: ReadonlyMap<number, PresentationContext>;
  /** Settles when the association is over, however it ended. */
  readonly ended: Promise<EndCause>;
  readonly #options: AssociationOptions;
  readonly #gate: ReadGate;
  readonly #assembler: MessageAssembler;
  readonly #pending = new Map<number, PendingRequest>();
  readonly #window: InvocationWindow;
  readonly #maxPerformed: number;
  #resolveEnded: (cause: EndCause) => void = () => {};
  #inbound: InboundDataset | null = null;
  #response: IncompleteResponse | null = null;
  #performing = 0;
  #isHoldingForWindow = false;
  #releaseWanted = false;
  #lastMessageId = 0;
  #lastSend: Promise<unknown> = Promise.resolve();
  #end: AssociationEndedError | null = null;

  constructor(options: AssociationOptions) {
    this.#options = options;
    this.peer = options.peer;
    this.contexts = options.contexts;
    this.#gate = new ReadGate(
      () => options.upperLayer.pause(),
      () => options.upperLayer.resume(),
    );
    this.#window = new InvocationWindow(withinLimit(options.maxInvoked));
    this.#maxPerformed = withinLimit(options.maxPerformed);
    this.#assembler = new MessageAssembler(options.contexts, {
      command: (context, command) => this.#commandArrived(context, command),
      dataset: (bytes, isEnd) => this.#datasetArrived(bytes, isEnd),
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  get isOpen(): boolean {
    return this.#end === null;
  }

  /** For the watchdog. */
  activity(): { isBusy: boolean; isMidMessage: boolean } {
    return {
      isBusy: this.#performing > 0 || this.#pending.size > 0,
      isMidMessage: this.#assembler.isMidMessage,
    };
  }

  /**
   * The accepted context for a SOP class, and a transfer syntax unless null.
   *
   * @throws NoPresentationContextError when there is none
   */
  contextFor(sopClassUid: string, transferSyntaxUid: string | null): PresentationContext {
    for (const context of this.contexts.values()) {
      const fits = transferSyntaxUid === null || context.transferSyntax === transferSyntaxUid;
      if (context.abstractSyntax === sopClassUid && fits) return context;
    }
    throw new NoPresentationContextError(sopClassUid, transferSyntaxUid);
  }

  /**
   * Sends a request and gives its responses, the last of which is not pending.
   *
   * @param signal aborting it asks the peer to stop (C-CANCEL); the responses go on to the last
   * @throws AssociationEndedError, PeerTimeoutError
   */
  async *request(
    context: PresentationContext,
    command: Omit<Command, 'messageId' | 'hasDataset'>,
    dataset: OutboundDataset | null,
    signal?: AbortSignal,
  ): AsyncGenerator<DimseResponse, void, undefined> {
    await this.#window.enter();
    const messageId = this.#nextMessageId();
    const pending = new PendingRequest(this.#gate, this.#options.responseTimeoutMs, (error) => {
      pending.fail(error);
      this.abort(error.message);
    });
    const cancel = () => void this.#cancel(context, messageId);
    try {
      if (this.#end) throw this.#end;
      this.#pending.set(messageId, pending);
      await this.#send(context, { ...command, messageId, hasDataset: dataset !== null }, dataset);
      signal?.addEventListener('abort', cancel, { once: true });
      for (;;) {
        pending.startTimer();
        const response = await pending.next();
        yield response;
        if (!isPending(response.command.status ?? 0)) return;
      }
    } finally {
      signal?.removeEventListener('abort', cancel);
      pending.close();
      this.#pending.delete(messageId);
      this.#window.leave();
    }
  }

  /** Sends what is under way, then ends the association in order. Settles when it is over. */
  async release(): Promise<void> {
    await this.#lastSend;
    this.#options.upperLayer.releaseAssociation();
    await this.ended;
  }

  /** Ends the association at once. `detail` is for our own log; the peer sees an A-ABORT. */
  abort(detail: string): void {
    this.#options.upperLayer.abort(detail);
  }

  /** From the upper layer. */
  piece(piece: DataPiece): void {
    try {
      this.#assembler.push(piece);
    } catch (error) {
      if (!(error instanceof InvalidMessageError)) throw error;
      this.abort(error.message);
    }
  }

  /** From the upper layer. */
  releaseRequested(): void {
    this.#releaseWanted = true;
    this.#replyReleaseWhenIdle();
  }

  /** From the upper layer. */
  connectionEnded(cause: EndCause, detail: string): void {
    const error = new AssociationEndedError(cause, detail);
    this.#end = error;
    this.#inbound?.fail(error);
    for (const pending of this.#pending.values()) pending.fail(error);
    this.#window.open();
    this.#resolveEnded(cause);
  }

  #commandArrived(context: PresentationContext, command: Command): void {
    if (command.commandField & RESPONSE_BIT) {
      this.#responseArrived(command);
      return;
    }
    this.#inbound = command.hasDataset ? new InboundDataset(this.#gate) : null;
    if (command.commandField !== COMMAND.cancelRequest) void this.#perform(context, command, this.#inbound);
  }

  #datasetArrived(bytes: Buffer, isEnd: boolean): void {
    if (this.#response) {
      this.#responseDatasetArrived(this.#response, bytes, isEnd);
      return;
    }
    const dataset = this.#inbound;
    dataset?.push(bytes);
    if (!isEnd) return;
    this.#inbound = null;
    dataset?.end();
  }

  /** Without a detour through promises: responses are delivered in the order they came. */
  #responseArrived(command: Command): void {
    const messageId = command.messageIdBeingRespondedTo ?? -1;
    const pending = this.#pending.get(messageId);
    if (!pending) throw new InvalidMessageError('Response', 'to a request under way', `to message ${messageId}`);
    if (command.hasDataset) this.#response = { pending, command, dataset: new CollectedDataset() };
    else pending.push({ command, dataset: null });
  }

  #responseDatasetArrived(response: IncompleteResponse, bytes: Buffer, isEnd: boolean): void {
    response.dataset.write(bytes);
    if (!isEnd) return;
    this.#response = null;
    response.pending.push({ command: response.command, dataset: response.dataset.bytes() });
  }

  async #perform(context: PresentationContext, command: Command, dataset: InboundDataset | null): Promise<void> {
    this.#startPerforming();
    try {
      const { reply, afterwards } = await performOperation({
        association: this,
        services: this.#options.services,
        context,
        command,
        dataset,
      });
      if (this.#end) return;
      await this.#send(context, reply, null);
      afterwards?.();
    } catch (error) {
      // A service that fails without an answer of its own leaves the peer nothing to wait for.
      this.abort(error instanceof Error ? error.message : String(error));
    } finally {
      this.#stopPerforming();
    }
  }

  #startPerforming(): void {
    this.#performing += 1;
    if (this.#performing > this.#maxPerformed && !this.#isHoldingForWindow) {
      this.#isHoldingForWindow = true;
      this.#gate.hold();
    }
  }

  #stopPerforming(): void {
    this.#performing -= 1;
    if (this.#isHoldingForWindow && this.#performing <= this.#maxPerformed) {
      this.#isHoldingForWindow = false;
      this.#gate.release();
    }
    this.#replyReleaseWhenIdle();
  }

  #replyReleaseWhenIdle(): void {
    if (this.#releaseWanted && this.#performing === 0) this.#options.upperLayer.replyRelease();
  }

  async #cancel(context: PresentationContext, messageIdBeingRespondedTo: number): Promise<void> {
    if (this.#end) return;
    const command = { commandField: COMMAND.cancelRequest, messageIdBeingRespondedTo, hasDataset: false };
    await this.#send(context, command, null).catch(() => {});
  }

  /** Messages go out one after the other: fragments of two must not mix. */
  #send(context: PresentationContext, command: Command, dataset: OutboundDataset | null): Promise<void> {
    const sent = this.#lastSend.then(() => this.#write(context.id, command, dataset));
    this.#lastSend = sent.catch(() => {});
    return sent;
  }

  async #write(contextId: number, command: Command, dataset: OutboundDataset | null): Promise<void> {
    this.#sendPiece(contextId, true, encodeCommand(command), true);
    if (dataset === null) return;
    if (dataset instanceof Uint8Array) {
      if (!this.#sendPiece(contextId, false, dataset, true)) await this.#options.upperLayer.drained();
      return;
    }
    let held: Uint8Array = new Uint8Array(0);
    for await (const bytes of dataset) {
      if (held.length > 0 && !this.#sendPiece(contextId, false, held, false)) await this.#options.upperLayer.drained();
      held = bytes;
    }
    if (!this.#sendPiece(contextId, false, held, true)) await this.#options.upperLayer.drained();
  }

  #sendPiece(contextId: number, isCommand: boolean, bytes: Uint8Array, isLast: boolean): boolean {
    if (this.#end) throw this.#end;
    return this.#options.upperLayer.sendData(contextId, isCommand, bytes, isLast);
  }

  #nextMessageId(): number {
    do {
      this.#lastMessageId = (this.#lastMessageId % 0xffff) + 1;
    } while (this.#pending.has(this.#lastMessageId));
    return this.#lastMessageId;
  }
}

function withinLimit(operations: number): number {
  return operations === 0 ? MAX_OPERATIONS : Math.min(operations, MAX_OPERATIONS);
}
