import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { readPart10 } from './part10.js';
import { decodeFrame, frameCount, type PixelFrame } from './pixel-data.js';

const images = join(process.env.PCE_SHARED_DIR ?? join(import.meta.dirname, '../../../../shared'), 'data/dicom');
const haveImages = existsSync(images);
if (!haveImages) console.warn('skipped: real DICOM files (development images are not there)');

/** Files that are to be refused, and how. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'PYDICOM-LICENSE': /expected a DICOM file .* received text/,
  LICENSE: /expected a DICOM file .* received text/,
  'CTImage.dcm_JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55.dcm': /have the PACS send it uncompressed/,
  'CTImage.dcm_JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53.dcm': /have the PACS send it uncompressed/,
  'US-YBR_FULL_422-EVRLE.dcm': /uncompressed YBR_FULL_422 colour/,
  'no-pixel-data.dcm': /Rows \(0028,0010\)/,
};
/** HTJ2K, which neither toolkit reads. */
const WITHOUT_REFEREE = ['HTJ2KLossless_08_RGB.dcm', 'HTJ2K_08_RGB.dcm'];

/** 12-bit JPEG, whose inverse transform is not defined to the last bit. All others, lossy ones too, agree exactly. */
const WITHIN_ONE = [
  'CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm',
  'CT0012.fragmented_no_bot_jpeg_baseline.51.dcm',
];

const DECODERS: readonly [tool: string, ...options: string[]][] = [
  ['gdcmconv', '--raw'],
  ['dcmdjpeg'],
  ['dcmdjpls'],
  ['dcmdrle'],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-real-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function lastFrame(path: string): Promise<PixelFrame> {
  const file = readPart10(readFileSync(path));
  return decodeFrame(file, frameCount(file) - 1);
}

/** The last frame as each toolkit that can decodes it, where it leaves the colours we give. */
async function refereeFrames(path: string, ours: PixelFrame): Promise<PixelFrame[]> {
  const frames: PixelFrame[] = [];
  for (const [tool, ...options] of DECODERS) {
    const raw = join(folder, 'raw.dcm');
    rmSync(raw, { force: true });
    if (runTool(tool, [...options, path, raw]).status !== 0 || !existsSync(raw)) continue;
    if (readPart10(readFileSync(raw)).transferSyntax.encapsulated) continue;
    const frame = await lastFrame(raw);
    if (frame.photometricInterpretation === ours.photometricInterpretation) frames.push(frame);
  }
  return frames;
}

function largestDifference(ours: PixelFrame, theirs: PixelFrame): number {
  if (ours.pixels.length !== theirs.pixels.length) throw new Error('frames of different size');
  let largest = 0;
  for (let i = 0; i < ours.pixels.length; i++) {
    largest = Math.max(largest, Math.abs(ours.pixels[i]! - theirs.pixels[i]!));
  }
  return largest;
}

describe.skipIf(!haveImages)('real files come out as dcmtk and gdcm decode them, or are refused with a reason', () => {
  const files = ['transfer-syntaxes', 'odd', 'radiographs'].flatMap((sub) =>
    (haveImages ? readdirSync(join(images, sub)) : []).map((name) => [name, join(images, sub, name)] as const),
  );
  for (const [name, path] of files) {
    it(name, async (context: TestContext) => {
      const reason = REFUSED[name];
      if (reason !== undefined) {
        await expect(lastFrame(path)).rejects.toThrow(reason);
        return;
      }
      for (const [tool] of DECODERS) requireTool(tool, context.skip);
      const ours = await lastFrame(path);
      expect(ours.pixels.length).toBe(ours.rows * ours.columns * ours.samplesPerPixel);
      const theirs = await refereeFrames(path, ours);
      expect(theirs.length > 0).toBe(!WITHOUT_REFEREE.includes(name));
      const tolerance = WITHIN_ONE.includes(name) ? 1 : 0;
      for (const frame of theirs) expect(largestDifference(ours, frame)).toBeLessThanOrEqual(tolerance);
    });
  }
});
