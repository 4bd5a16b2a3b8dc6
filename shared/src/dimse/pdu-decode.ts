import { ByteCursor } from './byte-cursor.js';
import {
  type AssociateAccept,
  type AssociateRequest,
  type ContextAnswer,
  type ControlPdu,
  MAX_PRESENTATION_CONTEXTS,
  PDU_TYPE,
  type ProposedContext,
} from './pdu.js';
import { ITEM_TYPE } from './pdu-encode.js';
import { InvalidPduError } from './protocol-errors.js';
import { decodeUserInformation, type UserInformation } from './user-information.js';

/**
 * Decodes a PDU other than P-DATA-TF from its variable field.
 *
 * @param type PDU type from the header
 * @param body the bytes after the header, exactly as many as it announced
 * @throws InvalidPduError when it breaks PS3.8 section 9.3
 */
export function decodeControlPdu(type: number, body: Buffer): ControlPdu {
  const cursor = new ByteCursor(body);
  switch (type) {
    case PDU_TYPE.associateRequest:
      return decodeAssociateRequest(cursor);
    case PDU_TYPE.associateAccept:
      return decodeAssociateAccept(cursor);
    case PDU_TYPE.associateReject: {
      cursor.skip(1, 'A-ASSOCIATE-RJ');
      return {
        kind: 'associate-reject',
        result: cursor.uint8('result'),
        source: cursor.uint8('source'),
        reason: cursor.uint8('reason'),
      };
    }
    case PDU_TYPE.releaseRequest:
      cursor.skip(4, 'A-RELEASE-RQ');
      return { kind: 'release-request' };
    case PDU_TYPE.releaseReply:
      cursor.skip(4, 'A-RELEASE-RP');
      return { kind: 'release-reply' };
    case PDU_TYPE.abort:
      cursor.skip(2, 'A-ABORT');
      return { kind: 'abort', source: cursor.uint8('source'), reason: cursor.uint8('reason') };
    default:
      throw new InvalidPduError('unrecognized-pdu', 'PDU type', '1 to 7', String(type));
  }
}

interface AssociateItems<Context> {
  applicationContext: string;
  contexts: Context[];
  userInformation: UserInformation;
}

function decodeAssociateRequest(cursor: ByteCursor): AssociateRequest {
  const head = associateHead(cursor);
  const items = associateItems(cursor, ITEM_TYPE.proposedContext, proposedContext);
  return { kind: 'associate-request', ...head, ...items };
}

function decodeAssociateAccept(cursor: ByteCursor): AssociateAccept {
  const head = associateHead(cursor);
  const items = associateItems(cursor, ITEM_TYPE.contextAnswer, contextAnswer);
  return { kind: 'associate-accept', ...head, ...items };
}

function associateHead(cursor: ByteCursor) {
  const protocolVersion = cursor.uint16('protocol version');
  cursor.skip(2, 'reserved');
  const calledAeTitle = cursor.text(16, 'called AE title');
  const callingAeTitle = cursor.text(16, 'calling AE title');
  cursor.skip(32, 'reserved');
  return { protocolVersion, calledAeTitle, callingAeTitle };
}

function associateItems<Context>(
  cursor: ByteCursor,
  contextType: number,
  readContext: (item: ByteCursor) => Context,
): AssociateItems<Context> {
  let applicationContext = '';
  const contexts: Context[] = [];
  let userInformation: UserInformation | undefined;
  while (cursor.remaining > 0) {
    const type = cursor.uint8('item type');
    cursor.skip(1, 'item');
    const length = cursor.uint16('item length');
    const value = cursor.take(length, 'item');
    if (type === ITEM_TYPE.applicationContext) applicationContext = new ByteCursor(value).text(length, 'item');
    else if (type === contextType) {
      contexts.push(readContext(new ByteCursor(value)));
      if (contexts.length > MAX_PRESENTATION_CONTEXTS) throw tooManyContexts(contexts.length);
    } else if (type === ITEM_TYPE.userInformation) userInformation = decodeUserInformation(value);
  }
  return { applicationContext, contexts, userInformation: userInformation ?? decodeUserInformation(Buffer.alloc(0)) };
}

function tooManyContexts(received: number): InvalidPduError {
  return new InvalidPduError(
    'invalid-parameter-value',
    'presentation contexts',
    `at most ${MAX_PRESENTATION_CONTEXTS}`,
    String(received),
  );
}

function proposedContext(item: ByteCursor): ProposedContext {
  const id = contextId(item);
  item.skip(3, 'presentation context');
  const context: ProposedContext = { id, abstractSyntax: '', transferSyntaxes: [] };
  forEachSubItem(item, (type, text) => {
    if (type === ITEM_TYPE.abstractSyntax) context.abstractSyntax = text;
    else if (type === ITEM_TYPE.transferSyntax) context.transferSyntaxes.push(text);
  });
  return context;
}

function contextAnswer(item: ByteCursor): ContextAnswer {
  const id = contextId(item);
  item.skip(1, 'presentation context');
  const context: ContextAnswer = { id, result: item.uint8('result'), transferSyntax: '' };
  item.skip(1, 'presentation context');
  forEachSubItem(item, (type, text) => {
    if (type === ITEM_TYPE.transferSyntax) context.transferSyntax = text;
  });
  return context;
}

function contextId(item: ByteCursor): number {
  const id = item.uint8('presentation context id');
  if (id % 2 === 0) {
    throw new InvalidPduError('invalid-parameter-value', 'presentation context id', 'an odd number', String(id));
  }
  return id;
}

function forEachSubItem(item: ByteCursor, visit: (type: number, text: string) => void): void {
  while (item.remaining > 0) {
    const type = item.uint8('sub-item type');
    item.skip(1, 'sub-item');
    visit(type, item.text(item.uint16('sub-item length'), 'sub-item'));
  }
}
