import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMAND, type Command, decodeCommand, encodeCommand } from './command.js';
import { InvalidMessageError } from './protocol-errors.js';

const uid = fc
  .array(fc.integer({ min: 0, max: 99999 }), { minLength: 2, maxLength: 8 })
  .map((parts) => parts.join('.'));
const uint16 = fc.integer({ min: 0, max: 0xffff });
const aeTitle = fc.stringMatching(/^[A-Z0-9_]{1,16}$/);

const command: fc.Arbitrary<Command> = fc.record(
  {
    affectedSopClassUid: uid,
    requestedSopClassUid: uid,
    commandField: uint16,
    messageId: uint16,
    messageIdBeingRespondedTo: uint16,
    moveDestination: aeTitle,
    priority: uint16,
    hasDataset: fc.boolean(),
    status: uint16,
    errorComment: fc.stringMatching(/^[A-Za-z0-9]{1,64}$/),
    affectedSopInstanceUid: uid,
    requestedSopInstanceUid: uid,
    eventTypeId: uint16,
    actionTypeId: uint16,
    remainingSuboperations: uint16,
    completedSuboperations: uint16,
    failedSuboperations: uint16,
    warningSuboperations: uint16,
    moveOriginatorAeTitle: aeTitle,
    moveOriginatorMessageId: uint16,
  },
  { requiredKeys: ['commandField', 'hasDataset'] },
);

/** C-ECHO-RQ as dcmtk's echoscu sends it. */
const ECHO_REQUEST = Buffer.from(
  '00000000040000003800000000000200120000003' +
    '12e322e3834302e31303030382e312e3100' +
    '000000010200000030000000100102000000010000000008020000000101',
  'hex',
);

const edited = (edit: (bytes: Buffer) => void) => (bytes: Buffer) => {
  edit(bytes);
  return bytes;
};

describe('command sets', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(command, (given) => {
        expect(decodeCommand(encodeCommand(given))).toEqual(given);
      }),
    );
  });

  it('read a C-ECHO-RQ byte by byte as the standard lays it out', () => {
    const expected = {
      commandField: COMMAND.echoRequest,
      messageId: 1,
      affectedSopClassUid: '1.2.840.10008.1.1',
      hasDataset: false,
    };
    expect(decodeCommand(ECHO_REQUEST)).toEqual(expected);
    expect(encodeCommand(expected)).toEqual(ECHO_REQUEST);
  });

  it('throw nothing but InvalidMessageError when damaged', () => {
    fc.assert(
      fc.property(command, fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 }), (given, at, end, value) => {
        const bytes = encodeCommand(given);
        bytes[at % bytes.length] = value;
        try {
          decodeCommand(bytes.subarray(0, end % (bytes.length + 1)));
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidMessageError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    [
      'an element longer than the set',
      edited((b) => b.writeUInt32LE(0xfffffffe, 16)),
      /length of \(0000,0002\): expected at most 48/,
    ],
    ['a wrong group length', edited((b) => b.writeUInt32LE(99, 8)), /Command Group Length: expected 56, received 99/],
    ['an element of another group', edited((b) => b.writeUInt16LE(8, 12)), /group: expected 0000, received 0008/],
    ['elements out of order', edited((b) => b.writeUInt16LE(0, 14)), /element order/],
    ['half an element header', (b) => b.subarray(0, 41), /Command/],
    ['no command field', (b) => b.subarray(12, 38), /Command Field: expected present/],
  ])('refuse %s', (_name, damage, message) => {
    expect(() => decodeCommand(damage(Buffer.from(ECHO_REQUEST)))).toThrow(message);
  });
});
