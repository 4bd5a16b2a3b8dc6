import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { runBeside } from '@pce/test-support/foreign-process';
import { findTool, requireTool, runTool } from '@pce/test-support/foreign-tool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PceProcess, until } from './pce-process.fixture.js';

const YAML = `
watermarkBytes: 0
dicom: { tls: { certificateFile: server.pem, keyFile: server.key, caFile: ca.pem, requireClientCertificate: true } }
web: { tls: { certificateFile: server.pem, keyFile: server.key } }
`;
/** What RFC 9325 section 4.2 allows, and TLS 1.3 has. */
const GOOD_CIPHER =
  /^(TLS_(AES_(128|256)_GCM|CHACHA20_POLY1305)_SHA\d+|ECDHE-(RSA|ECDSA)-(AES(128|256)-GCM-.*|CHACHA20-.*))$/;

describe('TLS on both ports', () => {
  let folder: string;
  let service: PceProcess;
  const at = (name: string) => join(folder, name);

  function openssl(...args: string[]): void {
    const { status, stderr } = runTool('openssl', args);
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
  }

  /** Makes a key and a certificate for it, signed by our own authority. */
  function issue(name: string): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at(`${name}.key`)];
    openssl('req', ...key, '-out', at(`${name}.csr`), '-subj', `/CN=${name}`);
    const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'];
    const out = ['-days', '10', '-extfile', at('names.cnf'), '-out', at(`${name}.pem`)];
    openssl('x509', '-req', '-in', at(`${name}.csr`), ...signer, ...out);
  }

  /** Puts a certificate where the service reads it. */
  function install(name: string, keyName = name): void {
    copyFileSync(at(`${keyName}.key`), at('server.key'));
    copyFileSync(at(`${name}.pem`), at('server.pem'));
  }

  /** Whom a port says it is. */
  async function nameOn(port: number, certificate?: string): Promise<string> {
    const own = certificate ? { cert: readText(`${certificate}.pem`), key: readText(`${certificate}.key`) } : {};
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca: readText('ca.pem'), ...own });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    const name = `${socket.getPeerCertificate().subject.CN}`;
    socket.destroy();
    return name;
  }
  const readText = (name: string) => readFileSync(at(name));

  const echo = (...args: string[]) =>
    runBeside('echoscu', ['-aec', 'PCE', ...args, '+cf', at('ca.pem'), '127.0.0.1', `${service.dicomPort}`]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pce-tls-'));
    service = new PceProcess({ folder, yaml: YAML });
    if (findTool('openssl') === null) return;
    const authority = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '10'];
    openssl('req', ...authority, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=authority');
    writeFileSync(at('names.cnf'), 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n');
    for (const name of ['first', 'second', 'client']) issue(name);
    install('first');
    await service.start();
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('offers nothing that sslscan, a foreign scanner, shows to be weak', ({ skip }) => {
    const sslscan = requireTool('sslscan', skip);
    requireTool('openssl', skip);
    const own = [`--certs=${at('client.pem')}`, `--pk=${at('client.key')}`];
    for (const port of [service.dicomPort, service.webPort]) {
      const xml = runTool(sslscan, ['--xml=-', ...own, `127.0.0.1:${port}`]).stdout.toString();
      const protocols = [...xml.matchAll(/<protocol type="(\w+)" version="([\d.]+)" enabled="(\d)"/g)];
      const enabled = protocols.filter(([, , , on]) => on === '1').map(([, type, version]) => `${type} ${version}`);
      expect(enabled).toEqual(['tls 1.2', 'tls 1.3']);
      expect(protocols.length).toBeGreaterThanOrEqual(6);
      const ciphers = [...xml.matchAll(/<cipher [^>]*cipher="([^"]+)"/g)].map(([, name]) => name!);
      expect(ciphers.length).toBeGreaterThanOrEqual(5);
      expect(ciphers.filter((name) => !GOOD_CIPHER.test(name))).toEqual([]);
      expect(xml).toMatch(/<renegotiation supported="0"/);
      expect(xml).not.toMatch(/<heartbleed [^>]*vulnerable="1"/);
      expect(xml).not.toMatch(/<compression supported="1"/);
    }
  });

  it('takes associations only from those with a certificate of the authority', async ({ skip }) => {
    requireTool('openssl', skip);
    requireTool('echoscu', skip);
    const known = await echo('+tls', at('client.key'), at('client.pem'));
    expect(known).toMatchObject({ status: 0 });
    const unknown = await echo('+tla');
    expect(unknown.status).not.toBe(0);
  });

  it('takes a renewed certificate without a restart, and refuses a broken one in words', async ({ skip }) => {
    requireTool('openssl', skip);
    const names = async () => [await nameOn(service.dicomPort, 'client'), await nameOn(service.webPort)];
    const says = (event: string) => service.output.join('').split(`"event":"${event}"`).length - 1;
    expect(await names()).toEqual(['first', 'first']);
    const open = connect({ host: '127.0.0.1', port: service.webPort, ca: readText('ca.pem') });
    await new Promise((resolve, reject) => open.once('secureConnect', resolve).once('error', reject));

    install('second', 'first');
    service.signal('SIGHUP');
    await until(() => says('certificate-refused') === 2);
    expect(service.output.join('')).toMatch(/certificate-refused.*key values mismatch/);
    expect(await names()).toEqual(['first', 'first']);

    writeFileSync(at('server.pem'), 'not a certificate');
    await until(() => says('certificate-refused') === 4);
    expect(await names()).toEqual(['first', 'first']);

    install('second');
    service.signal('SIGHUP');
    await until(() => says('certificate-renewed') >= 2);
    expect(await names()).toEqual(['second', 'second']);
    const answer = new Promise<number | undefined>((resolve, reject) => {
      const asked = request({ createConnection: () => open, path: '/healthz', host: '127.0.0.1' }, (response) =>
        resolve(response.statusCode),
      );
      asked.on('error', reject).end();
    });
    expect(await answer).toBe(200);
    expect(open.getPeerCertificate().subject.CN).toBe('first');
    open.destroy();
  });
});
