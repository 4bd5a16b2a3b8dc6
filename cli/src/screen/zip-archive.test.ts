import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from './problem.js';
import { buildZip, type FixtureEntry } from './zip.fixture.js';
import { readZipArchive, type ZipEntry } from './zip-archive.js';

let folder: string;
beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'pce-zip-'));
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

const hello = Buffer.from('hello');

async function archive(name: string, entries: readonly FixtureEntry[]): Promise<string> {
  const path = join(folder, name);
  await fs.writeFile(path, buildZip(entries));
  return path;
}

async function readAll(path: string): Promise<[ZipEntry[], Problem[]]> {
  const entries: ZipEntry[] = [];
  const problems: Problem[] = [];
  for await (const item of readZipArchive(path)) {
    if ('severity' in item) problems.push(item);
    else entries.push(item);
  }
  return [entries, problems];
}

describe('readZipArchive', () => {
  it('gives every file with its bytes, stored or deflated, whatever its name', async () => {
    const path = await archive('names.zip', [
      { name: 'a/one', bytes: hello },
      { name: 'a/', bytes: Buffer.alloc(0), method: 0 },
      { name: '../../etc/two', bytes: hello, method: 0 },
      { name: '/abs/drei-ü', bytes: hello },
    ]);
    const seen: [string, string][] = [];
    for await (const item of readZipArchive(path)) {
      if (!('severity' in item)) seen.push([item.name, Buffer.from(await item.readAll()).toString()]);
    }
    expect(seen).toEqual([
      ['a/one', 'hello'],
      ['../../etc/two', 'hello'],
      ['/abs/drei-ü', 'hello'],
    ]);
  });

  it('inflates no more of a bomb than is asked for', async () => {
    const path = await archive('bomb.zip', [{ name: 'zeros', bytes: Buffer.alloc(50_000_000) }]);
    for await (const item of readZipArchive(path)) {
      if ('severity' in item) throw new Error(item.what);
      expect((await item.readPrefix(1000)).length).toBe(1000);
    }
    expect((await fs.stat(path)).size).toBeLessThan(100_000);
  });

  it('refuses an entry that is longer than it says', async () => {
    const path = await archive('liar.zip', [{ name: 'liar', bytes: Buffer.alloc(100_000), declaredBytes: 10 }]);
    for await (const item of readZipArchive(path)) {
      if ('severity' in item) throw new Error(item.what);
      await expect(item.readAll()).rejects.toThrow(/too many bytes/);
    }
  });

  it('passes over links, and names what it cannot read', async () => {
    const path = await archive('odd.zip', [
      { name: 'link', bytes: Buffer.from('/etc/passwd'), unixMode: 0o120777 },
      { name: 'secret', bytes: hello, flags: 0x801 },
      { name: 'lzma', bytes: hello, method: 14 },
      { name: 'fine', bytes: hello },
    ]);
    const [entries, problems] = await readAll(path);
    expect(entries.map(({ name }) => name)).toEqual(['fine']);
    expect(problems.map(({ code, path: where }) => [code, where])).toEqual([
      ['zip-entry-encrypted', `${path}!/secret`],
      ['zip-method-unsupported', `${path}!/lzma`],
    ]);
  });

  it('names an archive that was cut off', async () => {
    const path = join(folder, 'cut.zip');
    await fs.writeFile(path, buildZip([{ name: 'a', bytes: hello }]).subarray(0, 40));
    const [entries, problems] = await readAll(path);
    expect(entries).toEqual([]);
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([['zip-damaged', 'broken']]);
  });

  it('gives only the entries asked for', async () => {
    const path = await archive('some.zip', [
      { name: 'a', bytes: hello },
      { name: 'b', bytes: hello },
      { name: 'c', bytes: hello },
    ]);
    const names: string[] = [];
    for await (const item of readZipArchive(path, new Set([1]))) if (!('severity' in item)) names.push(item.name);
    expect(names).toEqual(['b']);
  });
});
