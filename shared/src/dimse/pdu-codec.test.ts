import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ControlPdu, PDU_HEADER_BYTES } from './pdu.js';
import { decodeControlPdu } from './pdu-decode.js';
import { encodeControlPdu } from './pdu-encode.js';
import { InvalidPduError } from './protocol-errors.js';
import type { UserInformation } from './user-information.js';

const uid = fc
  .array(fc.integer({ min: 0, max: 99999 }), { minLength: 2, maxLength: 8 })
  .map((parts) => parts.join('.'));
const aeTitle = fc.stringMatching(/^[A-Z0-9_]{1,16}$/);
const field = fc.uint8Array({ maxLength: 300 });
const uint16 = fc.integer({ min: 0, max: 0xffff });

const userInformation: fc.Arbitrary<UserInformation> = fc.record(
  {
    maxPduLength: fc.integer({ min: 0, max: 0xffffffff }),
    implementationClassUid: uid,
    implementationVersionName: aeTitle,
    asynchronousOperations: fc.record({ maxInvoked: uint16, maxPerformed: uint16 }),
    roles: fc.array(fc.record({ sopClassUid: uid, scu: fc.boolean(), scp: fc.boolean() }), { maxLength: 4 }),
    extendedNegotiations: fc.array(fc.record({ sopClassUid: uid, information: field }), { maxLength: 3 }),
    userIdentity: fc.record({
      type: fc.integer({ min: 1, max: 5 }),
      wantsResponse: fc.boolean(),
      primaryField: field,
      secondaryField: field,
    }),
    userIdentityResponse: field,
  },
  { requiredKeys: ['maxPduLength', 'implementationClassUid', 'roles', 'extendedNegotiations'] },
);
const head = {
  protocolVersion: uint16,
  calledAeTitle: aeTitle,
  callingAeTitle: aeTitle,
  applicationContext: uid,
  userInformation,
};
const contextId = fc.integer({ min: 0, max: 127 }).map((index) => index * 2 + 1);
const byte = fc.integer({ min: 0, max: 255 });

const controlPdu: fc.Arbitrary<ControlPdu> = fc.oneof(
  fc.record({
    kind: fc.constant('associate-request' as const),
    ...head,
    contexts: fc.array(
      fc.record({ id: contextId, abstractSyntax: uid, transferSyntaxes: fc.array(uid, { maxLength: 5 }) }),
      { maxLength: 128 },
    ),
  }),
  fc.record({
    kind: fc.constant('associate-accept' as const),
    ...head,
    contexts: fc.array(fc.record({ id: contextId, result: byte, transferSyntax: uid }), { maxLength: 128 }),
  }),
  fc.record({ kind: fc.constant('associate-reject' as const), result: byte, source: byte, reason: byte }),
  fc.record({ kind: fc.constant('release-request' as const) }),
  fc.record({ kind: fc.constant('release-reply' as const) }),
  fc.record({ kind: fc.constant('abort' as const), source: byte, reason: byte }),
);

describe('control PDUs', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(controlPdu, (pdu) => {
        const bytes = encodeControlPdu(pdu);
        expect(bytes.readUInt32BE(2)).toBe(bytes.length - PDU_HEADER_BYTES);
        expect(decodeControlPdu(bytes[0] as number, bytes.subarray(PDU_HEADER_BYTES))).toEqual(pdu);
      }),
      { numRuns: 300 },
    );
  });

  it('are refused, never misread, when cut short or damaged', () => {
    fc.assert(
      fc.property(controlPdu, fc.nat(), fc.nat(), byte, (pdu, cut, at, value) => {
        const bytes = encodeControlPdu(pdu).subarray(PDU_HEADER_BYTES);
        const damaged = Buffer.from(bytes.subarray(0, cut % (bytes.length + 1)));
        if (damaged.length > 0) damaged[at % damaged.length] = value;
        try {
          decodeControlPdu(encodeControlPdu(pdu)[0] as number, damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidPduError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('refuse an even presentation context id and more than 128 contexts', () => {
    const request = (ids: number[]): ControlPdu => ({
      kind: 'associate-request',
      protocolVersion: 1,
      calledAeTitle: 'A',
      callingAeTitle: 'B',
      applicationContext: '1.2.840.10008.3.1.1.1',
      contexts: ids.map((id) => ({ id, abstractSyntax: '1.2', transferSyntaxes: ['1.2'] })),
      userInformation: { maxPduLength: 0, implementationClassUid: '1.2', roles: [], extendedNegotiations: [] },
    });
    const decode = (ids: number[]) => decodeControlPdu(1, encodeControlPdu(request(ids)).subarray(PDU_HEADER_BYTES));
    expect(() => decode([2])).toThrow(/presentation context id: expected an odd number, received 2/);
    expect(() => decode(Array.from({ length: 129 }, () => 1))).toThrow(/at most 128/);
  });

  it('skip user information items they do not know', () => {
    const bytes = encodeControlPdu({
      kind: 'associate-accept',
      protocolVersion: 1,
      calledAeTitle: 'A',
      callingAeTitle: 'B',
      applicationContext: '1.2',
      contexts: [],
      userInformation: { maxPduLength: 5, implementationClassUid: '1.2', roles: [], extendedNegotiations: [] },
    });
    const body = Buffer.concat([bytes.subarray(PDU_HEADER_BYTES), Buffer.from([0x5f, 0, 0, 1, 9])]);
    const itemLengthAt = body.lastIndexOf(Buffer.from([0x50, 0]), body.length - 14) + 2;
    body.writeUInt16BE(body.readUInt16BE(itemLengthAt) + 5, itemLengthAt);
    expect(decodeControlPdu(2, body)).toMatchObject({ userInformation: { maxPduLength: 5 } });
  });
});
