import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { hashPassword } from '@pce/worklist/adapters/password-hash';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PCE, PceProcess, until } from './pce-process.fixture.js';
import { readServeConfig } from './read-serve-config.js';

/** Nothing that is written may hold this. */
const PLANTED = 'planted-9f2c';
const secret = (name: string) => `${PLANTED}-${name}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a secret into a file of its own, as editors do. */
function fileWith(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, `${secret(name)}\n`);
  return path;
}

describe('secrets', () => {
  it('are taken from files', async () => {
    const config = await readServeConfig(
      { DATABASE_URL_FILE: fileWith('database'), REDIS_URL_FILE: fileWith('redis') },
      `access: { oidc: { issuer: 'https://id.example', clientId: pce, clientSecretFile: ${fileWith('client')} } }`,
    );
    expect(config.cluster).toEqual({ databaseUrl: secret('database'), redisUrl: secret('redis') });
    expect(config.oidcClientSecret).toBe(secret('client'));
  });

  it('stop the start, with the name of the setting, when their file is not there', async () => {
    const path = join(folder, 'none');
    await expect(readServeConfig({ DATABASE_URL_FILE: path }, '')).rejects.toThrow(/DATABASE_URL_FILE.*ENOENT/);
  });

  it('are in nothing a service writes, whatever goes wrong', async ({ skip }) => {
    requireTool('storescu', skip);
    const calls: string[] = [];
    const refusing: Server = createServer((request, response) => {
      calls.push(`${request.headers.authorization}`);
      response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
    const yaml = `
watermarkBytes: 0
web: { apiKeys: [{ name: archive, sha256: '${createHash('sha256').update(secret('key')).digest('hex')}', roles: [read] }] }
access:
  users: [{ name: rita, passwordHash: '${await hashPassword(secret('password'))}', roles: [reader] }]
  oidc: { issuer: '${url}', clientId: pce, clientSecretFile: ${fileWith('client')} }
destinations:
  - { name: hook, webhook: { url: '${url}', secretFile: ${fileWith('hook')}, tokenFile: ${fileWith('token')} } }
  - { name: archive, stow: { url: '${url}', user: pce, passwordFile: ${fileWith('basic')} } }
`;
    const service = new PceProcess({ folder, yaml });
    try {
      await service.start();
      const { webPort, output } = service;
      const ask = (path: string, init: RequestInit) => fetch(`http://127.0.0.1:${webPort}${path}`, init);
      for (const password of [secret('wrong'), secret('password')]) {
        const body = JSON.stringify({ name: 'rita', password });
        await ask('/worklist/api/sign-in', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      }
      for (const key of [secret('stranger'), secret('key')]) {
        await ask('/dicomweb/studies', { headers: { authorization: `Bearer ${key}` } });
      }
      await ask('/worklist/oidc/sign-in', { redirect: 'manual' });
      await service.send([{ name: 'film.dcm', bytes: buildSmallFilm() }]);
      await until(() => calls.some((call) => call.includes(secret('token'))) && output.join('').includes('"delivery"'));
      const metrics = await (await ask('/metrics', {})).text();
      const written = output.join('');
      expect(written).toContain('"event":"ready"');
      const audit = readFileSync(join(folder, 'data/audit/audit.ndjson'), 'utf8');
      expect(audit).toContain('sign-in-refused');
      for (const text of [written, metrics, audit]) expect(text).not.toContain(PLANTED);
      const basic = Buffer.from(`pce:${secret('basic')}`).toString('base64');
      expect(written).not.toContain(basic);
    } finally {
      await service.end('SIGKILL');
      refusing.closeAllConnections();
      await new Promise((resolve) => refusing.close(resolve));
    }
  });

  it('are in no message about a server that cannot be reached, or a setting that does not hold', () => {
    const [user, password] = [`pce:${secret('url')}`, secret('yaml')];
    const unreachable = {
      DATABASE_URL: `postgres://${user}@127.0.0.1:1/pce`,
      REDIS_URL: `redis://${user}@127.0.0.1:1`,
    };
    const config = join(folder, 'pce.yaml');
    writeFileSync(config, `access: { users: [{ name: rita, passwordHash: ${password}, roles: [reader] }] }`);
    for (const env of [unreachable, { PCE_CONFIG: config }]) {
      const { status, stdout, stderr } = runTool(process.execPath, [PCE, 'serve'], { env, cwd: folder });
      expect(status).not.toBe(0);
      expect(stderr.toString()).not.toBe('');
      expect(`${stdout}${stderr}`).not.toContain(PLANTED);
    }
  });
});
