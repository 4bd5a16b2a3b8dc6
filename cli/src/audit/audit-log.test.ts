import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog, AuditLogBrokenError, verifyAuditLog } from './audit-log.js';
import type { AuditRecord } from './audit-record.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pce-audit-'));
  path = join(folder, 'sub', 'audit.ndjson');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const record = (detail: string): AuditRecord => ({
  kind: 'query',
  at: new Date('2026-11-23T05:00:00Z'),
  userName: 'rita',
  address: '10.1.0.5',
  studyInstanceUid: null,
  detail,
});

async function write(...details: string[]): Promise<void> {
  const log = await AuditLog.open(path);
  await Promise.all(details.map((detail) => log.record(record(detail))));
  await log.close();
}

const linesOf = async (): Promise<string[]> => (await readFile(path, 'utf8')).split('\n').slice(0, -1);

describe('the audit log', () => {
  it('goes on where it ended, in order', async () => {
    await write('one', 'two');
    await write('three');
    expect((await linesOf()).map((line) => JSON.parse(line).detail)).toEqual(['one', 'two', 'three']);
    expect(await verifyAuditLog(path)).toMatchObject({ kind: 'whole', head: { count: 3 } });
  });

  it('shows every line that was changed, dropped, added, doubled or moved, and where', async () => {
    await write('one', 'two', 'three');
    const lines = await linesOf();
    const [a, b, c] = lines as [string, string, string];
    const check = async (...changed: string[]) => {
      await writeFile(path, changed.map((line) => `${line}\n`).join(''));
      return verifyAuditLog(path);
    };
    expect(await check(a, b, c)).toMatchObject({ kind: 'whole' });
    expect(await check(a, b.replace('rita', 'adam'), c)).toMatchObject({ kind: 'broken', line: 2 });
    expect(await check(a, c)).toMatchObject({ kind: 'broken', line: 2 });
    expect(await check(b, c)).toMatchObject({ kind: 'broken', line: 1 });
    expect(await check(a, a, b, c)).toMatchObject({ kind: 'broken', line: 2 });
    expect(await check(a, c, b)).toMatchObject({ kind: 'broken', line: 2 });
    expect(await check(a, b, 'forged', c)).toMatchObject({ kind: 'broken', line: 3 });
    await expect(AuditLog.open(path)).rejects.toThrow(AuditLogBrokenError);
  });

  it('drops half a line that a power cut left, and nothing else', async () => {
    await write('one');
    await appendFile(path, '{"number":2,"kind":"que');
    await write('two');
    expect((await linesOf()).map((line) => JSON.parse(line).detail)).toEqual(['one', 'two']);
    expect(await verifyAuditLog(path)).toMatchObject({ kind: 'whole', head: { count: 2 } });
  });

  it('has one writer', async () => {
    const log = await AuditLog.open(path);
    await expect(AuditLog.open(path)).rejects.toThrow(/no other process/);
    await log.close();
  });
});
