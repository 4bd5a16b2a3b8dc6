/** Block framing of the minimal lower layer protocol. Source: HL7 v2.5.1 implementation guide, appendix C.4. */
const START_BLOCK = 0x0b;
const END_BLOCK = 0x1c;
const CARRIAGE_RETURN = 0x0d;
/** Longest message taken from a peer, bytes. [design] Acknowledgements have some hundred. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** A message as it goes over the wire, in UTF-8. */
export function mllpFrame(message: string): Buffer {
  return Buffer.concat([Buffer.of(START_BLOCK), Buffer.from(message, 'utf8'), Buffer.of(END_BLOCK, CARRIAGE_RETURN)]);
}

const END = Buffer.of(END_BLOCK, CARRIAGE_RETURN);

/** Finds the messages in what comes over the wire, however it is cut. What is between blocks is ignored. */
export class MllpReader {
  /** The message that is coming, from its start block on; room grows by doubling, so that single bytes cost no more. */
  #held = Buffer.alloc(0);
  #heldBytes = 0;
  /** Up to here the held bytes hold no end. */
  #searched = 0;

  /** @throws RangeError when a message is too long */
  push(bytes: Uint8Array): Buffer[] {
    this.#append(bytes);
    const messages: Buffer[] = [];
    for (;;) {
      this.#dropBeforeStart();
      const end = this.#held.subarray(0, this.#heldBytes).indexOf(END, this.#searched);
      if (end < 0) break;
      messages.push(Buffer.from(this.#held.subarray(1, end)));
      this.#drop(end + END.length);
    }
    this.#searched = Math.max(0, this.#heldBytes - 1);
    if (this.#heldBytes > MAX_MESSAGE_BYTES) {
      throw new RangeError(`HL7 message: expected at most ${MAX_MESSAGE_BYTES} bytes; received more`);
    }
    return messages;
  }

  #append(bytes: Uint8Array): void {
    const wanted = this.#heldBytes + bytes.length;
    if (wanted > this.#held.length) {
      const larger = Buffer.alloc(Math.max(wanted, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes = wanted;
  }

  #dropBeforeStart(): void {
    const start = this.#held.subarray(0, this.#heldBytes).indexOf(START_BLOCK);
    if (start !== 0) this.#drop(start < 0 ? this.#heldBytes : start);
  }

  #drop(byteCount: number): void {
    this.#held.copyWithin(0, byteCount, this.#heldBytes);
    this.#heldBytes -= byteCount;
    this.#searched = 0;
  }
}
