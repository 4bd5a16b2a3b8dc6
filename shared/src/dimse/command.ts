import { trimPadding } from './byte-cursor.js';
import { InvalidMessageError } from './protocol-errors.js';

/** Command Field (0000,0100). Source: PS3.7 annex E.1. */
export const COMMAND = {
  storeRequest: 0x0001,
  storeResponse: 0x8001,
  getRequest: 0x0010,
  getResponse: 0x8010,
  findRequest: 0x0020,
  findResponse: 0x8020,
  moveRequest: 0x0021,
  moveResponse: 0x8021,
  echoRequest: 0x0030,
  echoResponse: 0x8030,
  eventReportRequest: 0x0100,
  eventReportResponse: 0x8100,
  actionRequest: 0x0130,
  actionResponse: 0x8130,
  cancelRequest: 0x0fff,
} as const;

/** A response's command field is its request's with this bit set. */
export const RESPONSE_BIT = 0x8000;
/** Command Data Set Type that says "no data set follows"; any other value says one does. Source: PS3.7 annex E.1. */
const NO_DATASET = 0x0101;
const DATASET_FOLLOWS = 0x0001;

/** Largest command set we take. [design] Real ones have a few hundred bytes. */
export const MAX_COMMAND_BYTES = 64 * 1024;

/** The fields of a command set that the services here use; absent ones are left out. Source: PS3.7 annex E.1. */
export interface Command {
  affectedSopClassUid?: string;
  requestedSopClassUid?: string;
  commandField: number;
  messageId?: number;
  messageIdBeingRespondedTo?: number;
  moveDestination?: string;
  priority?: number;
  hasDataset: boolean;
  status?: number;
  errorComment?: string;
  affectedSopInstanceUid?: string;
  requestedSopInstanceUid?: string;
  eventTypeId?: number;
  actionTypeId?: number;
  remainingSuboperations?: number;
  completedSuboperations?: number;
  failedSuboperations?: number;
  warningSuboperations?: number;
  moveOriginatorAeTitle?: string;
  moveOriginatorMessageId?: number;
}

type FieldName = Exclude<keyof Command, 'hasDataset'>;
type FieldVr = 'UI' | 'US' | 'AE' | 'LO';

/** Element numbers in ascending order, as they are sent. */
const FIELDS: readonly { element: number; name: FieldName; vr: FieldVr }[] = [
  { element: 0x0002, name: 'affectedSopClassUid', vr: 'UI' },
  { element: 0x0003, name: 'requestedSopClassUid', vr: 'UI' },
  { element: 0x0100, name: 'commandField', vr: 'US' },
  { element: 0x0110, name: 'messageId', vr: 'US' },
  { element: 0x0120, name: 'messageIdBeingRespondedTo', vr: 'US' },
  { element: 0x0600, name: 'moveDestination', vr: 'AE' },
  { element: 0x0700, name: 'priority', vr: 'US' },
  { element: 0x0900, name: 'status', vr: 'US' },
  { element: 0x0902, name: 'errorComment', vr: 'LO' },
  { element: 0x1000, name: 'affectedSopInstanceUid', vr: 'UI' },
  { element: 0x1001, name: 'requestedSopInstanceUid', vr: 'UI' },
  { element: 0x1002, name: 'eventTypeId', vr: 'US' },
  { element: 0x1008, name: 'actionTypeId', vr: 'US' },
  { element: 0x1020, name: 'remainingSuboperations', vr: 'US' },
  { element: 0x1021, name: 'completedSuboperations', vr: 'US' },
  { element: 0x1022, name: 'failedSuboperations', vr: 'US' },
  { element: 0x1023, name: 'warningSuboperations', vr: 'US' },
  { element: 0x1030, name: 'moveOriginatorAeTitle', vr: 'AE' },
  { element: 0x1031, name: 'moveOriginatorMessageId', vr: 'US' },
];
const FIELD_OF_ELEMENT = new Map(FIELDS.map((field) => [field.element, field]));
const GROUP_LENGTH_ELEMENT = 0x0000;
const DATASET_TYPE_ELEMENT = 0x0800;
/** LO. Source: PS3.5 table 6.2-1. */
const MAX_ERROR_COMMENT = 64;

/** Encodes a command set in Implicit VR Little Endian with its group length. Source: PS3.7 section 6.3.1. */
export function encodeCommand(command: Command): Buffer {
  const elements: Buffer[] = [];
  let datasetTypeWritten = false;
  for (const { element, name, vr } of FIELDS) {
    if (element > DATASET_TYPE_ELEMENT && !datasetTypeWritten) {
      elements.push(encodeElement(DATASET_TYPE_ELEMENT, 'US', command.hasDataset ? DATASET_FOLLOWS : NO_DATASET));
      datasetTypeWritten = true;
    }
    const value = command[name];
    if (value !== undefined) elements.push(encodeElement(element, vr, value));
  }
  const body = Buffer.concat(elements);
  const groupLength = Buffer.alloc(12);
  groupLength.writeUInt32LE(4, 4);
  groupLength.writeUInt32LE(body.length, 8);
  return Buffer.concat([groupLength, body]);
}

function encodeElement(element: number, vr: FieldVr, value: string | number): Buffer {
  const bytes = typeof value === 'number' ? uint16LittleEndian(value) : evenText(value, vr);
  const header = Buffer.alloc(8);
  header.writeUInt16LE(element, 2);
  header.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

function uint16LittleEndian(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16LE(value, 0);
  return bytes;
}

function evenText(text: string, vr: FieldVr): Buffer {
  const limited = vr === 'LO' ? text.slice(0, MAX_ERROR_COMMENT) : text;
  const padding = vr === 'UI' ? '\0' : ' ';
  return Buffer.from(limited.length % 2 === 0 ? limited : limited + padding, 'latin1');
}

/**
 * Decodes a command set. Elements of group 0000 that no service here uses are skipped.
 *
 * @throws InvalidMessageError when a length is wrong, an element is out of order or of another group, or the command
 * field or data set type is missing
 */
export function decodeCommand(bytes: Buffer): Command {
  const command: Partial<Command> = {};
  let at = 0;
  let previous = -1;
  while (at < bytes.length) {
    if (bytes.length - at < 8) throw invalid('element header', '8 bytes', `${bytes.length - at} bytes left`);
    const group = bytes.readUInt16LE(at);
    const element = bytes.readUInt16LE(at + 2);
    const length = bytes.readUInt32LE(at + 4);
    at += 8;
    if (group !== 0) throw invalid('group', '0000', group.toString(16).padStart(4, '0'));
    if (element <= previous) throw invalid('element order', `above ${hex(previous)}`, hex(element));
    if (length > bytes.length - at) {
      throw invalid(`length of ${hex(element)}`, `at most ${bytes.length - at}`, String(length));
    }
    readElement(command, element, bytes.subarray(at, at + length), bytes.length - at - length);
    previous = element;
    at += length;
  }
  const { commandField, hasDataset } = command;
  if (commandField === undefined) throw invalid('Command Field', 'present', 'absent');
  if (hasDataset === undefined) throw invalid('Command Data Set Type', 'present', 'absent');
  return { ...command, commandField, hasDataset };
}

function readElement(command: Partial<Command>, element: number, value: Buffer, bytesAfter: number): void {
  if (element === GROUP_LENGTH_ELEMENT) {
    if (value.length !== 4) throw invalid('length of Command Group Length', '4', String(value.length));
    const groupLength = value.readUInt32LE(0);
    if (groupLength !== bytesAfter) throw invalid('Command Group Length', String(bytesAfter), String(groupLength));
    return;
  }
  if (element === DATASET_TYPE_ELEMENT) {
    command.hasDataset = readUint16(value, element) !== NO_DATASET;
    return;
  }
  const field = FIELD_OF_ELEMENT.get(element);
  if (!field) return;
  if (field.vr === 'US') Object.assign(command, { [field.name]: readUint16(value, element) });
  else Object.assign(command, { [field.name]: trimPadding(value.toString('latin1')) });
}

function readUint16(value: Buffer, element: number): number {
  if (value.length !== 2) throw invalid(`length of ${hex(element)}`, '2', String(value.length));
  return value.readUInt16LE(0);
}

function invalid(what: string, expected: string, received: string): InvalidMessageError {
  return new InvalidMessageError(`Command set, ${what}`, expected, received);
}

function hex(element: number): string {
  return `(0000,${Math.max(0, element).toString(16).padStart(4, '0')})`;
}
