import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AccessConfig } from '../access-config.js';
import { startTestWorklist, type TestWorklist } from './test-worklist.js';

let provider: ChildProcess;
let worklist: TestWorklist;

/** A browser as far as it matters here: it follows redirects and keeps cookies by host and port. */
class Visitor {
  readonly #jars = new Map<string, Map<string, string>>();

  constructor(readonly user: string) {}

  async open(url: string): Promise<{ url: URL; status: number; text: string }> {
    let next = new URL(url);
    for (let hops = 0; hops < 15; hops += 1) {
      if (next.pathname.startsWith('/interaction/')) next.searchParams.set('user', this.user);
      const response = await fetch(next, { redirect: 'manual', headers: { cookie: this.#cookies(next) } });
      this.#keep(next, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (location === null) return { url: next, status: response.status, text: await response.text() };
      next = new URL(location, next);
    }
    throw new Error('redirected in circles');
  }

  #cookies({ host }: URL): string {
    return [...(this.#jars.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep({ host }: URL, set: string[]): void {
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    for (const cookie of set) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

beforeAll(async () => {
  // The provider has to know where to send people back to before we are there.
  const publicUrl = `http://127.0.0.1:${await freePort()}`;
  const script = fileURLToPath(new URL('./oidc-provider-process.mjs', import.meta.url));
  provider = spawn(process.execPath, [script, `${publicUrl}/worklist/oidc/callback`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: provider.stdout! });
  const issuer = await new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      if (line.startsWith('http://127.0.0.1')) resolve(line);
    });
  });
  const oidc: NonNullable<AccessConfig['oidc']> = {
    issuer,
    clientId: 'pce',
    clientSecretVariable: 'SECRET',
    scope: 'openid profile',
    nameClaim: 'preferred_username',
    rolesClaim: 'groups',
    roles: { 'pce-readers': 'reader', 'pce-integrators': 'integrator' },
  };
  const port = Number(new URL(publicUrl).port);
  worklist = await startTestWorklist({ oidc, publicUrl }, { oidcClientSecret: 'a secret of the test' }, port);
});
afterAll(async () => {
  await worklist?.end();
  provider?.kill();
});

it('signs in whom the provider vouches for, with the roles its claim maps to', async () => {
  const rita = new Visitor('rita');
  expect((await rita.open(`${worklist.origin}/worklist`)).url.pathname).toBe('/worklist/sign-in');
  expect((await rita.open(`${worklist.origin}/worklist/oidc/start`)).url.pathname).toBe('/worklist');
  const session = JSON.parse((await rita.open(`${worklist.origin}/worklist/api/session`)).text);
  expect(session).toMatchObject({ userName: 'rita', permissions: ['view-studies', 'review-findings'] });
  const ivan = new Visitor('ivan');
  await ivan.open(`${worklist.origin}/worklist/oidc/start`);
  expect((await ivan.open(`${worklist.origin}/worklist/api/studies`)).status).toBe(403);
  expect((await ivan.open(`${worklist.origin}/worklist/api/monitoring`)).status).toBe(200);
});

it('turns away who is known but has no role here, and notes it', async () => {
  const nora = new Visitor('nora');
  const end = await nora.open(`${worklist.origin}/worklist/oidc/start`);
  expect(end.url.search).toBe('?problem=no-role');
  expect((await nora.open(`${worklist.origin}/worklist/api/studies`)).status).toBe(401);
  const [last] = await worklist.ledger.access.auditEvents(1);
  expect(last).toMatchObject({ userName: 'nora', action: 'sign-in-refused' });
});

it('takes no answer this browser did not ask for', async () => {
  const rita = new Visitor('rita');
  const callback = `${worklist.origin}/worklist/oidc/callback`;
  expect((await rita.open(`${callback}?code=stolen&state=made-up`)).url.search).toBe('?problem=expired');
  const [{ location = '' } = {}] = [
    (await worklist.app.inject({ url: '/worklist/oidc/start', headers: { host: new URL(worklist.origin).host } }))
      .headers,
  ];
  const { searchParams } = new URL(location as string);
  expect(searchParams.get('code_challenge_method')).toBe('S256');
  expect(searchParams.get('nonce')).toMatch(/^[\w-]{40,}$/);
  const forged = await new Visitor('rita').open(`${callback}?code=stolen&state=${searchParams.get('state')}`);
  expect(forged.url.search).toBe('?problem=expired');
});
