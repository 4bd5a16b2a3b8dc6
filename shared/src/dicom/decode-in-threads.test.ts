import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { buildTestImage, SAMPLE_KINDS, testSamples } from '@pce/test-support/test-image';
import { expect, it, type TestContext } from 'vitest';

/** A thread runs what was built. */
const BUILT = join(import.meta.dirname, '../../dist/dicom');
const urlOf = (name: string): string => pathToFileURL(join(BUILT, name)).href;
const kind = SAMPLE_KINDS.s12;
const THREADS = 2;

/** Decodes the files in a thread of its own and gives the samples of each. */
function decodeInThread(files: readonly Uint8Array[]): Promise<ArrayLike<number>[]> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    (async () => {
      const { readPart10 } = await import(${JSON.stringify(urlOf('part10.js'))});
      const { decodeFrame } = await import(${JSON.stringify(urlOf('pixel-data.js'))});
      const frames = [];
      for (const file of workerData) frames.push((await decodeFrame(readPart10(file), 0)).pixels);
      parentPort.postMessage(frames);
    })();`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true, workerData: files });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

it('decodes in several threads at once, each with codecs of its own', async (context: TestContext) => {
  if (!existsSync(BUILT)) context.skip('shared is not built');
  const folder = mkdtempSync(join(tmpdir(), 'pce-threads-'));
  try {
    const from = join(folder, 'from.dcm');
    writeFileSync(from, buildTestImage({ kind }));
    const encoders = [['dcmcjpls', '+un'], ['gdcmconv', '--j2k'], ['dcmcjpeg', '+e1', '+un'], ['dcmcrle']] as const;
    const files = encoders.map(([tool, ...options]) => {
      requireTool(tool, context.skip);
      const to = join(folder, `${tool}.dcm`);
      expect(runTool(tool, [...options, from, to]).status).toBe(0);
      return readFileSync(to);
    });
    const threads = await Promise.all(Array.from({ length: THREADS }, () => decodeInThread(files)));
    const wanted = Array.from(testSamples(kind, 61, 46));
    for (const frame of threads.flat()) expect(Array.from(frame)).toEqual(wanted);
    expect(threads.flat()).toHaveLength(THREADS * encoders.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
