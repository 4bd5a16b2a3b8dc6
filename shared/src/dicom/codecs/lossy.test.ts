import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { buildTestImage, SAMPLE_KINDS, testSamples } from '@pce/test-support/test-image';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { readPart10 } from '../part10.js';
import { decodeFrame, type PixelFrame } from '../pixel-data.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-lossy-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pathOf = (name: string): string => join(folder, name);
const frameOf = (path: string): Promise<PixelFrame> => decodeFrame(readPart10(readFileSync(path)), 0);

function run(tool: string, args: readonly string[]): void {
  const { status, stderr } = runTool(tool, args);
  if (status !== 0) throw new Error(`${tool} ended with ${status}: ${stderr.toString()}`);
}

function largestDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) throw new Error('frames of different size');
  return Array.from(ours).reduce((most, value, index) => Math.max(most, Math.abs(value - theirs[index]!)), 0);
}

interface Compression {
  readonly name: string;
  readonly kind: keyof typeof SAMPLE_KINDS;
  readonly encode: readonly string[];
  readonly decode: readonly string[];
  /** How far decoders may be apart: the inverse DCT is not defined to the last bit. */
  readonly tolerance: number;
}

const COMPRESSIONS: readonly Compression[] = [
  { name: 'JPEG baseline .50', kind: 'u8', encode: ['dcmcjpeg', '+eb'], decode: ['dcmdjpeg'], tolerance: 1 },
  { name: 'JPEG extended .51 of 8 bits', kind: 'u8', encode: ['dcmcjpeg', '+ee'], decode: ['dcmdjpeg'], tolerance: 1 },
  {
    name: 'JPEG extended .51 of 12 bits',
    kind: 'u12',
    encode: ['dcmcjpeg', '+ee'],
    decode: ['dcmdjpeg'],
    tolerance: 1,
  },
  { name: 'JPEG-LS .81, u12', kind: 'u12', encode: ['dcmcjpls', '+en', '+un'], decode: ['dcmdjpls'], tolerance: 0 },
  { name: 'JPEG-LS .81, u16', kind: 'u16', encode: ['dcmcjpls', '+en', '+un'], decode: ['dcmdjpls'], tolerance: 0 },
  {
    name: 'JPEG 2000, irreversible',
    kind: 'u12',
    encode: ['gdcmconv', '--j2k', '--irreversible', '-r', '10'],
    decode: ['gdcmconv', '--raw'],
    tolerance: 0,
  },
];

describe('lossy pixels are those another toolkit decodes from the same file', () => {
  for (const { name, kind, encode, decode, tolerance } of COMPRESSIONS) {
    it(name, async (context: TestContext) => {
      const [encoder, ...encoderOptions] = encode;
      const [decoder, ...decoderOptions] = decode;
      requireTool(encoder!, context.skip);
      requireTool(decoder!, context.skip);
      writeFileSync(pathOf('native.dcm'), buildTestImage({ kind: SAMPLE_KINDS[kind] }));
      run(encoder!, [...encoderOptions, pathOf('native.dcm'), pathOf('compressed.dcm')]);
      run(decoder!, [...decoderOptions, pathOf('compressed.dcm'), pathOf('decoded.dcm')]);
      const ours = await frameOf(pathOf('compressed.dcm'));
      expect(largestDifference(ours.pixels, (await frameOf(pathOf('decoded.dcm'))).pixels)).toBeLessThanOrEqual(
        tolerance,
      );
      // And near the original, so that two decoders of nothing do not pass.
      const original = testSamples(SAMPLE_KINDS[kind], ours.columns, ours.rows);
      const total = Array.from(original).reduce((sum, value, at) => sum + Math.abs(value - ours.pixels[at]!), 0);
      const mean = total / original.length;
      expect(mean / 2 ** SAMPLE_KINDS[kind].bits).toBeLessThan(0.02);
    });
  }
});

describe('colour', () => {
  const kind = SAMPLE_KINDS.u8;
  const [columns, rows] = [61, 46];
  const rgb = Uint8Array.from({ length: columns * rows * 3 }, (_, index) => (index * 7 + (index >> 5)) & 255);
  const colour = { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: 0 };
  const native = buildTestImage({ kind, columns, rows, pixelData: rgb, attributes: colour });

  it('by pixel and by plane reads the same', async () => {
    const planes = Uint8Array.from(rgb, (_, index) => {
      const pixels = columns * rows;
      return rgb[(index % pixels) * 3 + Math.floor(index / pixels)]!;
    });
    const attributes = { ...colour, PlanarConfiguration: 1 };
    const planar = buildTestImage({ kind, columns, rows, pixelData: planes, attributes });
    for (const file of [native, planar]) {
      const frame = await decodeFrame(readPart10(file), 0);
      expect([frame.samplesPerPixel, frame.photometricInterpretation]).toEqual([3, 'RGB']);
      expect(frame.pixels).toEqual(rgb);
    }
  });

  for (const [name, encoder, ...options] of [
    ['RLE', 'dcmcrle'],
    ['JPEG lossless', 'dcmcjpeg', '+e1', '+un'],
    ['JPEG-LS by line', 'dcmcjpls', '+il'],
    ['JPEG-LS by sample', 'dcmcjpls', '+is'],
    ['JPEG-LS by plane', 'dcmcjpls', '+in'],
    ['JPEG 2000', 'gdcmconv', '--j2k'],
  ] as const) {
    it(`comes out of ${name} bit for bit`, async (context: TestContext) => {
      requireTool(encoder, context.skip);
      writeFileSync(pathOf('rgb.dcm'), native);
      run(encoder, [...options, pathOf('rgb.dcm'), pathOf('rgb-compressed.dcm')]);
      const frame = await frameOf(pathOf('rgb-compressed.dcm'));
      expect(frame.photometricInterpretation).toBe('RGB');
      expect(Buffer.compare(Buffer.from(frame.pixels.buffer), Buffer.from(rgb.buffer))).toBe(0);
    });
  }

  it('that is not RGB keeps its name, so that nobody takes it for grey', async () => {
    const attributes = { ...colour, PhotometricInterpretation: 'YBR_FULL' };
    const ybr = await decodeFrame(readPart10(buildTestImage({ kind, columns, rows, pixelData: rgb, attributes })), 0);
    expect(ybr.photometricInterpretation).toBe('YBR_FULL');
    const palette = buildTestImage({ kind, attributes: { PhotometricInterpretation: 'PALETTE COLOR' } });
    expect((await decodeFrame(readPart10(palette), 0)).photometricInterpretation).toBe('PALETTE COLOR');
    const halved = buildTestImage({ kind, attributes: { ...colour, PhotometricInterpretation: 'YBR_FULL_422' } });
    await expect(decodeFrame(readPart10(halved), 0)).rejects.toThrow('received uncompressed YBR_FULL_422 colour');
  });

  it('is made RGB of by a JPEG decoder', async (context: TestContext) => {
    requireTool('dcmcjpeg', context.skip);
    writeFileSync(pathOf('rgb.dcm'), native);
    run('dcmcjpeg', ['+eb', pathOf('rgb.dcm'), pathOf('ybr.dcm')]);
    run('dcmdjpeg', [pathOf('ybr.dcm'), pathOf('decoded.dcm')]);
    expect(readPart10(readFileSync(pathOf('ybr.dcm'))).dataset.string('PhotometricInterpretation')).toMatch(/^YBR/);
    const ours = await frameOf(pathOf('ybr.dcm'));
    expect(ours.photometricInterpretation).toBe('RGB');
    expect(largestDifference(ours.pixels, (await frameOf(pathOf('decoded.dcm'))).pixels)).toBeLessThanOrEqual(1);
  });
});
