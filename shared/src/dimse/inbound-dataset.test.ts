import { describe, expect, it } from 'vitest';
import { InboundDataset } from './inbound-dataset.js';
import { ReadGate } from './read-gate.js';

function setUp() {
  const gateLog: string[] = [];
  const dataset = new InboundDataset(
    new ReadGate(
      () => gateLog.push('pause'),
      () => gateLog.push('resume'),
    ),
  );
  return { dataset, gateLog };
}

describe('InboundDataset', () => {
  it('stops the peer while the writer is behind, and loses nothing', async () => {
    const { dataset, gateLog } = setUp();
    const written: string[] = [];
    let letGo: () => void = () => {};
    const done = dataset.pipeTo({
      write: (bytes) => {
        written.push(Buffer.from(bytes).toString());
        return written.length === 1
          ? new Promise<void>((resolve) => {
              letGo = resolve;
            })
          : undefined;
      },
    });
    dataset.push(Buffer.from('a'));
    dataset.push(Buffer.from('b'));
    dataset.end();
    expect([written, gateLog]).toEqual([['a'], ['pause']]);
    letGo();
    await done;
    expect([written, gateLog]).toEqual([
      ['a', 'b'],
      ['pause', 'resume'],
    ]);
  });

  it('holds what comes before the writer is known, up to the high-water mark', async () => {
    const { dataset, gateLog } = setUp();
    dataset.push(Buffer.alloc(100 * 1024, 1));
    expect(gateLog).toEqual([]);
    dataset.push(Buffer.alloc(100 * 1024, 2));
    expect(gateLog).toEqual(['pause']);
    dataset.end();
    let length = 0;
    await dataset.pipeTo({
      write: (bytes) => {
        length += bytes.length;
      },
    });
    expect([length, gateLog]).toEqual([200 * 1024, ['pause', 'resume']]);
  });

  it('fails when the association ends, and when the writer throws', async () => {
    const first = setUp().dataset;
    const ended = first.pipeTo({ write: () => undefined });
    first.fail(new Error('gone'));
    await expect(ended).rejects.toThrow('gone');

    const second = setUp();
    const failed = second.dataset.pipeTo({ write: () => Promise.reject(new Error('broken')) });
    second.dataset.push(Buffer.from('a'));
    await expect(failed).rejects.toThrow('broken');
    expect(second.gateLog).toEqual(['pause', 'resume']);
  });
});
