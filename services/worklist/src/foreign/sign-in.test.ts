import { scryptSync } from 'node:crypto';
import { Queue } from 'bullmq';
import { afterEach, describe, expect, it } from 'vitest';
import { requireTool } from '../../../../test-support/src/foreign-tool.js';
import { startRedis } from '../../../../test-support/src/redis-server.js';
import { buildSmallSlice } from '../../../../test-support/src/small-ct.js';
import { startTestWorklist, type TestWorklist } from './test-worklist.js';

const PASSWORD = 'correct horse battery staple';
/** As `hashPassword` makes it, but so cheap that tests can afford many. */
const passwordHash = cheapHash(PASSWORD);

function cheapHash(password: string): string {
  const salt = Buffer.alloc(16, 7);
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=4,r=8,p=1$${text(salt)}$${text(scryptSync(password, salt, 32, { N: 16, r: 8, p: 1 }))}`;
}

let worklist: TestWorklist;
afterEach(() => worklist.end());

const users = () => [
  { name: 'rita', passwordHash, roles: ['reader' as const] },
  { name: 'adam', passwordHash, roles: ['administrator' as const] },
  { name: 'ivan', passwordHash, roles: ['integrator' as const] },
];

interface SignedIn {
  cookie: string;
  csrfToken: string;
}

async function signIn(name: string, password = PASSWORD): Promise<SignedIn> {
  const answer = await worklist.app.inject({
    method: 'POST',
    url: '/worklist/api/sign-in',
    payload: { name, password },
  });
  expect(answer.statusCode).toBe(204);
  const [set] = answer.cookies;
  const cookie = `${set?.name}=${set?.value}`;
  const session = await worklist.app.inject({ url: '/worklist/api/session', headers: { cookie } });
  return { cookie, csrfToken: session.json().csrfToken };
}

const get = (url: string, { cookie }: { cookie?: string } = {}) =>
  worklist.app.inject({ url, headers: cookie ? { cookie } : {} });

describe('without users', () => {
  it('lets everybody on this machine in, and says so', async () => {
    worklist = await startTestWorklist();
    const session = await get('/worklist/api/session');
    expect(session.json()).toMatchObject({ userName: 'local reader', isOpen: true });
    expect((await get('/worklist/api/studies')).statusCode).toBe(200);
  });

  it('asks for the token of the page even then, and for a loopback name', async () => {
    worklist = await startTestWorklist();
    const search = { method: 'POST' as const, url: '/worklist/api/studies/search', payload: { text: 'anna' } };
    expect((await worklist.app.inject(search)).statusCode).toBe(403);
    const rebound = await worklist.app.inject({ url: '/worklist/api/studies', headers: { host: 'evil.example' } });
    expect(rebound.statusCode).toBe(403);
  });

  it('does not start where others could reach it', async () => {
    worklist = await startTestWorklist();
    await expect(startTestWorklist({}, { host: '0.0.0.0' })).rejects.toThrow('which needs users or oidc');
    await expect(startTestWorklist({ publicUrl: 'https://pce.example.org' })).rejects.toThrow('needs users or oidc');
  });
});

describe('local users', () => {
  it('are sent to sign in, and let in by name and password only', async () => {
    worklist = await startTestWorklist({ users: users() });
    const page = await get('/worklist');
    expect([page.statusCode, page.headers.location]).toEqual([302, '/worklist/sign-in']);
    for (const url of ['studies', 'events', 'monitoring', 'audit', 'deliveries', 'studies/x', 'studies/x/report']) {
      expect((await get(`/worklist/api/${url}`)).statusCode, url).toBe(401);
    }
    for (const [name, password] of [
      ['rita', 'wrong'],
      ['nobody', PASSWORD],
    ]) {
      const refused = await worklist.app.inject({
        method: 'POST',
        url: '/worklist/api/sign-in',
        payload: { name, password },
      });
      expect([refused.statusCode, refused.cookies.length]).toEqual([401, 0]);
    }
    const session = await signIn('rita');
    expect((await get('/worklist/api/studies', session)).statusCode).toBe(200);
    const actions = (await worklist.ledger.access.auditEvents(10)).map(
      ({ userName, action }) => `${userName} ${action}`,
    );
    expect(actions.sort()).toEqual([
      'nobody sign-in-refused',
      'rita list-studies',
      'rita sign-in',
      'rita sign-in-refused',
    ]);
  });

  it('get a cookie no script can read, which the ledger knows by its digest only', async () => {
    worklist = await startTestWorklist({ users: users(), publicUrl: 'https://pce.example.org' });
    const answer = await worklist.app.inject({
      method: 'POST',
      url: '/worklist/api/sign-in',
      payload: { name: 'rita', password: PASSWORD },
    });
    expect(answer.cookies).toMatchObject([
      { name: '__Host-pce-session', httpOnly: true, secure: true, sameSite: 'Lax', path: '/' },
    ]);
    expect(await worklist.ledger.access.findSession(answer.cookies[0]?.value ?? '')).toBeNull();
  });

  it('may do what their roles allow', async () => {
    worklist = await startTestWorklist({ users: users() });
    const codes: Record<string, number[]> = {};
    for (const name of ['rita', 'adam', 'ivan']) {
      const session = await signIn(name);
      codes[name] = [];
      for (const url of ['studies', 'monitoring', 'deliveries', 'audit']) {
        codes[name].push((await get(`/worklist/api/${url}`, session)).statusCode);
      }
    }
    expect(codes).toEqual({
      rita: [200, 403, 403, 403],
      adam: [200, 200, 200, 200],
      ivan: [403, 200, 200, 403],
    });
  });

  it('change nothing without the token of their session, nor from another site', async () => {
    worklist = await startTestWorklist({ users: users() });
    const { cookie, csrfToken } = await signIn('rita');
    const search = (headers: Record<string, string>) =>
      worklist.app.inject({
        method: 'POST',
        url: '/worklist/api/studies/search',
        payload: { text: 'anna' },
        headers: { cookie, ...headers },
      });
    expect((await search({})).statusCode).toBe(403);
    expect((await search({ 'x-csrf-token': 'x'.repeat(csrfToken.length) })).statusCode).toBe(403);
    expect((await search({ 'x-csrf-token': `\u00d3${csrfToken.slice(1)}` })).statusCode).toBe(403);
    expect((await search({ 'x-csrf-token': csrfToken })).statusCode).toBe(200);
    const forced = await worklist.app.inject({
      method: 'POST',
      url: '/worklist/api/sign-in',
      payload: { name: 'rita', password: PASSWORD },
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(forced.statusCode).toBe(403);
  });

  it('meet the same at every door: nobody gets in without a session, and nothing changes without its token', async () => {
    const everyRole = ['reader' as const, 'administrator' as const, 'integrator' as const];
    worklist = await startTestWorklist({ users: [{ name: 'alma', passwordHash, roles: everyRole }] });
    const changing = worklist.routes.filter((route) => !/^(GET|HEAD) |sign-in$/.test(route));
    expect(changing.map((route) => route.split('/').at(-1)).sort()).toEqual([
      'redeliveries',
      'retries',
      'reviews',
      'search',
      'sign-out',
    ]);
    const { cookie } = await signIn('alma');
    const answers = [];
    for (const route of changing) {
      const [method = '', path = ''] = route.split(' ');
      const request = { method: method as 'POST', url: path.replace(':key', 'any'), payload: {} };
      const [without, withSession] = [
        await worklist.app.inject(request),
        await worklist.app.inject({ ...request, headers: { cookie } }),
      ];
      answers.push([route, without.statusCode, withSession.statusCode, withSession.json().message]);
    }
    const missing = 'x-csrf-token: expected the one of this session';
    expect(answers).toEqual(changing.map((route) => [route, 401, 403, missing]));
  });

  it('see the queues as administrators only, and cannot change them', async ({ skip }) => {
    requireTool('redis-server', skip);
    const redis = await startRedis();
    const queue = new Queue('analyse', { connection: { url: redis.url } });
    worklist = await startTestWorklist({ users: users() }, { queues: [queue] });
    try {
      const board = worklist.routes.filter((route) => route.includes('/worklist/queues'));
      const codes: Record<string, Set<number>> = {};
      for (const name of ['rita', 'ivan', 'nobody']) {
        const { cookie = '' } = name === 'nobody' ? {} : await signIn(name);
        codes[name] = new Set();
        for (const route of board) {
          const [method = '', path = ''] = route.split(' ');
          const url = path.replace(/:\w+/g, 'analyse').replace('*', 'bull-board.css');
          const request = { method: method as 'GET', url, headers: cookie ? { cookie } : {} };
          codes[name].add((await worklist.app.inject(request)).statusCode);
        }
      }
      // Strangers are sent to sign in.
      expect(codes).toEqual({ rita: new Set([403]), ivan: new Set([403]), nobody: new Set([302]) });
      const { cookie, csrfToken } = await signIn('adam');
      const pause = { method: 'PUT' as const, url: '/worklist/queues/api/queues/analyse/pause' };
      expect((await get('/worklist/queues/api/queues', { cookie })).statusCode).toBe(200);
      expect((await worklist.app.inject({ ...pause, headers: { cookie } })).statusCode).toBe(403);
      const asked = await worklist.app.inject({ ...pause, headers: { cookie, 'x-csrf-token': csrfToken } });
      expect([asked.statusCode, await queue.isPaused()]).toEqual([405, false]);
    } finally {
      await queue.close();
      await redis.stop();
    }
  });

  it('are signed out by themselves, by the clock, and by the configuration', async () => {
    let now = new Date('2026-01-01T08:00:00Z');
    const configured = users();
    worklist = await startTestWorklist({ users: configured }, { clock: { now: () => now } });
    const { cookie, csrfToken } = await signIn('rita');
    const status = async (held: string) => (await get('/worklist/api/studies', { cookie: held })).statusCode;
    await worklist.app.inject({
      method: 'POST',
      url: '/worklist/api/sign-out',
      payload: {},
      headers: { cookie, 'x-csrf-token': csrfToken },
    });
    expect(await status(cookie)).toBe(401);
    const idle = await signIn('rita');
    now = new Date('2026-01-01T08:59:00Z');
    expect(await status(idle.cookie)).toBe(200);
    now = new Date('2026-01-01T10:00:00Z');
    expect(await status(idle.cookie)).toBe(401);
    const busy = await signIn('adam');
    for (let hour = 0; hour < 12; hour += 1) {
      now = new Date(now.getTime() + 55 * 60_000);
      expect(await status(busy.cookie)).toBe(200);
    }
    now = new Date('2026-01-01T22:01:00Z');
    expect(await status(busy.cookie)).toBe(401);
  });

  it('cannot be guessed: a name rests after some wrong passwords, an address after some attempts', async () => {
    worklist = await startTestWorklist({ users: users() });
    const attempt = async (name: string, password: string, remoteAddress: string) =>
      (
        await worklist.app.inject({
          method: 'POST',
          url: '/worklist/api/sign-in',
          payload: { name, password },
          remoteAddress,
        })
      ).statusCode;
    for (let index = 0; index < 8; index += 1) expect(await attempt('rita', 'wrong', `10.0.0.${index}`)).toBe(401);
    expect(await attempt('rita', PASSWORD, '10.0.1.1')).toBe(429);
    expect(await attempt('adam', PASSWORD, '10.0.1.1')).toBe(204);
    const codes = [];
    for (let index = 0; index < 11; index += 1) codes.push(await attempt('rita', 'wrong', '10.0.2.2'));
    expect(codes.filter((code) => code === 429)).toHaveLength(11);
    expect(await attempt('adam', PASSWORD, '10.0.2.2')).toBe(429);
  });
});

describe('every view', () => {
  it('of a study is on record before anything is shown, and its address says nothing of the patient', async () => {
    worklist = await startTestWorklist({ users: users() });
    const slice = buildSmallSlice({
      seed: 'a',
      positionLpsMm: [0, 0, 0],
      attributes: { PatientName: 'Doe^Anna', PatientID: 'P-1' },
    });
    await worklist.receive([slice]);
    const session = await signIn('rita');
    const { rows } = (await get('/worklist/api/studies', session)).json();
    expect(rows).toMatchObject([{ patientName: 'Doe, Anna', patientId: 'P-1', state: 'receiving' }]);
    const [{ key }] = rows;
    expect(key).toMatch(/^[\w-]{22}$/);
    const view = await get(`/worklist/api/studies/${key}`, session);
    const [stack] = view.json().stacks;
    const frame = await get(`/worklist/api/studies/${key}/images/${stack.images[0].sha256}/frames/1`, session);
    expect(frame.statusCode).toBe(200);
    expect(JSON.parse(String(frame.headers['pce-frame']))).toMatchObject({ columns: 32, rows: 32, samples: 'int16' });
    expect(frame.rawPayload.length).toBe(32 * 32 * 2);
    expect(frame.headers['cache-control']).toBe('no-store');
    expect(view.body).not.toMatch(/2\.25\.\d{5}/);
    const views = (await worklist.ledger.access.auditEvents(10)).filter(({ action }) => action === 'view-study');
    expect(views).toMatchObject([{ userName: 'rita', studyInstanceUid: expect.stringMatching(/^2\.25\./) }]);
  });

  it('of a page comes with rules for the browser: our own scripts only, nothing inline, no frames', async () => {
    worklist = await startTestWorklist();
    const page = await get('/worklist');
    expect(page.headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' blob:;connect-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    );
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect(page.body).not.toMatch(/<script[^>]*>[^<]|<style|style=|onclick/);
  });
});
