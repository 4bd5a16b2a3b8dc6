import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from '@pce/test-support/foreign-tool';
import { expect, it } from 'vitest';
import { PCE, PceProcess, until } from '../serve/pce-process.fixture.js';

const YAML = `
watermarkBytes: 0
audit: { siteId: test, syslog: { host: 127.0.0.1, port: 1 } }
web: { apiKeys: [{ name: someone, sha256: ${'0'.repeat(64)}, roles: [read] }] }
`;

it('says who came, what was received, and when the service began and ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pce-audit-serve-'));
  const service = new PceProcess({ folder, yaml: YAML });
  const path = join(folder, 'data/audit/audit.ndjson');
  const kinds = () =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  try {
    await service.start();
    expect((await service.get('/dicomweb/studies')).status).toBe(401);
    await service.get('/worklist/api/studies');
    await until(() => kinds().length >= 2);
    await service.end('SIGTERM');
    const found = kinds();
    expect(found[0]).toMatchObject({ number: 1, kind: 'application-start' });
    expect(found.at(-1)).toMatchObject({ kind: 'application-stop' });
    expect(found).toContainEqual(
      expect.objectContaining({ kind: 'security-alert', address: '127.0.0.1', detail: 'GET /dicomweb/studies' }),
    );
    const verified = runTool(process.execPath, [PCE, 'audit', 'verify', path]);
    expect(verified.stdout.toString()).toMatch(/unbroken, \d+ lines, last digest [0-9a-f]{64}/);
    expect(verified.status).toBe(0);
  } finally {
    await service.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
