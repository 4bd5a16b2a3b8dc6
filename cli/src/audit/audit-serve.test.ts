import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBeside } from '@pce/test-support/foreign-process';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { hashPassword } from '@pce/worklist/adapters/password-hash';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PCE, PceProcess, until } from '../serve/pce-process.fixture.js';

const KEY = 'a-key-for-tests';
const PASSWORD = 'correct horse battery';
/** A repository that is never there: every message stays in the spool. */
const YAML = (passwordHash: string) => `
watermarkBytes: 0
audit: { siteId: test, syslog: { host: 127.0.0.1, port: 1 } }
web: { apiKeys: [{ name: archive, sha256: '${createHash('sha256').update(KEY).digest('hex')}', roles: [read] }] }
access: { users: [{ name: rita, passwordHash: '${passwordHash}', roles: [reader] }] }
`;

let folder: string;
let service: PceProcess;
let path: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pce-audit-serve-'));
  service = new PceProcess({ folder, yaml: YAML(await hashPassword(PASSWORD)) });
  path = join(folder, 'data/audit/audit.ndjson');
  await service.start();
});
afterEach(async () => {
  await service.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const lines = () =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const hasKind = (kind: string) => lines().some((line) => line.kind === kind);

async function signIn(password: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${service.webPort}/worklist/api/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'rita', password }),
  });
  return (response.headers.get('set-cookie') ?? '').split(';')[0]!;
}

const read = (address: string, headers: Record<string, string>) =>
  fetch(`http://127.0.0.1:${service.webPort}${address}`, { headers });

it('accounts for what is received, read, sent and refused, in messages that are valid', async (ctx) => {
  const jing = requireTool('jing', ctx.skip);
  requireTool('storescu', ctx.skip);
  expect(await service.send([{ name: 'film.dcm', bytes: buildSmallFilm() }])).toBe('');
  await runBeside('echoscu', ['-aec', 'STRANGER', '127.0.0.1', `${service.dicomPort}`]);
  expect((await service.get('/dicomweb/studies')).status).toBe(401);
  const answer = await read('/dicomweb/studies', { authorization: `Bearer ${KEY}` });
  const [study] = (await answer.json()) as Record<string, { Value: string[] }>[];
  const uid = study!['0020000D']!.Value[0]!;
  await (await read(`/dicomweb/studies/${uid}`, { authorization: `Bearer ${KEY}` })).arrayBuffer();
  await signIn('wrong horse battery');
  const cookie = await signIn(PASSWORD);
  await read('/worklist/api/studies', { cookie });
  await until(() => hasKind('result-exported') && hasKind('instances-retrieved') && hasKind('node-refused'));
  await service.end('SIGTERM');

  const found = lines();
  expect(found[0]).toMatchObject({ number: 1, kind: 'application-start' });
  expect(found.at(-1)).toMatchObject({ kind: 'application-stop' });
  const about = (kind: string) => found.filter((line) => line.kind === kind);
  expect(about('instances-received')).toMatchObject([{ userName: 'STORESCU', studyInstanceUid: uid, detail: 'dimse' }]);
  expect(about('instances-retrieved')).toMatchObject([{ userName: 'archive', studyInstanceUid: uid }]);
  expect(about('query').map(({ userName }) => userName)).toEqual(expect.arrayContaining(['archive', 'rita']));
  expect(about('access-refused')).toMatchObject([{ address: '127.0.0.1', detail: 'GET /dicomweb/studies' }]);
  expect(about('node-refused')).toMatchObject([{ userName: 'ECHOSCU', address: '127.0.0.1' }]);
  expect(about('sign-in-refused')).toMatchObject([{ userName: 'rita' }]);
  expect(about('sign-in')).toMatchObject([{ userName: 'rita' }]);

  const spooled = readdirSync(`${path}.spool`).sort();
  expect(spooled).toHaveLength(found.length);
  const files = spooled.map((name) => {
    const text = readFileSync(join(`${path}.spool`, name), 'utf8');
    const file = join(folder, `${name}.xml`);
    writeFileSync(file, text.slice(text.indexOf('<?xml')));
    return file;
  });
  const schema = join(import.meta.dirname, 'audit-message.rnc');
  expect(runTool(jing, ['-c', schema, ...files]).stdout.toString()).toBe('');
  const verified = runTool(process.execPath, [PCE, 'audit', 'verify', path]);
  expect(verified.stdout.toString()).toMatch(/unbroken, \d+ lines, last digest [0-9a-f]{64}/);
  expect(verified.status).toBe(0);
});

it('shows that somebody changed the log, keeps it, and goes on with a new one', async () => {
  await service.end('SIGTERM');
  writeFileSync(path, readFileSync(path, 'utf8').replace('application-start', 'application-stop'));
  const verified = runTool(process.execPath, [PCE, 'audit', 'verify', path]);
  expect(verified.stdout.toString()).toMatch(/BROKEN at line 1/);
  expect(verified.status).toBe(2);
  await service.start();
  await service.end('SIGTERM');
  expect(lines().map(({ kind }) => kind)).toEqual(['audit-stopped', 'application-start', 'application-stop']);
  expect(readdirSync(join(folder, 'data/audit')).some((name) => /\.broken-\d+$/.test(name))).toBe(true);
});
