import { type Command, decodeCommand, MAX_COMMAND_BYTES } from './command.js';
import type { PresentationContext } from './negotiation.js';
import type { DataPiece } from './pdu-reader.js';
import { InvalidMessageError } from './protocol-errors.js';

/** Takes messages as they come: first the command, then, when it says so, the pieces of the data set. */
export interface MessageListener {
  command(context: PresentationContext, command: Command): void;
  dataset(bytes: Buffer, isEnd: boolean): void;
}

/** Puts the fragments of an association together to messages, one at a time. Source: PS3.7 section 6.3, PS3.8 annex E. */
export class MessageAssembler {
  readonly #contexts: ReadonlyMap<number, PresentationContext>;
  readonly #listener: MessageListener;
  #commandParts: Buffer[] = [];
  #commandBytes = 0;
  /** The context of the message that has begun, or 0. */
  #contextId = 0;
  #isInDataset = false;

  constructor(contexts: ReadonlyMap<number, PresentationContext>, listener: MessageListener) {
    this.#contexts = contexts;
    this.#listener = listener;
  }

  get isMidMessage(): boolean {
    return this.#contextId !== 0;
  }

  /** @throws InvalidMessageError when the piece does not fit where it comes */
  push(piece: DataPiece): void {
    const context = this.#contexts.get(piece.contextId);
    if (!context) {
      throw new InvalidMessageError('Presentation context', 'an accepted one', String(piece.contextId));
    }
    if (this.#contextId !== 0 && piece.contextId !== this.#contextId) {
      throw new InvalidMessageError('Presentation context', `${this.#contextId} to the end`, String(piece.contextId));
    }
    if (piece.isCommand === this.#isInDataset) {
      const names = ['data set', 'command'];
      throw new InvalidMessageError(
        'Fragment',
        `a ${names[Number(!this.#isInDataset)]}`,
        `a ${names[Number(piece.isCommand)]}`,
      );
    }
    this.#contextId = piece.contextId;
    if (piece.isCommand) this.#commandPiece(context, piece);
    else this.#datasetPiece(piece);
  }

  #commandPiece(context: PresentationContext, piece: DataPiece): void {
    this.#commandBytes += piece.bytes.length;
    if (this.#commandBytes > MAX_COMMAND_BYTES) {
      throw new InvalidMessageError('Command set', `at most ${MAX_COMMAND_BYTES} bytes`, 'more');
    }
    this.#commandParts.push(piece.bytes);
    if (!piece.isEnd) return;
    const bytes = this.#commandParts.length === 1 ? piece.bytes : Buffer.concat(this.#commandParts);
    this.#commandParts = [];
    this.#commandBytes = 0;
    const command = decodeCommand(bytes);
    this.#isInDataset = command.hasDataset;
    if (!command.hasDataset) this.#contextId = 0;
    this.#listener.command(context, command);
  }

  #datasetPiece(piece: DataPiece): void {
    if (piece.isEnd) {
      this.#isInDataset = false;
      this.#contextId = 0;
    }
    this.#listener.dataset(piece.bytes, piece.isEnd);
  }
}
