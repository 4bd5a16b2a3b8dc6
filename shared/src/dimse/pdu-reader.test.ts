import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CONTROL_PDU_BYTES } from './pdu.js';
import { dataTransferHeader, encodeControlPdu } from './pdu-encode.js';
import { PduReader } from './pdu-reader.js';
import { InvalidPduError } from './protocol-errors.js';

const LIMIT = 4096;

/** What a reader found, fragments of the same context and kind joined. */
function readAll(chunks: Buffer[], limit = LIMIT): { events: string[]; data: Buffer } {
  const events: string[] = [];
  const data: Buffer[] = [];
  const reader = new PduReader(
    {
      dataTransferStarted: () => {},
      piece: ({ contextId, isCommand, isEnd, bytes }) => {
        data.push(bytes);
        if (isEnd)
          events.push(`${isCommand ? 'command' : 'dataset'} ${contextId} ends at ${Buffer.concat(data).length}`);
      },
      control: (pdu) => events.push(pdu.kind),
    },
    limit,
  );
  for (const chunk of chunks) reader.push(chunk);
  return { events, data: Buffer.concat(data) };
}

function cut(bytes: Buffer, lengths: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

function fragment(contextId: number, bytes: Uint8Array, isCommand: boolean, isLast: boolean): Buffer {
  return Buffer.concat([dataTransferHeader(contextId, bytes.length, isCommand, isLast), bytes]);
}

const messages = fc.array(
  fc.record({
    contextId: fc.integer({ min: 1, max: 255 }),
    bytes: fc.uint8Array({ maxLength: 500 }),
    isCommand: fc.boolean(),
    isLast: fc.boolean(),
  }),
  { maxLength: 12 },
);
const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 });

describe('PduReader', () => {
  it('finds the same however the stream is cut into chunks', () => {
    fc.assert(
      fc.property(messages, cuts, (parts, lengths) => {
        const stream = Buffer.concat([
          ...parts.map((part) => fragment(part.contextId, part.bytes, part.isCommand, part.isLast)),
          encodeControlPdu({ kind: 'release-request' }),
        ]);
        expect(readAll(cut(stream, lengths))).toEqual(readAll([stream]));
        expect(readAll([stream]).data).toEqual(Buffer.concat(parts.map((part) => part.bytes)));
      }),
      { numRuns: 300 },
    );
  });

  it('takes several fragments in one PDU', () => {
    const [first, second] = [fragment(1, Buffer.from('ab'), true, true), fragment(1, Buffer.from('cde'), false, true)];
    const joined = Buffer.concat([first.subarray(0, 6), first.subarray(6), second.subarray(6)]);
    joined.writeUInt32BE(joined.length - 6, 2);
    expect(readAll([joined]).events).toEqual(['command 1 ends at 2', 'dataset 1 ends at 5']);
  });

  it('throws nothing but InvalidPduError on damaged streams', () => {
    const damage = fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), { maxLength: 6 });
    fc.assert(
      fc.property(messages, cuts, damage, (parts, lengths, changes) => {
        const stream = Buffer.concat(
          parts.map((part) => fragment(part.contextId, part.bytes, part.isCommand, part.isLast)),
        );
        for (const { at, value } of changes) if (stream.length > 0) stream[at % stream.length] = value;
        try {
          expect(readAll(cut(stream, lengths)).data.length).toBeLessThanOrEqual(stream.length);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidPduError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    [
      'a data PDU longer than announced',
      [4, 0, 0, 0, 0x10, 1],
      /P-DATA-TF length: expected at most 4096 bytes, received 4097/,
    ],
    ['a data PDU of 4 GB', [4, 0, 0xff, 0xff, 0xff, 0xff], /at most 4096 bytes/],
    ['a data PDU without room for a fragment', [4, 0, 0, 0, 0, 5], /at least 6 bytes/],
    ['a control PDU beyond the limit', [1, 0, 0, 4, 0, 1], new RegExp(`at most ${MAX_CONTROL_PDU_BYTES} bytes`)],
    ['an empty control PDU', [5, 0, 0, 0, 0, 0], /expected content/],
    ['an unknown PDU type', [8, 0, 0, 0, 0, 4], /PDU type: expected 1 to 7, received 8/],
    [
      'a fragment longer than its PDU',
      [4, 0, 0, 0, 0, 8, 0, 0, 0, 5, 1, 0],
      /PDV length: expected 2 to 4 bytes, received 5/,
    ],
    ['a fragment too short for its header', [4, 0, 0, 0, 0, 8, 0, 0, 0, 1, 1, 0], /PDV length/],
    ['bytes left over after a fragment', [4, 0, 0, 0, 0, 9, 0, 0, 0, 2, 1, 2], /left in the PDU/],
  ])('refuses %s at its header', (_name, bytes, message) => {
    expect(() => readAll([Buffer.from(bytes)])).toThrow(message);
  });

  it('allocates for an announced control PDU no more than the limit', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 50 }, () => {
      const reader = new PduReader({ dataTransferStarted: () => {}, piece: () => {}, control: () => {} }, LIMIT);
      expect(() => reader.push(Buffer.from([1, 0, 0x7f, 0xff, 0xff, 0xff]))).toThrow(InvalidPduError);
      return reader;
    });
    expect(readers).toHaveLength(50);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * MAX_CONTROL_PDU_BYTES);
  });
});
