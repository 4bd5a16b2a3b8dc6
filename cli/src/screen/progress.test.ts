import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgressView } from './progress.js';

function viewOn(isTTY: boolean) {
  let time = 0;
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120, rows: 30, cursorTo() {}, clearLine() {} });
  const view = createProgressView(stream as unknown as NodeJS.WriteStream, () => time);
  return { view, advance: (ms: number) => (time += ms), written: () => String(stream.read() ?? '') };
}

const found = { inputs: 12, instances: 10, studies: 3 };

describe('progress without a terminal', () => {
  it('is plain lines, not more often than every two seconds, and always the last', () => {
    const { view, advance, written } = viewOn(false);
    view.scanned(found);
    advance(1000);
    view.studies({ done: 1, total: 3, present: 0, problems: 0 });
    advance(1500);
    view.studies({ done: 2, total: 3, present: 1, problems: 0 });
    advance(500);
    view.studies({ done: 3, total: 3, present: 1, problems: 2 });
    view.close();
    expect(written().split('\n')).toEqual([
      'Found: 12 files, 10 DICOM instances, 3 studies',
      '2/3 studies, 1 present, 0 with problems, 48 studies/min, about 1 s left',
      '3/3 studies, 1 present, 2 with problems, 60 studies/min',
      '',
    ]);
  });

  it('has no control characters', () => {
    const { view, advance, written } = viewOn(false);
    advance(5000);
    view.scanning(found);
    view.note('Stopping');
    expect(written()).toMatch(/^[\x20-\x7e\n]+$/);
  });
});

describe('progress on a terminal', () => {
  it('draws a bar with the count, the pace and the time left', () => {
    const { view, advance, written } = viewOn(true);
    view.scanned(found);
    advance(2000);
    view.studies({ done: 2, total: 3, present: 1, problems: 0 });
    view.close();
    const text = written();
    expect(text).toContain('2/3 studies');
    expect(text).toContain('60 studies/min, about 1 s left');
  });
});
