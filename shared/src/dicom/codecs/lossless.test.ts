import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { buildTestImage, SAMPLE_KINDS, storedBytes, testSamples } from '@pce/test-support/test-image';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { encapsulatedFrame } from '../encapsulated-frames.js';
import { readPart10 } from '../part10.js';
import { decodeFrame } from '../pixel-data.js';
import { PixelDecodeError } from '../pixel-error.js';

/** Odd sides, and an image smaller than any block, whose last sample ends in the codestream's last byte. */
const SIZES = [
  [61, 46],
  [7, 3],
] as const;
/** gdcm's encoders refuse odd byte planes and images smaller than their blocks. */
const GDCM_SIZES = [
  [61, 46],
  [34, 33],
] as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-codecs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Encoders of the two foreign toolkits, by the transfer syntax they write. */
const ENCODERS: readonly [name: string, syntax: string, tool: string, options: string[]][] = [
  ['implicit little endian', '1.2.840.10008.1.2', 'dcmconv', ['+ti']],
  ['explicit big endian', '1.2.840.10008.1.2.2', 'dcmconv', ['+tb']],
  ['deflated', '1.2.840.10008.1.2.1.99', 'dcmconv', ['+td']],
  ['RLE, dcmtk', '1.2.840.10008.1.2.5', 'dcmcrle', []],
  ['RLE, gdcm', '1.2.840.10008.1.2.5', 'gdcmconv', ['--rle']],
  ...[1, 2, 3, 4, 5, 6, 7].map((predictor): [string, string, string, string[]] => [
    `JPEG lossless .57, predictor ${predictor}`,
    '1.2.840.10008.1.2.4.57',
    'dcmcjpeg',
    ['+el', '+sv', `${predictor}`, '+un'],
  ]),
  ['JPEG lossless .70, dcmtk', '1.2.840.10008.1.2.4.70', 'dcmcjpeg', ['+e1', '+un']],
  ['JPEG lossless .70, gdcm', '1.2.840.10008.1.2.4.70', 'gdcmconv', ['--jpeg']],
  ['JPEG-LS, dcmtk', '1.2.840.10008.1.2.4.80', 'dcmcjpls', ['+un']],
  ['JPEG-LS, gdcm', '1.2.840.10008.1.2.4.80', 'gdcmconv', ['--jpegls']],
  ['JPEG 2000, gdcm', '1.2.840.10008.1.2.4.90', 'gdcmconv', ['--j2k']],
];

async function expectSamples(bytes: Uint8Array, wanted: Int16Array | Uint16Array): Promise<void> {
  const frame = await decodeFrame(readPart10(bytes), 0);
  expect(frame.pixels.length).toBe(wanted.length);
  const wrong = wanted.findIndex((value, index) => frame.pixels[index] !== value);
  expect(wrong, `first wrong sample of ${wanted.length}`).toBe(-1);
}

describe('what another toolkit compressed comes out bit for bit', () => {
  for (const [name, syntax, tool, options] of ENCODERS) {
    for (const [kindName, kind] of Object.entries(SAMPLE_KINDS)) {
      it(`${name}, ${kindName}`, async (context: TestContext) => {
        requireTool(tool, context.skip);
        const from = join(folder, 'from.dcm');
        const to = join(folder, 'to.dcm');
        for (const [columns, rows] of tool === 'gdcmconv' ? GDCM_SIZES : SIZES) {
          writeFileSync(from, buildTestImage({ kind, columns, rows }));
          const run = runTool(tool, [...options, from, to]);
          expect(run.status, run.stderr.toString()).toBe(0);
          const compressed = readFileSync(to);
          expect(readPart10(compressed).transferSyntaxUid).toBe(syntax);
          await expectSamples(compressed, testSamples(kind, columns, rows));
        }
      });
    }
  }
});

describe('a codestream that ends early is refused, not filled with black', () => {
  const ENCODERS_BY_NAME = { RLE: 'RLE, dcmtk', 'JPEG lossless': '.70, dcmtk', 'JPEG-LS': 'LS, dcmtk', J2K: '2000' };
  for (const [family, part] of Object.entries(ENCODERS_BY_NAME))
    it(family, async (context: TestContext) => {
      const [, transferSyntaxUid, tool, options] = ENCODERS.find(([name]) => name.includes(part))!;
      requireTool(tool, context.skip);
      const kind = SAMPLE_KINDS.s12;
      const [from, to] = [join(folder, 'from.dcm'), join(folder, 'to.dcm')];
      writeFileSync(from, buildTestImage({ kind }));
      runTool(tool, [...options, from, to]);
      const whole = readPart10(readFileSync(to));
      const frame = encapsulatedFrame(whole.pixelData!, 0, 1, []);
      for (const share of [0.3, 0.6, 0.9]) {
        const pixelData = [frame.subarray(0, Math.floor(frame.length * share))];
        const cut = readPart10(buildTestImage({ kind, transferSyntaxUid, pixelData }));
        await expect(decodeFrame(cut, 0)).rejects.toThrow(PixelDecodeError);
      }
    });
});

describe('encapsulated without a codec family of its own', () => {
  const kind = SAMPLE_KINDS.s12;
  const native = storedBytes(testSamples(kind, 61, 46), kind);
  it.each([
    ['uncompressed', '1.2.840.10008.1.2.1.98', native],
    ['deflated frame', '1.2.840.10008.1.2.8.1', deflateRawSync(native)],
  ])('%s', async (_name, transferSyntaxUid, fragment) => {
    await expectSamples(buildTestImage({ kind, transferSyntaxUid, pixelData: [fragment] }), testSamples(kind, 61, 46));
  });
  it('refuses a deflated frame that inflates to more than the image', async () => {
    const fragment = deflateRawSync(new Uint8Array(1 << 24));
    const file = buildTestImage({ kind, transferSyntaxUid: '1.2.840.10008.1.2.8.1', pixelData: [fragment] });
    await expect(decodeFrame(readPart10(file), 0)).rejects.toThrow('deflated frame: expected 5612 bytes inflated');
  });
});
