import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ForeignServer, freePort, runBeside, startServer } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import { sampleStudy } from '@pce/test-support/sample-study';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CountingReceiver, startCountingReceiver } from './counting-receiver.js';
import { recordStudy, startTestReporter, type TestReporter } from './test-reporter.js';

let folder: string;
let reporter: TestReporter | null = null;
let receiver: CountingReceiver | null = null;
let foreign: ForeignServer | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pce-receivers-'));
});
afterEach(async () => {
  await reporter?.end();
  await receiver?.scp.close(0);
  await foreign?.stop();
  reporter = null;
  receiver = null;
  foreign = null;
  await rm(folder, { recursive: true, force: true });
});

/** Small delays, so that attempts follow each other at once. */
const QUICK =
  'retry: { firstDelaySeconds: 0.05, longestDelaySeconds: 0.2 }, breaker: { failures: 100 }, timeoutSeconds: 1';
const toPort = (port: number, more = '') =>
  `destinations: [{ name: pacs, objects: [sr], cStore: { host: 127.0.0.1, port: ${port}, aeTitle: ANY }, ${QUICK} ${more} }]`;

async function deliveryOf(resultId: string) {
  const [delivery] = await reporter!.ledger.deliveries.searchDeliveries({ resultId }, 1, 0);
  return delivery;
}
const stateOf = async (resultId: string) => (await deliveryOf(resultId))?.state;
const outcomesOf = async (resultId: string) =>
  (await reporter!.ledger.deliveries.attempts((await deliveryOf(resultId))!.deliveryId)).map(({ outcome }) => outcome);

/** Starts dcmtk's receiver; a port it had before may still be closing. */
async function storescp(port: number, ...options: string[]): Promise<string> {
  const into = join(folder, 'received');
  await mkdir(into, { recursive: true });
  foreign = await startServer('storescp', [...options, '-od', into, '+B', `${port}`], port);
  return into;
}

describe('a receiver of dcmtk', () => {
  it.for<[string, string[]]>([
    ['refuses every association', ['--refuse']],
    ['aborts after each object', ['--abort-after']],
    ['aborts in the middle of each object', ['--abort-during']],
    ['stalls in the middle of each object', ['--sleep-during', '30']],
  ])('that %s is survived: once it is well, the report arrives', async ([_name, options], test) => {
    requireTool('storescp', test.skip);
    const port = await freePort();
    reporter = await startTestReporter(toPort(port));
    const resultId = await recordStudy(reporter, sampleStudy('ct-positive', 1));
    await storescp(port, ...options);
    await reporter.sweep();
    await expect.poll(async () => (await deliveryOf(resultId))?.attempts ?? 0, { timeout: 20_000 }).toBeGreaterThan(1);
    expect(await stateOf(resultId)).toBe('waiting');
    await foreign!.stop();
    const into = await storescp(port);
    await expect.poll(() => stateOf(resultId), { timeout: 20_000 }).toBe('delivered');
    const uid = (await deliveryOf(resultId))!.objects.find(({ state }) => state === 'acknowledged')!.sopInstanceUid;
    const files = (await readdir(into)).filter((name) => name.endsWith(uid));
    expect(files).toHaveLength(1);
    expect((await outcomesOf(resultId)).at(-1)).toBe('delivered');
  });

  it('that takes Implicit VR only gets the same report in it', async (test) => {
    requireTool('storescp', test.skip);
    const dsrdump = requireTool('dsrdump', test.skip);
    const port = await freePort();
    const into = await storescp(port, '+xi');
    reporter = await startTestReporter(toPort(port));
    const resultId = await recordStudy(reporter, sampleStudy('ct-positive', 1));
    await reporter.sweep();
    await expect.poll(() => stateOf(resultId), { timeout: 20_000 }).toBe('delivered');
    const [file] = await readdir(into);
    const dump = await runBeside(dsrdump, [join(into, file!)]);
    expect(dump.status).toBe(0);
    expect(dump.output).toContain('methylmethacrylate embolism');
    const meta = await runBeside('dcmdump', ['+P', '0002,0010', join(into, file!)]);
    expect(meta.output).toContain('LittleEndianImplicit');
  });
});

describe('a receiver that', () => {
  it('refuses Comprehensive 3D SR gets Comprehensive SR, and one report only', async () => {
    receiver = await startCountingReceiver({ takesClass: (uid) => uid !== '1.2.840.10008.5.1.4.1.1.88.34' });
    reporter = await startTestReporter(toPort(receiver.port));
    const resultId = await recordStudy(reporter, sampleStudy('ct-positive', 1));
    await reporter.sweep();
    await expect.poll(() => stateOf(resultId), { timeout: 20_000 }).toBe('delivered');
    const { objects } = (await deliveryOf(resultId))!;
    expect(objects.map(({ state, status }) => [state, status])).toEqual([
      ['replaced', 0x0122],
      ['acknowledged', 0],
    ]);
    expect(receiver.order).toEqual([objects[1]!.sopInstanceUid]);
  });

  it('warns has the object', async () => {
    receiver = await startCountingReceiver({ status: () => 0xb000 });
    reporter = await startTestReporter(toPort(receiver.port));
    const resultId = await recordStudy(reporter, sampleStudy('film-positive', 1));
    await reporter.sweep();
    await expect.poll(() => stateOf(resultId), { timeout: 20_000 }).toBe('delivered');
    expect((await deliveryOf(resultId))!.objects[0]).toMatchObject({ state: 'acknowledged', status: 0xb000 });
  });

  it('is short of resources is asked again; one that cannot understand is not, and the next result goes on', async () => {
    const answers = [0xa700, 0xa700, 0, 0xc000, 0];
    receiver = await startCountingReceiver({ status: (count) => answers[count - 1] ?? 0 });
    reporter = await startTestReporter(toPort(receiver.port));
    const ids: string[] = [];
    for (const seed of [1, 2, 3]) ids.push(await recordStudy(reporter, sampleStudy('ct-negative', seed)));
    await reporter.sweep();
    await expect.poll(() => stateOf(ids[2]!), { timeout: 20_000 }).toBe('delivered');
    expect(await Promise.all(ids.map(stateOf))).toEqual(['delivered', 'failed', 'delivered']);
    expect(await outcomesOf(ids[0]!)).toEqual(['retry', 'retry', 'delivered']);
    expect((await deliveryOf(ids[1]!))!.reason).toContain('0xc000');
    const again = await reporter.ledger.deliveries.redeliver({ resultId: ids[1]! }, new Date());
    expect(again).toEqual({ count: 1, destinations: ['pacs'] });
    await reporter.signal('pacs');
    await expect.poll(() => stateOf(ids[1]!), { timeout: 20_000 }).toBe('delivered');
    expect([...receiver.digests.values()].every((digests) => digests.size === 1)).toBe(true);
  });

  it('answers only after it took the object and lost the connection gets the same bytes again', async () => {
    let isCut = false;
    receiver = await startCountingReceiver({
      status: async (count) => {
        if (count === 1) {
          isCut = true;
          for (const association of receiver!.scp.associations) association.abort('lost');
        }
        return 0;
      },
    });
    reporter = await startTestReporter(toPort(receiver.port));
    const resultId = await recordStudy(reporter, sampleStudy('ct-positive', 1));
    await reporter.sweep();
    await expect.poll(() => stateOf(resultId), { timeout: 20_000 }).toBe('delivered');
    expect(isCut).toBe(true);
    const [uid] = receiver.order;
    expect([receiver.order.length, receiver.counts.get(uid!), receiver.digests.get(uid!)!.size]).toEqual([1, 2, 1]);
  });
});

describe('a newer result', () => {
  it('names the report it replaces, and cancels what was not sent of it', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const port = (silent.address() as { port: number }).port;
    silent.close();
    reporter = await startTestReporter(toPort(port));
    const first = await recordStudy(reporter, sampleStudy('ct-positive', 1));
    await reporter.sweep();
    await expect.poll(() => stateOf(first), { timeout: 20_000 }).toBe('waiting');
    await expect.poll(async () => (await outcomesOf(first)).includes('retry'), { timeout: 20_000 }).toBe(true);
    const second = await recordStudy(reporter, sampleStudy('ct-positive', 1, 'e'.repeat(64)));
    receiver = await startCountingReceiver({ port });
    await reporter.sweep();
    await expect.poll(() => stateOf(second), { timeout: 20_000 }).toBe('delivered');
    const { deliveries } = reporter.ledger;
    const [old] = await deliveries.objectsOfResult(first);
    const [made] = await deliveries.objectsOfResult(second);
    expect(made!.sopInstanceUid).not.toBe(old!.sopInstanceUid);
    const [held] = await reporter.ledger.findInstances(made!.sopInstanceUid);
    expect(Buffer.from(await reporter.store.read(held!)).includes(old!.sopInstanceUid)).toBe(true);
    // What was tried may have been sent after all, unless nobody was there to connect to.
    expect(['cancelled', 'delivered']).toContain(await stateOf(first));
    expect(receiver.order.at(-1)).toBe(made!.sopInstanceUid);
  });
});
