import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../serve/pce-process.fixture.js';
import type { AuditRecord } from './audit-record.js';
import { Spool } from './spool.js';
import { SyslogSink, type SyslogSinkOptions } from './syslog-sink.js';

const record = (detail: string): AuditRecord => ({
  kind: 'instances-accessed',
  at: new Date('2026-11-23T05:00:00Z'),
  userName: 'Änne',
  address: '10.1.0.5',
  studyInstanceUid: '1.2.3',
  detail,
});

/** The messages in what came, by their octet counts. Source: RFC 5425 section 4.3. */
function messagesIn(received: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < received.length; ) {
    const space = received.indexOf(0x20, at);
    const length = Number(received.toString('latin1', at, space));
    messages.push(received.toString('utf8', space + 1, space + 1 + length));
    at = space + 1 + length;
  }
  return messages;
}

const detailsIn = (messages: readonly string[]) =>
  messages.map((message) => /<ParticipantObjectName>(\w+)</.exec(message)?.[1]);

describe('the way to the audit repository', () => {
  let folder: string;
  let servers: TcpServer[];
  let sockets: Socket[];
  let received: Buffer[];
  let failures: string[];
  let overflows: (number | null)[];
  const files = () => ({ key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) });

  beforeEach((ctx) => {
    const openssl = requireTool('openssl', ctx.skip);
    folder = mkdtempSync(join(tmpdir(), 'pce-syslog-'));
    [servers, sockets, received, failures, overflows] = [[], [], [], [], []];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(folder, 'key.pem')];
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['req', '-x509', ...key, '-days', '2', '-out', join(folder, 'cert.pem'), ...name];
    expect(runTool(openssl, made).status).toBe(0);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a server on a free port. */
  async function listen(server: TcpServer): Promise<number> {
    servers.push(server);
    server.on('connection', (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  const repository = () =>
    listen(
      createServer(files(), (socket) => {
        socket.on('data', (bytes: Buffer) => received.push(bytes)).on('error', () => {});
      }),
    );

  async function open(port: number, change: Partial<SyslogSinkOptions> = {}, most = 100) {
    const spool = await Spool.open(join(folder, 'spool'), most);
    const sink = new SyslogSink({
      spool,
      source: { name: 'PCE', siteId: undefined, processId: 42 },
      patientIdOf: async () => 'P-1',
      connection: async () => ({ host: '127.0.0.1', port, servername: 'localhost', ca: files().cert }),
      failed: (error) => failures.push(error.message),
      overflowed: (lost) => overflows.push(lost),
      retryMs: 20,
      ...change,
    });
    return { sink, spool };
  }

  it('keeps messages on disk while the repository is away, and sends them in order when it is there', async () => {
    const nowhere = await listen(createTcpServer((socket) => socket.destroy()));
    const before = await open(nowhere);
    for (const detail of ['one', 'two', 'three']) await before.sink.record(record(detail));
    await until(() => failures.length > 0);
    await before.sink.close();
    expect(await before.spool.waiting()).toHaveLength(3);

    const after = await open(await repository());
    await after.sink.record(record('four'));
    await until(async () => (await after.spool.waiting()).length === 0);
    await after.sink.close();
    const messages = messagesIn(Buffer.concat(received));
    expect(detailsIn(messages)).toEqual(['one', 'two', 'three', 'four']);
    expect(messages[0]).toMatch(/^<85>1 2026-11-23T05:00:00.000Z \S+ PCE 42 DICOM\+RFC3881 - \ufeff<\?xml /);
    expect(messages[0]).toContain('UserID="Änne"');
    expect(messages[0]).toContain('ParticipantObjectID="P-1"');
  });

  it('keeps no more than it may, and says how many were left out', async () => {
    const nowhere = await listen(createTcpServer((socket) => socket.destroy()));
    let port = nowhere;
    const connection = async () => ({ host: '127.0.0.1', port, servername: 'localhost', ca: files().cert });
    const { sink, spool } = await open(nowhere, { connection }, 2);
    for (const detail of ['one', 'two', 'three', 'four']) await sink.record(record(detail));
    expect(overflows).toEqual([null]);
    port = await repository();
    await until(() => overflows.length === 2);
    expect(overflows).toEqual([null, 2]);
    await sink.close();
    expect(await spool.waiting()).toEqual([]);
    expect(detailsIn(messagesIn(Buffer.concat(received)))).toEqual(['one', 'two']);
  });

  it('sends nothing to a server it cannot trust', async () => {
    const port = await repository();
    const { sink, spool } = await open(port, {
      connection: async () => ({ host: '127.0.0.1', port, servername: 'localhost' }),
    });
    await sink.record(record('one'));
    await until(() => failures.length > 0);
    expect(failures[0]).toMatch(/self-signed certificate/);
    await sink.close();
    expect(await spool.waiting()).toHaveLength(1);
    expect(received).toEqual([]);
  });

  it('ends though the server takes connections and never answers', async () => {
    const port = await listen(createTcpServer((socket) => socket.on('error', () => {})));
    const { sink, spool } = await open(port);
    await sink.record(record('one'));
    await sink.close();
    expect(await spool.waiting()).toHaveLength(1);
  });
});
