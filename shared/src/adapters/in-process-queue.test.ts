import { describe, expect, it } from 'vitest';
import type { Job } from '../ports/job-queue.js';
import { InProcessQueue } from './in-process-queue.js';

const analyse = (key: string, priority = 0): Job => ({ kind: 'analyse', key, priority });

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const failures: string[] = [];
const newQueue = () => new InProcessQueue((job, error) => failures.push(`${job.key}: ${error.message}`));

describe('the queue of one process', () => {
  it('does the jobs that came before anyone would, highest priority first', async () => {
    const queue = newQueue();
    for (const [key, priority] of [
      ['low', 1],
      ['high', 9],
      ['middle', 5],
    ] as const)
      await queue.add(analyse(key, priority));
    expect(await queue.waiting()).toEqual({ analyse: 3, report: 0, deliver: 0 });
    const done: string[] = [];
    const { open, opened } = gate();
    queue.process('analyse', 1, async (key) => {
      done.push(key);
      if (done.length === 3) open();
    });
    await opened;
    expect(done).toEqual(['high', 'middle', 'low']);
    await queue.close(0);
  });

  it('takes a waiting job once, and one that came while it ran once more, never two at a time', async () => {
    const queue = newQueue();
    const log: string[] = [];
    const started = gate();
    const first = gate();
    const second = gate();
    queue.process('analyse', 4, async (key) => {
      log.push(`begin ${key}`);
      started.open();
      if (log.length === 1) await first.opened;
      log.push(`end ${key}`);
      if (log.length === 4) second.open();
    });
    await queue.add(analyse('a'));
    await started.opened;
    await queue.add(analyse('a'));
    await queue.add(analyse('a'));
    first.open();
    await second.opened;
    await queue.close(1000);
    expect(log).toEqual(['begin a', 'end a', 'begin a', 'end a']);
  });

  it('reports what a job threw, and goes on', async () => {
    const queue = newQueue();
    const { open, opened } = gate();
    queue.process('report', 1, async (key) => {
      if (key === 'bad') throw new Error('no such result');
      open();
    });
    await queue.add({ kind: 'report', key: 'bad', priority: 0 });
    await queue.add({ kind: 'report', key: 'good', priority: 0 });
    await opened;
    expect(failures).toContain('bad: no such result');
    await queue.close(0);
  });

  it('on closing lets what runs end, aborts it when the time is over, and begins nothing more', async () => {
    const queue = newQueue();
    const seen: string[] = [];
    const started = gate();
    queue.process('deliver', 1, async (key, signal) => {
      seen.push(key);
      started.open();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      seen.push(`${key} aborted`);
    });
    await queue.add({ kind: 'deliver', key: 'pacs', priority: 0 });
    await queue.add({ kind: 'deliver', key: 'archive', priority: 0 });
    await started.opened;
    await queue.close(10);
    await queue.add({ kind: 'deliver', key: 'late', priority: 0 });
    expect(seen).toEqual(['pacs', 'pacs aborted']);
  });

  it('refuses a second processor of a kind', () => {
    const queue = newQueue();
    queue.process('analyse', 1, async () => {});
    expect(() => queue.process('analyse', 1, async () => {})).toThrow('a second');
  });
});
