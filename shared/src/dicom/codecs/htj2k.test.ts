import { buildTestImage, SAMPLE_KINDS, type SampleKind, storedBytes, testSamples } from '@pce/test-support/test-image';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPart10 } from '../part10.js';
import { decodeFrame } from '../pixel-data.js';
import { PixelDecodeError } from '../pixel-error.js';

const SYNTAXES = ['1.2.840.10008.1.2.4.201', '1.2.840.10008.1.2.4.202', '1.2.840.10008.1.2.4.203'];
const SIZES = [
  [61, 46],
  [7, 3],
] as const;

describe('HTJ2K, which no toolkit of Debian writes, comes out of the encoder beside our decoder bit for bit', () => {
  for (const [kindName, kind] of Object.entries(SAMPLE_KINDS)) {
    it.each(SYNTAXES)(`${kindName}, %s`, async (transferSyntaxUid) => {
      for (const [columns, rows] of SIZES) {
        const codestream = await encodeHtj2k(kind, columns, rows);
        const file = buildTestImage({ kind, columns, rows, transferSyntaxUid, pixelData: [codestream] });
        const frame = await decodeFrame(readPart10(file), 0);
        expect(Int32Array.from(frame.pixels)).toEqual(Int32Array.from(testSamples(kind, columns, rows)));
      }
    });
  }

  it('or is refused where it is damaged', async () => {
    const kind = SAMPLE_KINDS.s12;
    const codestream = await encodeHtj2k(kind, 61, 46);
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    const edits = fc.array(fc.tuple(part, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constant(1), part), edits, async (keep, changes) => {
        const bytes = codestream.slice(0, Math.ceil(codestream.length * keep));
        for (const [place, value] of changes) bytes[Math.floor(place * bytes.length)] = value;
        const file = buildTestImage({ kind, transferSyntaxUid: SYNTAXES[0]!, pixelData: [bytes] });
        try {
          const { pixels } = await decodeFrame(readPart10(file), 0);
          expect(pixels).toHaveLength(61 * 46);
        } catch (error) {
          expect(error).toBeInstanceOf(PixelDecodeError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('JPEG 2000 headers made to exhaust are refused before anything is decoded', () => {
  /** Offsets in a bare codestream. Source: ITU-T T.800 A.5.1. */
  const [TILE_COLUMNS, TILE_ROWS, ACROSS, DOWN] = [24, 28, 43, 44];
  const refusalOf = async (at: number, value: number, byteLength: number): Promise<string> => {
    const kind = SAMPLE_KINDS.u12;
    const bytes = Buffer.from(await encodeHtj2k(kind, 61, 46));
    bytes.writeUIntBE(value, at, byteLength);
    const file = buildTestImage({ kind, transferSyntaxUid: SYNTAXES[0]!, pixelData: [bytes] });
    return decodeFrame(readPart10(file), 0).then(
      () => 'decoded',
      (error: Error) => error.message,
    );
  };

  it('rows of which a component has none, for which OpenJPH waits without end', async () => {
    expect(await refusalOf(DOWN, 0x41, 1)).toMatch(
      /a sample of each component for each pixel; received one for 1 x 65/,
    );
    expect(await refusalOf(ACROSS, 0, 1)).toMatch(/received one for 0 x 1/);
  });

  it('tiles without size', async () => {
    expect(await refusalOf(TILE_COLUMNS, 0, 4)).toMatch(/1 to 65535 tiles; received Infinity x 1/);
    expect(await refusalOf(TILE_ROWS, 0, 4)).toMatch(/1 to 65535 tiles/);
  });
});

/** The lossless encoder of OpenJPH. */
async function encodeHtj2k(kind: SampleKind, columns: number, rows: number): Promise<Uint8Array> {
  interface Encoder {
    getDecodedBuffer(info: object): Uint8Array;
    setQuality(reversible: boolean, step: number): void;
    encode(): void;
    getEncodedBuffer(): Uint8Array;
    delete(): void;
  }
  const { default: factory } = await import('@cornerstonejs/codec-openjph/wasmjs');
  const module = (await factory({ print() {}, printErr() {} })) as unknown as { HTJ2KEncoder: new () => Encoder };
  const encoder = new module.HTJ2KEncoder();
  const info = {
    width: columns,
    height: rows,
    bitsPerSample: kind.bits,
    componentCount: 1,
    isSigned: kind.signed,
    isUsingColorTransform: false,
  };
  const native = storedBytes(testSamples(kind, columns, rows), kind);
  encoder.getDecodedBuffer(info).set(native.subarray(0, (columns * rows * kind.allocated) / 8));
  encoder.setQuality(true, 0);
  encoder.encode();
  const codestream = encoder.getEncodedBuffer().slice();
  encoder.delete();
  return codestream;
}
