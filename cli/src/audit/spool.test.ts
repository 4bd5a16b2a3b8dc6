import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Spool } from './spool.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pce-spool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const textsIn = async (spool: Spool): Promise<string[]> => {
  const names = await spool.waiting();
  return Promise.all(names.map(async (name) => Buffer.from(await spool.read(name)).toString()));
};

it('keeps messages in the order they came, across restarts', async () => {
  const first = await Spool.open(folder, 100);
  await Promise.all(Array.from({ length: 12 }, (_, index) => first.add(Buffer.from(`${index}`))));
  const second = await Spool.open(folder, 100);
  await second.add(Buffer.from('12'));
  expect(await textsIn(second)).toEqual(Array.from({ length: 13 }, (_, index) => `${index}`));
});

it('keeps no more than it may, the oldest, and takes more once there is room', async () => {
  const spool = await Spool.open(folder, 2);
  const kept = await Promise.all(['a', 'b', 'c'].map((text) => spool.add(Buffer.from(text))));
  expect(kept).toEqual([true, true, false]);
  expect(await textsIn(spool)).toEqual(['a', 'b']);
  const [oldest] = await spool.waiting();
  await spool.remove(oldest!);
  expect(await spool.add(Buffer.from('d'))).toBe(true);
  expect(await textsIn(spool)).toEqual(['b', 'd']);
});

it('drops what a power cut left half written', async () => {
  await writeFile(join(folder, '000000000000007.new'), 'hal');
  const spool = await Spool.open(folder, 10);
  expect(await spool.waiting()).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});
