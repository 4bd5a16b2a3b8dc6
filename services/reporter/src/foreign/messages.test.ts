import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer, type Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { freePort, runBeside } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import type { SampleKind } from '@pce/test-support/sample-results';
import { sampleStudy } from '@pce/test-support/sample-study';
import { Server as Hl7Server } from 'node-hl7-server';
import { afterEach, describe, expect, it } from 'vitest';
import { MllpReader, mllpFrame } from '../core/mllp.js';
import { recordStudy, startTestReporter, type TestReporter } from './test-reporter.js';

let reporter: TestReporter | null = null;
let server: Server | NetServer | null = null;
afterEach(async () => {
  await reporter?.end();
  server?.close();
  reporter = null;
  server = null;
});

const QUICK = 'retry: { firstDelaySeconds: 0.05, longestDelaySeconds: 0.1, maxAttempts: 3 }, timeoutSeconds: 5';

async function listen(made: Server | NetServer): Promise<number> {
  server = made;
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  return (made.address() as { port: number }).port;
}

async function deliver(yaml: string | ((folder: string) => Promise<string>), kind: SampleKind = 'ct-positive') {
  reporter = await startTestReporter(yaml);
  const resultId = await recordStudy(reporter, sampleStudy(kind, 1));
  await reporter.sweep();
  const delivery = async () => (await reporter!.ledger.deliveries.searchDeliveries({ resultId }, 1, 0))[0]!;
  const settled = async () => (await delivery())?.settledAt ?? null;
  await expect.poll(settled, { timeout: 20_000 }).not.toBeNull();
  const last = await delivery();
  return { delivery: last, attempts: await reporter.ledger.deliveries.attempts(last.deliveryId) };
}

/** A listener of HL7 that answers its n-th message with a code of ours. */
async function startHl7(codes: string[]): Promise<{ port: number; messages: string[] }> {
  const messages: string[] = [];
  const port = await listen(
    createServer((socket) => {
      const reader = new MllpReader();
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        for (const message of reader.push(bytes)) {
          const text = message.toString('utf8');
          const code = codes[messages.push(text) - 1] ?? 'AA';
          const id = text.split('\r')[0]!.split('|')[9];
          const header = `MSH|^~\\&|RIS|SITE|PCE||20260101||ACK^R01^ACK|1|P|2.5.1`;
          socket.write(
            mllpFrame(`${header}\rMSA|${code}|${id}\r${code === 'AA' ? '' : 'ERR|||207^error^HL70357|E\r'}`),
          );
        }
      });
    }),
  );
  return { port, messages };
}

/** An HTTP server that keeps what it gets and answers as it is told. */
async function startHttp(answer: (count: number, sent: { entry: unknown[] }) => { status: number; body?: string }) {
  const requests: { headers: IncomingMessage['headers']; body: string }[] = [];
  const port = await listen(
    createHttpServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const sent = Buffer.concat(parts).toString('utf8');
      const count = requests.push({ headers: request.headers, body: sent });
      const { status, body } = answer(count, JSON.parse(sent));
      response.writeHead(status, { 'content-type': 'application/json' }).end(body ?? '{}');
    }),
  );
  return { port, requests };
}

describe('HL7 over MLLP', () => {
  it('is delivered once it is accepted; the same message comes again until then', async () => {
    const { port, messages } = await startHl7(['AE', 'AA']);
    const { delivery, attempts } = await deliver(
      `destinations: [{ name: ris, hl7: { host: 127.0.0.1, port: ${port} }, ${QUICK} }]`,
    );
    expect([delivery.state, attempts.map(({ detail }) => detail)]).toEqual(['delivered', ['AE, error 207', 'AA']]);
    expect(messages).toHaveLength(2);
    expect(messages[0]).toBe(messages[1]);
    expect(messages[0]).toMatch(/^MSH\|\^~\\&\|PCE\|.*ORU\^R01\^ORU_R01/);
  });

  it('is read and acknowledged by a listener that others made', async () => {
    const port = await freePort();
    const seen: string[][] = [];
    const listener = new Hl7Server({ bindAddress: '127.0.0.1' });
    const inbound = listener.createInbound({ port }, async (request, response) => {
      const message = request.getMessage();
      seen.push(['MSH.9.1', 'MSH.9.2', 'PID.3.1', 'OBR.25'].map((path) => message.get(path).toString()));
      await response.sendResponse('AA');
    });
    try {
      const { delivery, attempts } = await deliver(
        `destinations: [{ name: ris, hl7: { host: 127.0.0.1, port: ${port} }, ${QUICK} }]`,
      );
      expect([delivery.state, attempts.map(({ detail }) => detail)]).toEqual(['delivered', ['AA']]);
      expect(seen).toEqual([['ORU', 'R01', 'PCE-SAMPLE-1', 'P']]);
    } finally {
      await inbound.close();
    }
  });

  it('that is rejected is given up at once, and the reason kept', async () => {
    const { port } = await startHl7(['AR']);
    const { delivery } = await deliver(
      `destinations: [{ name: ris, hl7: { host: 127.0.0.1, port: ${port} }, ${QUICK} }]`,
    );
    expect([delivery.state, delivery.reason]).toEqual(['failed', 'AR, error 207']);
  });

  it('asks for another priority only where a site wants that, and only for what is to be read sooner', async () => {
    const { port, messages } = await startHl7(['AA', 'AA']);
    const ris = (message: string) =>
      `destinations: [{ name: ris, hl7: { host: 127.0.0.1, port: ${port}${message} }, ${QUICK} }]`;
    const asked = await deliver(ris(', message: priority'), 'film-positive');
    expect(asked.delivery.state).toBe('delivered');
    expect(messages[0]).toMatch(/^MSH\|.*ORM\^O01\^ORM_O01/);
    expect(messages[0]).toContain('\rORC|XO||A4711||||^^^^^A|');
    await reporter!.end();
    const negative = await deliver(ris(', message: priority'), 'film-negative');
    expect([negative.delivery.state, negative.attempts]).toEqual(['skipped', []]);
    await reporter!.end();
    await deliver(ris(''), 'film-positive');
    expect(messages.map((message) => message.split('|')[8])).toEqual(['ORM^O01^ORM_O01', 'ORU^R01^ORU_R01']);
  });

  it('goes over TLS to who has the right certificate, and not to another', async (test) => {
    const openssl = requireTool('openssl', test.skip);
    const port = await freePort();
    const received: string[] = [];
    const { delivery } = await deliver(async (folder) => {
      const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const subject = ['-subj', '/CN=ris', '-addext', 'subjectAltName=DNS:ris'];
      const files = ['-keyout', key, '-out', certificate];
      await runBeside(openssl, ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject]);
      server = createTls({ key: await readFile(key), cert: await readFile(certificate) }, (socket) => {
        socket.on('error', () => {});
        socket.on('data', (bytes) => {
          const id = bytes.toString().split('\r')[0]!.split('|')[9]!;
          received.push(id);
          socket.write(mllpFrame(`MSH|^~\\&|||||||ACK|1|P|2.5.1\rMSA|CA|${id}\r`));
        });
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      const hl7 = (name: string) =>
        `hl7: { host: 127.0.0.1, port: ${port}, tls: { caFile: ${certificate}, serverName: ${name} } }, timeoutSeconds: 5`;
      return `
        destinations:
          - { name: other, ${hl7('other')}, retry: { giveUpAfterHours: 0.000001 } }
          - { name: ris, ${hl7('ris')} }`;
    });
    const { deliveries } = reporter!.ledger;
    const both = async () =>
      (await deliveries.searchDeliveries({ resultId: delivery.resultId }, 2, 0)).map((one) => one.state);
    await expect.poll(both, { timeout: 20_000 }).toEqual(['failed', 'delivered']);
    expect(received).toHaveLength(1);
  });
});

describe('the webhook', () => {
  it('is signed, and has the same key whenever the same result comes again', async () => {
    const { port, requests } = await startHttp((count) => ({ status: count === 1 ? 503 : 204 }));
    const { delivery } = await deliver(async (folder) => {
      await writeFile(join(folder, 'secret'), 'between us\n');
      return `destinations: [{ name: hook, webhook: { url: 'http://127.0.0.1:${port}/pce', secretFile: ${join(folder, 'secret')} }, ${QUICK} }]`;
    });
    expect(delivery.state).toBe('delivered');
    expect(requests.map(({ headers }) => headers['idempotency-key'])).toEqual([
      delivery.deliveryId,
      delivery.deliveryId,
    ]);
    expect(requests[0]!.body).toBe(requests[1]!.body);
    for (const { headers, body } of requests) {
      const [, seconds, signature] = /^t=(\d+),sha256=([0-9a-f]{64})$/.exec(String(headers['pce-signature']))!;
      expect(signature).toBe(createHmac('sha256', 'between us').update(`${seconds}.${body}`).digest('hex'));
    }
    expect(JSON.parse(requests[0]!.body)).toMatchObject({ event: 'result', presence: 'present' });
    expect(requests[0]!.body).not.toContain('Erika');
  });
});

describe('a FHIR server', () => {
  it('gets a transaction; when it refuses it, its words are not kept', async () => {
    const { port, requests } = await startHttp((_count, sent) => {
      const entry = sent.entry.map((_: unknown, at: number) => ({
        response: { status: at === 0 ? '201 Created' : '200 OK' },
      }));
      return { status: 200, body: JSON.stringify({ entry }) };
    });
    const { delivery, attempts } = await deliver(
      `destinations: [{ name: fhir, fhir: { url: 'http://127.0.0.1:${port}/base' }, ${QUICK} }]`,
    );
    expect([delivery.state, attempts.at(-1)!.detail]).toEqual(['delivered', 'HTTP 200: 1 created, 3 there already']);
    expect(JSON.parse(requests[0]!.body)).toMatchObject({ resourceType: 'Bundle', type: 'transaction' });
  });

  it('that refuses the bundle ends the delivery', async () => {
    const issue = { severity: 'error', code: 'invalid', diagnostics: 'Erika Example is not valid' };
    const { port } = await startHttp(() => ({ status: 422, body: JSON.stringify({ issue: [issue] }) }));
    const { delivery } = await deliver(
      `destinations: [{ name: fhir, fhir: { url: 'http://127.0.0.1:${port}/base' }, ${QUICK} }]`,
    );
    expect([delivery.state, delivery.reason]).toEqual(['failed', 'HTTP 422: invalid']);
  });
});
