import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { buildTestImage, SAMPLE_KINDS } from '@pce/test-support/test-image';
import { describe, expect, it, type TestContext } from 'vitest';
import { encapsulatedFrame } from '../encapsulated-frames.js';
import { readPart10 } from '../part10.js';
import { decodeFrame } from '../pixel-data.js';
import { PixelDecodeError, UnsupportedTransferSyntaxError } from '../pixel-error.js';
import { inverseDct } from './inverse-dct.js';

const JPEG_EXTENDED = '1.2.840.10008.1.2.4.51';
const kind = SAMPLE_KINDS.u12;

function encodeByDcmtk(context: TestContext): Uint8Array {
  requireTool('dcmcjpeg', context.skip);
  const folder = mkdtempSync(join(tmpdir(), 'pce-extended-'));
  try {
    writeFileSync(join(folder, 'from.dcm'), buildTestImage({ kind }));
    expect(runTool('dcmcjpeg', ['+ee', join(folder, 'from.dcm'), join(folder, 'to.dcm')]).status).toBe(0);
    return encapsulatedFrame(readPart10(readFileSync(join(folder, 'to.dcm'))).pixelData!, 0, 1, []).slice();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
const decode = (codestream: Uint8Array) =>
  decodeFrame(readPart10(buildTestImage({ kind, transferSyntaxUid: JPEG_EXTENDED, pixelData: [codestream] })), 0);

describe('12-bit JPEG', () => {
  it('that ends early or loses its tables is refused', async (context: TestContext) => {
    const codestream = encodeByDcmtk(context);
    for (const share of [0.3, 0.6, 0.9]) {
      await expect(decode(codestream.subarray(0, codestream.length * share))).rejects.toThrow(PixelDecodeError);
    }
    const huffman = Buffer.from(codestream).indexOf(Buffer.of(0xff, 0xc4));
    const withoutTables = codestream.slice();
    withoutTables[huffman + 1] = 0xfe;
    await expect(decode(withoutTables)).rejects.toThrow('expected the tables its scan names; received not all of them');
  });
  it('of another process is named as unsupported', async (context: TestContext) => {
    const codestream = encodeByDcmtk(context);
    const progressive = codestream.slice();
    progressive[Buffer.from(codestream).indexOf(Buffer.of(0xff, 0xc1)) + 1] = 0xc2;
    await expect(decode(progressive)).rejects.toThrow(UnsupportedTransferSyntaxError);
  });
});

describe('inverseDct', () => {
  it('of a DC coefficient is flat', () => {
    const block = new Float64Array(64);
    block[0] = 80;
    inverseDct(block);
    for (const value of block) expect(value).toBeCloseTo(10, 9);
  });
  it('undoes the forward transform as ITU-T T.81 A.3.3 writes it', () => {
    const pixels = Float64Array.from({ length: 64 }, (_, index) => ((index * 37) % 101) - 50);
    const c = (k: number): number => (k === 0 ? Math.SQRT1_2 : 1);
    const block = Float64Array.from({ length: 64 }, (_, index) => {
      const [v, u] = [index >> 3, index & 7];
      let sum = 0;
      for (let y = 0; y < 8; y++) {
        for (let x = 0; x < 8; x++) {
          const wave = Math.cos(((2 * x + 1) * u * Math.PI) / 16) * Math.cos(((2 * y + 1) * v * Math.PI) / 16);
          sum += pixels[y * 8 + x]! * wave;
        }
      }
      return (c(u) * c(v) * sum) / 4;
    });
    inverseDct(block);
    block.forEach((value, index) => {
      expect(value).toBeCloseTo(pixels[index]!, 9);
    });
  });
});
