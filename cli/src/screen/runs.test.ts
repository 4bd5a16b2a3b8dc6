import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, promises as fs, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '@pce/test-support/foreign-tool';
import { startRedis } from '@pce/test-support/redis-server';
import { buildSmallSlice, smallSlicePosition } from '@pce/test-support/small-ct';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInShard, parseShard } from './shard.js';

const PCE = join(import.meta.dirname, '../../bin/pce.js');
const STUDIES = 6;
const SLICES = 24;
const TABLES = ['findings.csv', 'findings.ndjson', 'findings.parquet', 'problems.csv', 'summary.json'];

let root: string;
let input: string;
const children: ChildProcess[] = [];

function pce(...args: string[]) {
  const child = spawn(process.execPath, [PCE, ...args]);
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, said: () => said };
}

/** Runs to the end; the broken file makes it 2. */
async function finish(...args: string[]): Promise<void> {
  const run = pce(...args);
  const status = await run.ended;
  expect(status, run.said()).toBe(2);
}

const tablesOf = (out: string) =>
  Promise.all(TABLES.map(async (name) => (await fs.readFile(join(root, out, name))).toString('latin1')));

beforeAll(async () => {
  root = await fs.mkdtemp(join(tmpdir(), 'pce-runs-'));
  input = join(root, 'in');
  for (let n = 0; n < STUDIES; n++) {
    const folder = join(input, String(n));
    await fs.mkdir(folder, { recursive: true });
    for (let k = 0; k < SLICES; k++) {
      const place = { positionLpsMm: smallSlicePosition(k * 5), sliceThicknessMm: 5 };
      await fs.writeFile(join(folder, `${k}.dcm`), buildSmallSlice({ seed: `${k}`, study: `run ${n}`, ...place }));
    }
    await fs.writeFile(join(folder, 'broken.dcm'), 'no image');
  }
  await finish('screen', input, '--out', join(root, 'whole'), '--jobs', '1');
}, 120_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await fs.rm(root, { recursive: true, force: true });
});

describe('shards', { timeout: 120_000 }, () => {
  it('are read from I/N, and every key belongs to one', () => {
    expect(parseShard('2/8')).toEqual({ index: 2, count: 8 });
    for (const text of ['0/2', '3/2', '1', '1/0', 'a/b'])
      expect(() => parseShard(text)).toThrow('--shard: expected I/N');
    for (let n = 0; n < 50; n++) {
      const owners = [1, 2, 3].filter((index) => isInShard(`1.2.${n}`, { index, count: 3 }));
      expect(owners).toHaveLength(1);
    }
  });

  it('merged give the outputs of one run', async () => {
    const parts = ['1', '2'].map((index) => join(root, `part${index}`));
    await Promise.all(
      parts.map((part, n) => finish('screen', input, '--out', part, '--jobs', '1', '--shard', `${n + 1}/2`)),
    );
    const counts = parts.map((part) =>
      readdirSync(join(part, '.pce/studies')).filter((name) => name.endsWith('.json')),
    );
    expect(counts.map((names) => names.length).reduce((a, b) => a + b)).toBe(STUDIES);
    await finish('merge', ...parts, '--out', join(root, 'merged'));
    expect(await tablesOf('merged')).toEqual(await tablesOf('whole'));
    const alone = pce('merge', parts[0]!, '--out', join(root, 'half'));
    expect(await alone.ended).toBe(1);
    expect(alone.said()).toContain('DIR: expected each of 2 shards once; received shards 1');
  });
});

describe('--resume', { timeout: 120_000 }, () => {
  it('goes on after kill -9 with nothing lost, doubled or done again', async () => {
    const out = join(root, 'killed');
    const studies = join(out, '.pce/studies');
    const records = () => (existsSync(studies) ? readdirSync(studies).filter((name) => name.endsWith('.json')) : []);
    const run = pce('screen', input, '--out', out, '--jobs', '1');
    await expect.poll(() => records().length, { timeout: 60_000, interval: 5 }).toBeGreaterThan(0);
    run.child.kill('SIGKILL');
    await run.ended;
    const kept = records()[0]!;
    const { mtimeMs } = await fs.stat(join(studies, kept));
    const other = pce('screen', input, '--out', out, '--resume', '--report-above', '0.5');
    expect(await other.ended).toBe(1);
    expect(other.said()).toContain('--resume: expected the settings and version of the run to go on with');
    await finish('screen', input, '--out', out, '--resume', '--jobs', '1');
    expect((await fs.stat(join(studies, kept))).mtimeMs).toBe(mtimeMs);
    expect(await tablesOf('killed')).toEqual(await tablesOf('whole'));
  });
});

describe('--queue', { timeout: 120_000 }, () => {
  it('spread over two workers gives the outputs of one run', async (test) => {
    requireTool('redis-server', test.skip);
    const redis = await startRedis();
    try {
      const workers = [1, 2].map(() => pce('screen-worker', '--queue', redis.url, '--jobs', '1'));
      await finish('screen', input, '--out', join(root, 'queued'), '--queue', redis.url);
      expect(await tablesOf('queued')).toEqual(await tablesOf('whole'));
      for (const worker of workers) worker.child.kill('SIGTERM');
      expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0]);
      const shares = workers.map((worker) => worker.said().split(' done\n').length - 1);
      expect(shares[0]! + shares[1]!).toBe(STUDIES);
    } finally {
      await redis.stop();
    }
  });
});

describe('a worker that is killed', { timeout: 180_000 }, () => {
  it('loses no study: another takes up what it had begun', async (test) => {
    requireTool('redis-server', test.skip);
    const redis = await startRedis();
    try {
      const doomed = pce('screen-worker', '--queue', redis.url, '--jobs', '2');
      const run = pce('screen', input, '--out', join(root, 'orphaned'), '--queue', redis.url);
      await expect.poll(doomed.said, { timeout: 60_000, interval: 20 }).toContain(' done\n');
      doomed.child.kill('SIGKILL');
      await doomed.ended;
      expect(doomed.said().split(' done\n').length - 1).toBeLessThan(STUDIES);
      const heir = pce('screen-worker', '--queue', redis.url, '--jobs', '1');
      expect(await run.ended, run.said()).toBe(2);
      expect(await tablesOf('orphaned')).toEqual(await tablesOf('whole'));
      heir.child.kill('SIGTERM');
      expect(await heir.ended).toBe(0);
    } finally {
      await redis.stop();
    }
  });
});

describe('--watch', { timeout: 120_000 }, () => {
  it('takes a study that comes later, once its files rest, until stopped', async () => {
    const inbox = join(root, 'inbox');
    await fs.cp(join(input, '0'), join(inbox, '0'), { recursive: true });
    const out = join(root, 'watched');
    const run = pce('screen', inbox, '--out', out, '--jobs', '1', '--watch', '1', '--format', 'csv');
    const exams = async () =>
      (await fs.readFile(join(out, 'findings.csv'), 'utf8').catch(() => ''))
        .split('\n')
        .filter((row) => /^exam/.test(row));
    await expect.poll(async () => (await exams()).length, { timeout: 60_000 }).toBe(1);
    await fs.cp(join(input, '1'), join(inbox, '1'), { recursive: true });
    await expect.poll(async () => (await exams()).length, { timeout: 60_000 }).toBe(2);
    run.child.kill('SIGINT');
    // Between two looks everything is written; within one it was interrupted.
    expect([2, 130]).toContain(await run.ended);
    expect((await exams()).sort()).toEqual(await exams());
  });
});
