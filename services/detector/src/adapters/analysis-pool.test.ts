import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { AnalysisMemoryError, AnalysisTimeoutError } from './analysis-errors.js';
import { AnalysisPool, type AnalysisPoolOptions } from './analysis-pool.js';

/** A worker that does as the location of its first instance says. */
const WORKER = `
export default async function ({ instances }) {
  const [first] = instances;
  if (first.location === 'hang') for (;;);
  if (first.location === 'wait') await new Promise((resolve) => setTimeout(resolve, 50));
  if (first.location === 'fail') throw new TypeError('broken');
  if (first.location === 'heap') { const kept = []; for (;;) kept.push(new Array(1e5).fill({})); }
  if (first.location === 'late') setTimeout(() => { throw new Error('late fault'); }, 20);
  if (first.location === 'buffer') new Float64Array(2 ** 40);
  return { problems: [], passedOver: [], pictures: [], result: first.location };
}`;

const folder = mkdtempSync(join(tmpdir(), 'pce-pool-'));
const workerFile = join(folder, 'worker.mjs');
writeFileSync(workerFile, WORKER);
afterAll(() => rmSync(folder, { recursive: true }));

let pool: AnalysisPool;
afterEach(() => pool.close());

function open(options: AnalysisPoolOptions = {}): AnalysisPool {
  pool = new AnalysisPool({ workerFile, threads: 1, timeLimitMs: 20_000, ...options });
  return pool;
}

const study = (location: string) => [{ studyInstanceUid: '1.2.3', location } as StoredInstance];
const OPTIONS = { reportAbove: 0.5 };
const answer = async (location: string) => (await pool.analyse(study(location), OPTIONS)).result;

describe('AnalysisPool', () => {
  it('ends a study that hangs, says which, and goes on', async () => {
    open({ timeLimitMs: 3000 });
    const hung = pool.analyse(study('hang'), OPTIONS);
    await expect(hung).rejects.toBeInstanceOf(AnalysisTimeoutError);
    await expect(hung).rejects.toMatchObject({ studyInstanceUid: '1.2.3', limitMs: 3000 });
    expect(await answer('next')).toBe('next');
  });

  it('survives a study that takes too much memory', async () => {
    open({ heapLimitMb: 64 });
    await expect(pool.analyse(study('heap'), OPTIONS)).rejects.toMatchObject({ limitMb: 64 });
    await expect(pool.analyse(study('buffer'), OPTIONS)).rejects.toBeInstanceOf(AnalysisMemoryError);
    expect(await answer('next')).toBe('next');
  });

  it('passes on an error of the analysis', async () => {
    open();
    await expect(pool.analyse(study('fail'), OPTIONS)).rejects.toThrow('broken');
    expect(await answer('next')).toBe('next');
  });

  it('survives a thread that breaks after its answer', async () => {
    open();
    expect(await answer('late')).toBe('late');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await answer('next')).toBe('next');
  });

  it('fails at once when the worker cannot be started', async () => {
    open({ workerFile: join(folder, 'absent.mjs') });
    await expect(pool.analyse(study('next'), OPTIONS)).rejects.toThrow('absent.mjs');
  });

  it('counts the time limit from when the thread begins', async () => {
    open({ timeLimitMs: 3000 });
    const answers = await Promise.all(Array.from({ length: 80 }, () => answer('wait')));
    expect(answers).toHaveLength(80);
  });

  it('stops at the caller’s wish, running and waiting', async () => {
    open();
    const controller = new AbortController();
    const running = pool.analyse(study('hang'), OPTIONS, controller.signal);
    const waiting = pool.analyse(study('next'), OPTIONS, controller.signal);
    setTimeout(() => controller.abort(new Error('stopped')), 200);
    await expect(running).rejects.toThrow('stopped');
    await expect(waiting).rejects.toThrow('stopped');
    expect(await answer('next')).toBe('next');
  });

  it('wants at least one thread', () => {
    expect(() => new AnalysisPool({ threads: 0 })).toThrow('expected a whole number from 1; received 0');
  });
});
