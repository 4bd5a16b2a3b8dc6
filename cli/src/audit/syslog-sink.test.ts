import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { expect, it } from 'vitest';
import { until } from '../serve/pce-process.fixture.js';
import type { AuditRecord } from './audit-record.js';
import { SyslogSink } from './syslog-sink.js';

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

it('keeps messages on disk while the repository is away, and sends each over TLS when it is there', async (ctx) => {
  const openssl = requireTool('openssl', ctx.skip);
  const folder = mkdtempSync(join(tmpdir(), 'pce-syslog-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ];
  expect(runTool(openssl, made).status).toBe(0);
  const received: Buffer[] = [];
  const server: Server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    socket.on('data', (bytes: Buffer) => received.push(bytes));
    socket.on('error', () => {});
  });
  let port = 1;
  const failures: string[] = [];
  const spoolFolder = join(folder, 'spool');
  const open = () =>
    SyslogSink.open({
      spoolFolder,
      source: { name: 'PCE', siteId: undefined, processId: 42 },
      connection: async () => ({ host: '127.0.0.1', port, servername: 'localhost', ca: readFileSync(cert) }),
      failed: (error) => failures.push(error.message),
      retryMs: 20,
    });
  try {
    const first = await open();
    await first.record(record('one'));
    await until(() => failures.length > 0);
    await first.close();
    expect(readdirSync(spoolFolder)).toHaveLength(1);

    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    const second = await open();
    await second.record(record('two'));
    await until(() => readdirSync(spoolFolder).length === 0);
    await second.close();
    const messages = messagesIn(Buffer.concat(received));
    const details = messages.map((message) => /<ParticipantObjectName>(\w+)</.exec(message)?.[1]);
    expect([...new Set(details)].sort()).toEqual(['one', 'two']);
    expect(messages[0]).toMatch(/^<85>1 2026-11-23T05:00:00.000Z \S+ PCE 42 DICOM\+RFC3881 - \ufeff<\?xml /);
    expect(messages[0]).toContain('UserID="Änne"');
  } finally {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  }
});
