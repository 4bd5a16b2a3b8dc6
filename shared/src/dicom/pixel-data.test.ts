import type { DicomAttributes } from '@pce/test-support/dicom-builder';
import { buildTestImage, SAMPLE_KINDS, testSamples } from '@pce/test-support/test-image';
import { describe, expect, it } from 'vitest';
import { readPart10 } from './part10.js';
import { decodeFrame, frameCount, type PixelFrame } from './pixel-data.js';
import { UnsupportedTransferSyntaxError } from './pixel-error.js';

const COLUMNS = 61;
const ROWS = 46;
const decode = (file: Uint8Array, frameIndex = 0): Promise<PixelFrame> => decodeFrame(readPart10(file), frameIndex);
const u16 = (attributes: DicomAttributes, extra: object = {}): Uint8Array =>
  buildTestImage({ kind: SAMPLE_KINDS.u16, attributes, ...extra });

describe('stored bits', () => {
  const withOverlay = Uint16Array.from({ length: COLUMNS * ROWS }, (_, i) => (i % 4096) | (i % 3 === 0 ? 0xf000 : 0));
  const stored = (kind: 'u12' | 's12', attributes: DicomAttributes = {}): Uint8Array =>
    buildTestImage({ kind: SAMPLE_KINDS[kind], pixelData: new Uint8Array(withOverlay.buffer), attributes });

  it('lose the overlays in the bits above them', async () => {
    const { pixels } = await decode(stored('u12'));
    expect(pixels).toEqual(withOverlay.map((value) => value & 0xfff));
  });
  it('are extended by their sign', async () => {
    const { pixels } = await decode(stored('s12'));
    expect(pixels).toEqual(Int16Array.from(withOverlay, (value) => ((value & 0xfff) << 20) >> 20));
  });
  it('are moved down from a High Bit above them', async () => {
    const { pixels } = await decode(stored('u12', { HighBit: 15 }));
    expect(pixels).toEqual(withOverlay.map((value) => value >> 4));
  });
  it('have the sign of Pixel Representation where the codestream says otherwise', async () => {
    const samples = testSamples(SAMPLE_KINDS.u16, 2, 2);
    const rle = Buffer.alloc(64 + 10);
    rle.writeUInt32LE(2, 0);
    rle.writeUInt32LE(64, 4);
    rle.writeUInt32LE(69, 8);
    rle.set([3, ...Array.from(samples, (value) => value >> 8)], 64);
    rle.set([3, ...Array.from(samples, (value) => value & 0xff)], 69);
    const image = buildTestImage({
      kind: SAMPLE_KINDS.s16,
      columns: 2,
      rows: 2,
      transferSyntaxUid: '1.2.840.10008.1.2.5',
      pixelData: [rle],
    });
    const frame = await decode(image);
    expect(frame.signed).toBe(true);
    expect(frame.pixels).toEqual(Int16Array.from(samples));
  });
});

describe('native pixel data', () => {
  it('of several frames and odd length', async () => {
    const pixelData = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
    const attributes = { NumberOfFrames: 3, Rows: 1, Columns: 3 };
    const file = readPart10(buildTestImage({ kind: SAMPLE_KINDS.u8, pixelData, attributes }));
    expect(frameCount(file)).toBe(3);
    const frames = await Promise.all([0, 1, 2].map((index) => decodeFrame(file, index)));
    expect(frames.map(({ pixels }) => [...pixels])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    await expect(decodeFrame(file, 3)).rejects.toThrow('frameIndex: expected 0 to 2; received 3');
  });
  it('of 8 bits in words of a big endian file, also where a frame begins within a word', async () => {
    const pixelData = { vr: 'OW', value: Uint8Array.from([2, 1, 4, 3, 6, 5]) };
    const attributes = { NumberOfFrames: 2, Rows: 1, Columns: 3, x7fe00010: pixelData };
    const file = readPart10(
      buildTestImage({
        kind: SAMPLE_KINDS.u8,
        transferSyntaxUid: '1.2.840.10008.1.2.2',
        attributes,
        pixelData: new Uint8Array(0),
      }),
    );
    const frames = await Promise.all([0, 1].map((index) => decodeFrame(file, index)));
    expect(frames.map(({ pixels }) => [...pixels])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });
  it('of 32 bits', async () => {
    const values = Int32Array.of(-1, 0, 70_000, -2_000_000);
    const attributes = { BitsAllocated: 32, BitsStored: 32, HighBit: 31, PixelRepresentation: 1, Rows: 2, Columns: 2 };
    const { pixels } = await decode(u16(attributes, { pixelData: new Uint8Array(values.buffer) }));
    expect(pixels).toEqual(values);
  });
});

describe('what cannot be decoded says so before it allocates', () => {
  const JPEG_LS = '1.2.840.10008.1.2.4.80';
  it.each<[string, Uint8Array, string]>([
    ['fewer bytes than rows and columns say', u16({ Rows: 30_000 }), 'PixelData (7fe0,0010): expected 1 frames of'],
    [
      'fewer frames than it says',
      u16({ NumberOfFrames: 90_000 }),
      'expected 90000 frames of 5612 bytes; received 5612',
    ],
    ['rows of zero', u16({ Rows: 0 }), 'Rows (0028,0010): expected 1 to 32768; received 0'],
    ['no rows', u16({ Rows: undefined }), 'Rows (0028,0010): expected a value; received none'],
    ['too large a frame', u16({ Rows: 32_000, Columns: 32_000 }), 'expected frames of at most 536870912 bytes'],
    ['packed bits', u16({ BitsAllocated: 12 }), 'BitsAllocated (0028,0100): expected 8, 16 or 32; received 12'],
    ['more bits stored than allocated', u16({ BitsStored: 17 }), 'BitsStored (0028,0101): expected 1 to 16'],
    [
      'a codestream that claims another size',
      u16(
        {},
        {
          transferSyntaxUid: JPEG_LS,
          pixelData: [Uint8Array.of(0xff, 0xd8, 0xff, 0xf7, 0, 11, 16, 0xea, 0x60, 0xea, 0x60, 1, 1, 0x11, 0)],
        },
      ),
      'JPEG-LS frame: expected 61 x 46 pixels of 1 samples within 16 bits; received 60000 x 60000 pixels',
    ],
    [
      'a codestream of another kind',
      u16({}, { transferSyntaxUid: '1.2.840.10008.1.2.4.90', pixelData: [new Uint8Array(40)] }),
      'JPEG 2000 frame: expected a codestream; received bytes that do not begin like one',
    ],
    [
      'an RLE frame too short for its pixels',
      buildTestImage({
        kind: SAMPLE_KINDS.u8,
        transferSyntaxUid: '1.2.840.10008.1.2.5',
        pixelData: [Buffer.concat([Buffer.of(1, 0, 0, 0, 64), new Uint8Array(59)])],
        attributes: { Rows: 8000, Columns: 8000 },
      }),
      'RLE frame: expected bytes for 64000000 pixels; received 64 bytes',
    ],
    [
      'fragments in an uncompressed syntax',
      u16({}, { pixelData: [new Uint8Array(5612)] }),
      'received compressed fragm',
    ],
  ])('%s', async (_name, file, message) => {
    await expect(decode(file)).rejects.toThrow(message);
  });

  it('uncompressed pixels in a compressed syntax', async () => {
    await expect(decode(u16({}, { transferSyntaxUid: JPEG_LS }))).rejects.toThrow('expected an item tag (fffe,e000)');
  });
  it('floating point pixels', async () => {
    const whole = Buffer.from(u16({}, { pixelData: new Uint8Array(8) }));
    // (7fe0,0010) OW becomes (7fe0,0008) OF.
    const at = whole.lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
    whole.set([0x08, 0x00, 0x4f, 0x46], at + 2);
    await expect(decode(whole)).rejects.toThrow('expected integer pixels; received floating point pixels');
  });
  it('a transfer syntax without decoder, with what to do', async () => {
    for (const syntax of ['1.2.840.10008.1.2.4.55', '1.2.840.10008.1.2.4.110', '1.2.3.4']) {
      const file = u16({}, { transferSyntaxUid: syntax, pixelData: [new Uint8Array(4)] });
      await expect(decode(file)).rejects.toThrow(UnsupportedTransferSyntaxError);
      await expect(decode(file)).rejects.toThrow('have the PACS send it uncompressed or as JPEG lossless');
    }
  });
});
