import { itemBytes, uint16Bytes, uint32Bytes } from './item-bytes.js';
import {
  type AssociateAccept,
  type AssociateRequest,
  type ControlPdu,
  PDU_HEADER_BYTES,
  PDU_TYPE,
  PDV_HEADER_BYTES,
} from './pdu.js';
import { encodeUserInformation } from './user-information.js';

/** Item types of the A-ASSOCIATE PDUs. Source: PS3.8 sections 9.3.2 and 9.3.3. */
export const ITEM_TYPE = {
  applicationContext: 0x10,
  proposedContext: 0x20,
  contextAnswer: 0x21,
  abstractSyntax: 0x30,
  transferSyntax: 0x40,
  userInformation: 0x50,
} as const;

const AE_TITLE_BYTES = 16;
/** Reserved bytes of the A-ASSOCIATE PDUs. Source: PS3.8 table 9-11. */
const RESERVED = Buffer.alloc(32);

/** Encodes any PDU but P-DATA-TF, header included. Source: PS3.8 section 9.3. */
export function encodeControlPdu(pdu: ControlPdu): Buffer {
  switch (pdu.kind) {
    case 'associate-request':
      return withHeader(PDU_TYPE.associateRequest, associateBody(pdu, proposedContexts(pdu)));
    case 'associate-accept':
      return withHeader(PDU_TYPE.associateAccept, associateBody(pdu, contextAnswers(pdu)));
    case 'associate-reject':
      return withHeader(PDU_TYPE.associateReject, Buffer.from([0, pdu.result, pdu.source, pdu.reason]));
    case 'release-request':
      return withHeader(PDU_TYPE.releaseRequest, Buffer.alloc(4));
    case 'release-reply':
      return withHeader(PDU_TYPE.releaseReply, Buffer.alloc(4));
    case 'abort':
      return withHeader(PDU_TYPE.abort, Buffer.from([0, 0, pdu.source, pdu.reason]));
  }
}

function withHeader(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 0]), uint32Bytes(body.length), body]);
}

function associateBody(pdu: AssociateRequest | AssociateAccept, contexts: Buffer[]): Buffer {
  return Buffer.concat([
    uint16Bytes(pdu.protocolVersion),
    uint16Bytes(0),
    aeTitleBytes(pdu.calledAeTitle),
    aeTitleBytes(pdu.callingAeTitle),
    RESERVED,
    itemBytes(ITEM_TYPE.applicationContext, Buffer.from(pdu.applicationContext, 'latin1')),
    ...contexts,
    itemBytes(ITEM_TYPE.userInformation, encodeUserInformation(pdu.userInformation)),
  ]);
}

function proposedContexts(pdu: AssociateRequest): Buffer[] {
  return pdu.contexts.map((context) =>
    itemBytes(
      ITEM_TYPE.proposedContext,
      Buffer.from([context.id, 0, 0, 0]),
      itemBytes(ITEM_TYPE.abstractSyntax, Buffer.from(context.abstractSyntax, 'latin1')),
      ...context.transferSyntaxes.map((uid) => itemBytes(ITEM_TYPE.transferSyntax, Buffer.from(uid, 'latin1'))),
    ),
  );
}

function contextAnswers(pdu: AssociateAccept): Buffer[] {
  return pdu.contexts.map((context) =>
    itemBytes(
      ITEM_TYPE.contextAnswer,
      Buffer.from([context.id, 0, context.result, 0]),
      itemBytes(ITEM_TYPE.transferSyntax, Buffer.from(context.transferSyntax, 'latin1')),
    ),
  );
}

function aeTitleBytes(title: string): Buffer {
  if (title.length > AE_TITLE_BYTES) {
    throw new RangeError(`AE title: expected at most ${AE_TITLE_BYTES} characters, got ${title.length}`);
  }
  return Buffer.from(title.padEnd(AE_TITLE_BYTES, ' '), 'latin1');
}

/**
 * The 12 bytes in front of one fragment sent in a P-DATA-TF PDU of its own.
 *
 * @param fragmentLength bytes of the fragment that follows
 */
export function dataTransferHeader(
  contextId: number,
  fragmentLength: number,
  isCommand: boolean,
  isLast: boolean,
): Buffer {
  const header = Buffer.allocUnsafe(PDU_HEADER_BYTES + PDV_HEADER_BYTES);
  header[0] = PDU_TYPE.dataTransfer;
  header[1] = 0;
  header.writeUInt32BE(fragmentLength + PDV_HEADER_BYTES, 2);
  header.writeUInt32BE(fragmentLength + 2, 6);
  header[10] = contextId;
  // PS3.8 annex E.2: bit 0 command, bit 1 last fragment.
  header[11] = Number(isCommand) | (Number(isLast) << 1);
  return header;
}
