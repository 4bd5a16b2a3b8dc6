import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { AssociationEvent } from './acceptor.js';
import { COMMAND, encodeCommand } from './command.js';
import { type AssociateRequest, DICOM_APPLICATION_CONTEXT } from './pdu.js';
import { dataTransferHeader, encodeControlPdu } from './pdu-encode.js';
import { type Scp, type ScpOptions, startScp } from './scp.js';
import { openAssociation } from './scu.js';
import { echo } from './scu-operations.js';
import { SOP_CLASS } from './sop-classes.js';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const IMPLICIT = '1.2.840.10008.1.2';
const patience = { artimMs: 150, stallMs: 150, idleMs: 400 };

const open: { scp?: Scp; sockets: Socket[] } = { sockets: [] };
afterEach(async () => {
  for (const socket of open.sockets.splice(0)) socket.destroy();
  await open.scp?.close(0);
});

async function serve(options: Partial<ScpOptions> = {}) {
  const events: AssociationEvent[] = [];
  const seen = { bytes: 0, discarded: 0 };
  const scp = await startScp({
    host: '127.0.0.1',
    port: 0,
    maxAssociations: 4,
    maxPduLength: 16384,
    patience,
    responseTimeoutMs: 1000,
    asynchronousOperations: { maxInvoked: 1, maxPerformed: 1 },
    admit: () => ({
      kind: 'accept',
      contexts: () => ({ transferSyntaxes: 'any' }),
      services: {
        echo: () => ({ status: 0 }),
        store: () => ({
          kind: 'take',
          sink: {
            write: (bytes) => {
              seen.bytes += bytes.length;
            },
            end: async () => ({ status: 0 }),
            discard: () => {
              seen.discarded += 1;
            },
          },
        }),
      },
    }),
    observe: (event) => events.push(event),
    ...options,
  });
  open.scp = scp;
  return { scp, events, seen };
}

/** A raw connection: what it was sent, and when it was closed. */
function dial(port: number) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
  open.sockets.push(socket);
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('end', resolve).once('close', () => resolve()));
  return { socket, closed, received: () => Buffer.concat(received) };
}

const request: AssociateRequest = {
  kind: 'associate-request',
  protocolVersion: 1,
  calledAeTitle: 'PCE',
  callingAeTitle: 'HOSTILE',
  applicationContext: DICOM_APPLICATION_CONTEXT,
  contexts: [
    { id: 1, abstractSyntax: SOP_CLASS.verification, transferSyntaxes: [IMPLICIT] },
    { id: 3, abstractSyntax: CT, transferSyntaxes: [IMPLICIT] },
  ],
  userInformation: { maxPduLength: 16384, implementationClassUid: '1.2.3', roles: [], extendedNegotiations: [] },
};

/** Opens an association by hand and waits for the answer. */
async function dialAndAssociate(port: number) {
  const peer = dial(port);
  peer.socket.write(encodeControlPdu(request));
  await expect.poll(() => peer.received()[0]).toBe(2);
  const answered = peer.received().length;
  return { ...peer, after: () => peer.received().subarray(answered) };
}

function data(contextId: number, bytes: Uint8Array, isCommand: boolean, isLast: boolean): Buffer {
  return Buffer.concat([dataTransferHeader(contextId, bytes.length, isCommand, isLast), bytes]);
}

const storeCommand = encodeCommand({
  affectedSopClassUid: CT,
  commandField: COMMAND.storeRequest,
  messageId: 1,
  priority: 0,
  hasDataset: true,
  affectedSopInstanceUid: '1.2.3',
});
const echoCommand = encodeCommand({
  affectedSopClassUid: SOP_CLASS.verification,
  commandField: COMMAND.echoRequest,
  messageId: 1,
  hasDataset: false,
});
const abort = (source: number, reason: number) => Buffer.from([7, 0, 0, 0, 0, 4, 0, 0, source, reason]);

describe('a peer that breaks the protocol is aborted with the right reason', () => {
  it.each<[string, Buffer, Buffer]>([
    ['announces a PDU above our limit', Buffer.from([4, 0, 0, 0, 0x40, 1]), abort(2, 6)],
    ['announces 4 GB', Buffer.from([4, 0, 0xff, 0xff, 0xff, 0xff]), abort(2, 6)],
    ['sends an unknown PDU', Buffer.from([0x55, 0, 0, 0, 0, 4, 0, 0, 0, 0]), abort(2, 1)],
    ['asks for a second association', encodeControlPdu(request), abort(2, 2)],
    ['replies to a release nobody asked for', encodeControlPdu({ kind: 'release-reply' }), abort(2, 2)],
    ['cuts a fragment outside its PDU', Buffer.from([4, 0, 0, 0, 0, 8, 0, 0, 0, 99, 1, 3]), abort(2, 6)],
    ['uses a context that was not accepted', data(9, echoCommand, true, true), abort(0, 0)],
    ['begins with a data set', data(1, Buffer.alloc(8), false, true), abort(0, 0)],
    [
      'sends a command where the data set is due',
      Buffer.concat([data(3, storeCommand, true, true), data(3, echoCommand, true, true)]),
      abort(0, 0),
    ],
    [
      'sends a command set with a length beyond its end',
      data(1, Buffer.concat([echoCommand.subarray(0, 16), Buffer.from([0xff, 0xff, 0xff, 0x7f])]), true, true),
      abort(0, 0),
    ],
    ['sends a command set with a wrong group length', data(1, echoCommand.subarray(0, 40), true, true), abort(0, 0)],
    [
      'answers what nobody asked',
      data(
        1,
        encodeCommand({ commandField: 0x8001, messageIdBeingRespondedTo: 7, hasDataset: false, status: 0 }),
        true,
        true,
      ),
      abort(0, 0),
    ],
    ['sends a command that never ends', data(1, Buffer.alloc(16000), true, false), abort(0, 0)],
  ])('%s', async (name, bytes, expected) => {
    const { scp, events } = await serve();
    const peer = await dialAndAssociate(scp.port);
    const repeats = name.includes('never ends') ? 6 : 1;
    for (let turn = 0; turn < repeats; turn += 1) peer.socket.write(bytes);
    await peer.closed;
    expect(peer.after()).toEqual(expected);
    expect(events.at(-1)).toMatchObject({ kind: 'ended', cause: 'aborted-by-us' });
    expect(scp.associations.size).toBe(0);
  });

  it('data before any association: aborted as the standard has it, with AA-1', async () => {
    const { scp } = await serve();
    const peer = dial(scp.port);
    peer.socket.write(data(1, echoCommand, true, true));
    await peer.closed;
    expect(peer.received()).toEqual(abort(0, 0));
  });

  it('another protocol altogether', async () => {
    const { scp } = await serve();
    const peer = dial(scp.port);
    peer.socket.write('GET / HTTP/1.1\r\nHost: pacs\r\n\r\n');
    await peer.closed;
    expect(peer.received()).toEqual(abort(0, 0));
  });
});

describe('a slow or silent peer costs bounded time', () => {
  it('says nothing', async () => {
    const { scp } = await serve();
    const peer = dial(scp.port);
    await peer.closed;
    expect(peer.received()).toHaveLength(0);
  });

  it('stops in the middle of its request', async () => {
    const { scp } = await serve();
    const peer = dial(scp.port);
    peer.socket.write(encodeControlPdu(request).subarray(0, 50));
    await peer.closed;
    expect(peer.received()).toHaveLength(0);
  });

  it.each<[string, boolean]>([
    ['stops in the middle of a data set', false],
    ['drips one byte at a time', true],
  ])('%s: what it sent is discarded', async (_name, drips) => {
    const { scp, events, seen } = await serve();
    const peer = await dialAndAssociate(scp.port);
    peer.socket.write(Buffer.concat([data(3, storeCommand, true, true), data(3, Buffer.alloc(1000), false, false)]));
    const dripping = setInterval(() => drips && peer.socket.write(data(3, Buffer.alloc(2), false, false)), 20);
    await peer.closed;
    clearInterval(dripping);
    expect(peer.after()).toEqual(abort(0, 0));
    expect(events.at(-1)).toMatchObject({ detail: expect.stringContaining('less than 65536 bytes') });
    await expect.poll(() => seen.discarded).toBe(1);
  });

  it('does nothing once associated', async () => {
    const { scp, events } = await serve();
    const peer = await dialAndAssociate(scp.port);
    await peer.closed;
    expect(peer.after()).toEqual(abort(0, 0));
    expect(events.at(-1)).toMatchObject({ detail: 'nothing happened in 400 ms' });
  });

  it('goes away in the middle of a data set', async () => {
    const { scp, events, seen } = await serve();
    const peer = await dialAndAssociate(scp.port);
    peer.socket.write(Buffer.concat([data(3, storeCommand, true, true), data(3, Buffer.alloc(1000), false, false)]));
    await expect.poll(() => seen.bytes).toBe(1000);
    peer.socket.destroy();
    await expect.poll(() => seen.discarded).toBe(1);
    expect(events.at(-1)).toMatchObject({ kind: 'ended', cause: 'connection-lost' });
  });

  it('floods after it was aborted: the connection goes', async () => {
    const { scp } = await serve();
    const peer = await dialAndAssociate(scp.port);
    peer.socket.write(Buffer.from([0x55, 0, 0, 0, 0, 4]));
    const flood = setInterval(() => peer.socket.writable && peer.socket.write(Buffer.alloc(1024 * 1024)), 1);
    await new Promise<void>((resolve) => peer.socket.once('close', () => resolve()));
    clearInterval(flood);
    expect(scp.associations.size).toBe(0);
  });
});

describe('nobody else notices', () => {
  it('an echo goes through while hostile peers are at work, and the limit refuses politely', async () => {
    const { scp } = await serve({ patience: { artimMs: 2000, stallMs: 2000, idleMs: 2000 } });
    const hostile = await Promise.all([1, 2, 3].map(() => dialAndAssociate(scp.port)));
    for (const peer of hostile) {
      peer.socket.write(Buffer.concat([data(3, storeCommand, true, true), data(3, Buffer.alloc(9000), false, false)]));
    }
    const options = {
      host: '127.0.0.1',
      port: scp.port,
      callingAeTitle: 'GOOD',
      calledAeTitle: 'PCE',
      contexts: [{ abstractSyntax: SOP_CLASS.verification, transferSyntaxes: [IMPLICIT] }],
    };
    const good = await openAssociation(options);
    expect(await echo(good)).toEqual({ status: 0 });
    await expect(openAssociation(options)).rejects.toMatchObject({
      result: 2,
      source: 3,
      reason: 2,
      isTransient: true,
    });
    await good.release();
  });
});
