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

/** Finds the messages in what comes over the wire, however it is cut. What is between blocks is ignored. */
export class MllpReader {
  #held: Buffer = Buffer.alloc(0);

  /** @throws RangeError when a message is too long */
  push(bytes: Uint8Array): Buffer[] {
    this.#held = Buffer.concat([this.#held, bytes]);
    const messages: Buffer[] = [];
    for (;;) {
      const start = this.#held.indexOf(START_BLOCK);
      const end = start < 0 ? -1 : this.#held.indexOf(Buffer.of(END_BLOCK, CARRIAGE_RETURN), start);
      if (start < 0) this.#held = Buffer.alloc(0);
      if (end < 0) break;
      messages.push(this.#held.subarray(start + 1, end));
      this.#held = this.#held.subarray(end + 2);
    }
    if (this.#held.length > MAX_MESSAGE_BYTES) {
      throw new RangeError(`HL7 message: expected at most ${MAX_MESSAGE_BYTES} bytes; received more`);
    }
    return messages;
  }
}
