import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FsInstanceStore } from './fs-instance-store.js';

const address = { studyInstanceUid: '1.2', seriesInstanceUid: '1.2.3', sopInstanceUid: '1.2.3.4' };
let root: string;
let store: FsInstanceStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pce-store-'));
  store = await FsInstanceStore.open({ root, watermarkBytes: 0, writerThreads: 2 });
});
afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true, force: true });
});

async function put(bytes: Uint8Array, pieceBytes: number, where = address) {
  const writer = store.begin();
  for (let at = 0; at < bytes.length; at += pieceBytes) await writer.write(bytes.subarray(at, at + pieceBytes));
  return writer.commit(where);
}

describe('FsInstanceStore', () => {
  it.each([
    ['a few bytes', 10, 3],
    ['many pieces', 700_000, 65_536],
    ['one large piece, larger than all buffers', 20_000_000, 20_000_000],
  ])('keeps %s as they are, under an address like that of DICOMweb', async (_name, length, pieceBytes) => {
    const bytes = randomBytes(length);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const written = await put(bytes, pieceBytes);
    expect(written).toEqual({
      location: `studies/1.2/series/1.2.3/instances/1.2.3.4.${sha256.slice(0, 16)}.dcm`,
      byteLength: length,
      sha256,
    });
    expect(bytes.equals(await store.read(written))).toBe(true);
    expect(Buffer.from(await store.readPrefix(written, 5)).equals(bytes.subarray(0, 5))).toBe(true);
    expect(await readdir(join(root, 'incoming'))).toEqual([]);
  });

  it('keeps other bytes under the same UID beside, the same bytes once', async () => {
    const [first, second] = [await put(Buffer.from('one'), 9), await put(Buffer.from('two'), 9)];
    expect(await put(Buffer.from('one'), 9)).toEqual(first);
    expect(Buffer.from(await store.read(first)).toString()).toBe('one');
    expect(Buffer.from(await store.read(second)).toString()).toBe('two');
    expect(await readdir(join(root, 'studies/1.2/series/1.2.3/instances'))).toHaveLength(2);
  });

  it('asks the writer to wait rather than hold everything in memory', async () => {
    const writers = Array.from({ length: 8 }, () => store.begin());
    const piece = randomBytes(4 * 1024 * 1024);
    const answers = writers.map((writer) => writer.write(piece));
    expect(answers.some((answer) => answer instanceof Promise)).toBe(true);
    await Promise.all(answers);
    const written = await Promise.all(
      writers.map((writer, index) => writer.commit({ ...address, sopInstanceUid: `1.9.${index}` })),
    );
    for (const instance of written) expect(piece.equals(await store.read(instance))).toBe(true);
  });

  it('lets no slow writers keep the others waiting', async () => {
    const slow = Array.from({ length: 100 }, () => store.begin());
    await Promise.all(slow.map((writer, index) => writer.write(Buffer.from(`begins ${index}`))));
    const bytes = randomBytes(3_000_000);
    const written = await put(bytes, 65_536);
    expect(bytes.equals(await store.read(written))).toBe(true);
    for (const [index, writer] of slow.entries()) {
      await writer.write(Buffer.from(' and ends'));
      const whole = await writer.commit({ ...address, sopInstanceUid: `1.9.${index}` });
      expect(Buffer.from(await store.read(whole)).toString()).toBe(`begins ${index} and ends`);
    }
  });

  it('leaves nothing of what is discarded, or was unfinished when the last run ended', async () => {
    const writer = store.begin();
    await writer.write(randomBytes(3_000_000));
    await writer.discard();
    await expect.poll(() => readdir(join(root, 'incoming'))).toEqual([]);
    await writeFile(join(root, 'incoming', 'left-over'), 'half');
    await store.close();
    store = await FsInstanceStore.open({ root, watermarkBytes: 0 });
    expect(await readdir(join(root, 'incoming'))).toEqual([]);
  });

  it('takes a UID only for what it is: no path', async () => {
    const writer = store.begin();
    await expect(writer.commit({ ...address, studyInstanceUid: '../../etc' })).rejects.toThrow(RangeError);
    await expect(store.read({ location: '../secret' })).rejects.toThrow(RangeError);
    await writer.discard();
  });

  it('survives that a series folder is taken away', async () => {
    await put(Buffer.from('one'), 9);
    await rm(join(root, 'studies'), { recursive: true });
    const again = await put(Buffer.from('two'), 9);
    expect(Buffer.from(await store.read(again)).toString()).toBe('two');
  });

  it('knows when there is no room, and when something is gone', async () => {
    const written = await put(Buffer.from('one'), 9);
    const full = await FsInstanceStore.open({ root, watermarkBytes: Number.MAX_SAFE_INTEGER });
    expect([await store.hasRoom(), await full.hasRoom()]).toEqual([true, false]);
    expect(await store.holds(written)).toBe(true);
    await store.remove(written);
    await store.remove(written);
    expect(await store.holds(written)).toBe(false);
    await full.close();
  });
});
