import { ByteCursor } from './byte-cursor.js';
import { itemBytes, uint16Bytes, uint32Bytes } from './item-bytes.js';
import { InvalidPduError } from './protocol-errors.js';

/** Sub-item types of the user information item. Source: PS3.7 annex D.3.3. */
const SUB_ITEM = {
  maximumLength: 0x51,
  implementationClassUid: 0x52,
  asynchronousOperations: 0x53,
  roleSelection: 0x54,
  implementationVersionName: 0x55,
  extendedNegotiation: 0x56,
  commonExtendedNegotiation: 0x57,
  userIdentityRequest: 0x58,
  userIdentityResponse: 0x59,
} as const;

/** Largest number of operations in flight each way; 0 means no limit. Source: PS3.7 annex D.3.3.3. */
export interface AsynchronousOperations {
  maxInvoked: number;
  maxPerformed: number;
}

/** Which roles the requestor takes for a SOP class. Source: PS3.7 annex D.3.3.4. */
export interface RoleSelection {
  sopClassUid: string;
  scu: boolean;
  scp: boolean;
}

/** Source: PS3.7 annex D.3.3.5. */
export interface ExtendedNegotiation {
  sopClassUid: string;
  information: Uint8Array;
}

/** Who the peer says it is. Never logged: the fields are secrets. Source: PS3.7 annex D.3.3.7. */
export interface UserIdentity {
  /** 1 user name, 2 with passcode, 3 Kerberos, 4 SAML, 5 JWT; as received. Source: PS3.7 table D.3-14. */
  type: number;
  wantsResponse: boolean;
  primaryField: Uint8Array;
  secondaryField: Uint8Array;
}

/** The user information item of an A-ASSOCIATE PDU, absent parts left out. */
export interface UserInformation {
  /** Largest P-DATA-TF variable field the sender of this item takes, in bytes; 0 means no limit. */
  maxPduLength: number;
  implementationClassUid: string;
  implementationVersionName?: string;
  asynchronousOperations?: AsynchronousOperations;
  roles: RoleSelection[];
  extendedNegotiations: ExtendedNegotiation[];
  userIdentity?: UserIdentity;
  /** Server response to the user identity; empty for types 1 and 2. */
  userIdentityResponse?: Uint8Array;
}

/** Encodes the sub-items, without the header of the item itself. */
export function encodeUserInformation(information: UserInformation): Buffer {
  const parts = [
    itemBytes(SUB_ITEM.maximumLength, uint32Bytes(information.maxPduLength)),
    itemBytes(SUB_ITEM.implementationClassUid, Buffer.from(information.implementationClassUid, 'latin1')),
  ];
  const { asynchronousOperations: operations, implementationVersionName: version } = information;
  if (operations) {
    parts.push(
      itemBytes(
        SUB_ITEM.asynchronousOperations,
        uint16Bytes(operations.maxInvoked),
        uint16Bytes(operations.maxPerformed),
      ),
    );
  }
  for (const role of information.roles) {
    const roles = Buffer.from([Number(role.scu), Number(role.scp)]);
    parts.push(itemBytes(SUB_ITEM.roleSelection, withLength(Buffer.from(role.sopClassUid, 'latin1')), roles));
  }
  if (version) parts.push(itemBytes(SUB_ITEM.implementationVersionName, Buffer.from(version.slice(0, 16), 'latin1')));
  for (const extended of information.extendedNegotiations) {
    const uid = withLength(Buffer.from(extended.sopClassUid, 'latin1'));
    parts.push(itemBytes(SUB_ITEM.extendedNegotiation, uid, extended.information));
  }
  if (information.userIdentity) parts.push(encodeUserIdentity(information.userIdentity));
  if (information.userIdentityResponse) {
    parts.push(itemBytes(SUB_ITEM.userIdentityResponse, withLength(information.userIdentityResponse)));
  }
  return Buffer.concat(parts);
}

function encodeUserIdentity(identity: UserIdentity): Buffer {
  return itemBytes(
    SUB_ITEM.userIdentityRequest,
    Buffer.from([identity.type, Number(identity.wantsResponse)]),
    withLength(identity.primaryField),
    withLength(identity.secondaryField),
  );
}

function withLength(bytes: Uint8Array): Buffer {
  return Buffer.concat([uint16Bytes(bytes.length), bytes]);
}

/**
 * Decodes the sub-items. Unknown ones are skipped, as PS3.8 section 9.3.1 wants.
 *
 * @throws InvalidPduError when a length leads out of the item
 */
export function decodeUserInformation(bytes: Buffer): UserInformation {
  const information: UserInformation = {
    maxPduLength: 0,
    implementationClassUid: '',
    roles: [],
    extendedNegotiations: [],
  };
  const cursor = new ByteCursor(bytes);
  while (cursor.remaining > 0) {
    const type = cursor.uint8('user information sub-item');
    cursor.skip(1, 'user information sub-item');
    const length = cursor.uint16('user information sub-item length');
    readSubItem(information, type, new ByteCursor(cursor.take(length, 'user information sub-item')));
  }
  return information;
}

function readSubItem(information: UserInformation, type: number, item: ByteCursor): void {
  switch (type) {
    case SUB_ITEM.maximumLength:
      information.maxPduLength = item.uint32('maximum length');
      return;
    case SUB_ITEM.implementationClassUid:
      information.implementationClassUid = item.text(item.remaining, 'implementation class UID');
      return;
    case SUB_ITEM.implementationVersionName:
      information.implementationVersionName = item.text(item.remaining, 'implementation version name');
      return;
    case SUB_ITEM.asynchronousOperations:
      information.asynchronousOperations = {
        maxInvoked: item.uint16('maximum operations invoked'),
        maxPerformed: item.uint16('maximum operations performed'),
      };
      return;
    case SUB_ITEM.roleSelection:
      information.roles.push({
        sopClassUid: item.text(item.uint16('role selection UID length'), 'role selection UID'),
        scu: flag(item, 'SCU role'),
        scp: flag(item, 'SCP role'),
      });
      return;
    case SUB_ITEM.extendedNegotiation:
      information.extendedNegotiations.push({
        sopClassUid: item.text(item.uint16('extended negotiation UID length'), 'extended negotiation UID'),
        information: Uint8Array.from(item.rest()),
      });
      return;
    case SUB_ITEM.userIdentityRequest:
      information.userIdentity = decodeUserIdentity(item);
      return;
    case SUB_ITEM.userIdentityResponse:
      information.userIdentityResponse = Uint8Array.from(
        item.take(item.uint16('server response length'), 'server response'),
      );
  }
}

function decodeUserIdentity(item: ByteCursor): UserIdentity {
  const type = item.uint8('user identity type');
  const wantsResponse = flag(item, 'positive response requested');
  const primaryField = Uint8Array.from(item.take(item.uint16('primary field length'), 'primary field'));
  // PS3.7 table D.3-14: the secondary length is always there; some peers leave it out for type 1.
  const secondaryLength = item.remaining === 0 ? 0 : item.uint16('secondary field length');
  return {
    type,
    wantsResponse,
    primaryField,
    secondaryField: Uint8Array.from(item.take(secondaryLength, 'secondary field')),
  };
}

function flag(item: ByteCursor, what: string): boolean {
  const value = item.uint8(what);
  if (value > 1) throw new InvalidPduError('invalid-parameter-value', what, '0 or 1', String(value));
  return value === 1;
}
