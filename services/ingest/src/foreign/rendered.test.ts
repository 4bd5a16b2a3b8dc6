import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frameDataset } from '@pce/shared/dicom/functional-groups';
import { readPart10 } from '@pce/shared/dicom/part10';
import { decodeFrame } from '@pce/shared/dicom/pixel-data';
import { displayCases } from '@pce/test-support/display-cases';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { PNG } from 'pngjs';
import { expect, it } from 'vitest';
import { renderFrame } from '../adapters/render-frame.js';

/** Rounding, and tables that dcmtk scales to eight bits before it looks them up. */
const GREY_TOLERANCE = 1;

/** Grey levels as dcmtk shows the image: the first VOI LUT where there is one, else the first window. */
async function greysByDcmtk(file: Uint8Array, folder: string): Promise<Buffer> {
  const path = join(folder, 'image.dcm');
  await writeFile(path, file);
  const hasTable = readPart10(file).dataset.has('VOILUTSequence');
  const run = runTool('dcmj2pnm', ['--write-raw-pnm', hasTable ? '+Wl' : '+Wi', '1', path]);
  expect(run.status, run.stderr.toString()).toBe(0);
  return run.stdout.subarray(run.stdout.length - 64 * 64);
}

it.for(displayCases())('a film with $name looks as dcmtk shows it', async ({ file }, { skip }) => {
  requireTool('dcmj2pnm', skip);
  const folder = await mkdtemp(join(tmpdir(), 'pce-rendered-'));
  try {
    const expected = await greysByDcmtk(file, folder);
    const read = readPart10(file);
    const { data } = PNG.sync.read(renderFrame(await decodeFrame(read, 0), frameDataset(read.dataset, 0)));
    const differences = Array.from(expected, (grey, at) => Math.abs(grey - (data[at * 4] as number)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(GREY_TOLERANCE);
    expect(new Set(expected).size).toBeGreaterThan(100);
  } finally {
    await rm(folder, { recursive: true });
  }
});
