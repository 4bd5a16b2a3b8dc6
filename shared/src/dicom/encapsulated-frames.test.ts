import { buildTestImage, SAMPLE_KINDS } from '@pce/test-support/test-image';
import { describe, expect, it } from 'vitest';
import { type DicomFile, readPart10 } from './part10.js';
import { decodeFrame, frameCount } from './pixel-data.js';

const RLE_LOSSLESS = '1.2.840.10008.1.2.5';
const SIDE = 16;
const VALUES = [10, 20, 30];

/** An RLE frame of one value. */
function rleFrame(value: number): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(64, 4);
  return Buffer.concat([header, Buffer.from([129, value, 129, value])]);
}

interface Tables {
  readonly basic?: readonly number[];
  readonly extended?: readonly number[];
}

/** A multi-frame image of the fragments, with offset tables when given. */
function multiFrame(fragments: readonly Uint8Array[], tables: Tables = {}, frames = VALUES.length): DicomFile {
  const extended = Buffer.alloc((tables.extended?.length ?? 0) * 8);
  for (const [index, offset] of (tables.extended ?? []).entries()) extended.writeBigUInt64LE(BigInt(offset), index * 8);
  const built = buildTestImage({
    kind: SAMPLE_KINDS.u8,
    columns: SIDE,
    rows: SIDE,
    transferSyntaxUid: RLE_LOSSLESS,
    pixelData: fragments,
    attributes: {
      NumberOfFrames: frames,
      ...(tables.extended ? { x7fe00001: { vr: 'OV', value: extended } } : {}),
    },
  });
  return readPart10(withBasicOffsets(Buffer.from(built), tables.basic ?? []));
}

/** Fills the empty basic offset table of a file. */
function withBasicOffsets(file: Buffer, offsets: readonly number[]): Buffer {
  const element = file.lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
  const tableEnd = element + 12 + 8;
  const table = Buffer.alloc(offsets.length * 4);
  for (const [index, offset] of offsets.entries()) table.writeUInt32LE(offset, index * 4);
  const head = Buffer.from(file.subarray(0, tableEnd));
  head.writeUInt32LE(table.length, tableEnd - 4);
  return Buffer.concat([head, table, file.subarray(tableEnd)]);
}

const whole = VALUES.map(rleFrame);
const halved = whole.flatMap((frame) => [frame.subarray(0, 64), frame.subarray(64)]);
const WHOLE_BYTES = whole[0]!.length + 8;
const HALVED_BYTES = whole[0]!.length + 16;

describe('frames of encapsulated pixel data', () => {
  it.each<[string, readonly Uint8Array[], Tables]>([
    ['one fragment a frame, no table', whole, {}],
    ['a basic offset table', whole, { basic: [0, WHOLE_BYTES, 2 * WHOLE_BYTES] }],
    ['fragments joined by the basic table', halved, { basic: [0, HALVED_BYTES, 2 * HALVED_BYTES] }],
    ['fragments joined by the extended table', halved, { extended: [0, HALVED_BYTES, 2 * HALVED_BYTES] }],
    ['an extended table', whole, { extended: [0, WHOLE_BYTES, 2 * WHOLE_BYTES] }],
    ['a table that fits nothing', whole, { basic: [7, 9, 11] }],
    ['a table of too few entries', whole, { basic: [0] }],
    ['a table that falls', whole, { basic: [0, 2 * WHOLE_BYTES, WHOLE_BYTES] }],
  ])('are found with %s', async (_name, fragments, tables) => {
    const file = multiFrame(fragments, tables);
    expect(frameCount(file)).toBe(3);
    for (const [index, value] of VALUES.entries()) {
      const { pixels } = await decodeFrame(file, index);
      expect(pixels).toEqual(new Uint8Array(SIDE * SIDE).fill(value));
    }
  });

  it('of a single frame may come in any number of fragments', async () => {
    const { pixels } = await decodeFrame(multiFrame(halved.slice(0, 2), {}, 1), 0);
    expect(pixels).toEqual(new Uint8Array(SIDE * SIDE).fill(10));
  });
  it('are refused where fragments cannot be told apart', async () => {
    await expect(decodeFrame(multiFrame(whole.slice(0, 2)), 0)).rejects.toThrow(
      'expected fragments of 3 frames; received 2 fragments',
    );
  });
  it('are refused without fragments', async () => {
    await expect(decodeFrame(multiFrame([]), 0)).rejects.toThrow('expected at least one fragment; received none');
  });
  it('are refused where a fragment is longer than the file', async () => {
    const built = buildTestImage({ kind: SAMPLE_KINDS.u8, transferSyntaxUid: RLE_LOSSLESS, pixelData: whole });
    await expect(decodeFrame(readPart10(built.subarray(0, built.length - 30)), 0)).rejects.toThrow(
      /expected a fragment of 68 bytes; received \d+ bytes/,
    );
  });
  it('are found in a moment among very many', async () => {
    const frames = 20_000;
    const file = multiFrame(
      Array.from({ length: frames }, (_, index) => rleFrame(index % 251)),
      {},
      frames,
    );
    for (let index = 0; index < frames; index += 7) {
      const { pixels } = await decodeFrame(file, index);
      expect(pixels[0]).toBe(index % 251);
    }
  });
});
