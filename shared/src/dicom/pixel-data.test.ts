import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { readPart10 } from './part10.js';
import { decodeFrame, frameCount } from './pixel-data.js';

/** An image whose every bit plane varies: a ramp, a texture from a congruential generator, and flat parts. */
function testPixels(kind: { bits: number; signed: boolean }, columns: number, rows: number): Int16Array | Uint16Array {
  const low = kind.signed ? -(2 ** (kind.bits - 1)) : 0;
  const span = 2 ** kind.bits;
  const pixels = kind.signed ? new Int16Array(columns * rows) : new Uint16Array(columns * rows);
  let state = 12345;
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      const ramp = ((i + j) / (columns + rows)) * (span - 1);
      const texture = ((state >>> 8) % 17) - 8;
      const flat = j > rows - 10 ? span - 1 : ramp + texture;
      pixels[j * columns + i] = low + Math.min(span - 1, Math.max(0, Math.round(flat)));
    }
  }
  return pixels;
}

const KINDS = {
  u8: { bits: 8, allocated: 8, signed: false },
  u12: { bits: 12, allocated: 16, signed: false },
  u16: { bits: 16, allocated: 16, signed: false },
  s16: { bits: 16, allocated: 16, signed: true },
} as const;
const COLUMNS = 61;
const ROWS = 46;

function imageFile(kind: (typeof KINDS)[keyof typeof KINDS]): { bytes: Uint8Array; pixels: Int16Array | Uint16Array } {
  const pixels = testPixels(kind, COLUMNS, ROWS);
  const stored = kind.allocated === 8 ? Uint8Array.from(pixels) : new Uint8Array(pixels.buffer);
  const pixelData = stored.length % 2 === 0 ? stored : Uint8Array.from([...stored, 0]);
  const bytes = buildDicom({
    attributes: {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
      SOPInstanceUID: '2.25.11',
      StudyInstanceUID: '2.25.12',
      SeriesInstanceUID: '2.25.13',
      Modality: 'OT',
      PatientName: 'TEST',
      PatientID: '1',
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: ROWS,
      Columns: COLUMNS,
      BitsAllocated: kind.allocated,
      BitsStored: kind.bits,
      HighBit: kind.bits - 1,
      PixelRepresentation: kind.signed ? 1 : 0,
    },
    pixelData,
  });
  return { bytes, pixels };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-codecs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lossless encoders of the two foreign toolkits, by the transfer syntax they write. */
const ENCODERS: readonly [name: string, syntax: string, tool: string, args: (from: string, to: string) => string[]][] =
  [
    ['implicit little endian', '1.2.840.10008.1.2', 'dcmconv', (a, b) => ['+ti', a, b]],
    ['explicit big endian', '1.2.840.10008.1.2.2', 'dcmconv', (a, b) => ['+tb', a, b]],
    ['deflated', '1.2.840.10008.1.2.1.99', 'dcmconv', (a, b) => ['+td', a, b]],
    ['RLE, dcmtk', '1.2.840.10008.1.2.5', 'dcmcrle', (a, b) => [a, b]],
    ['RLE, gdcm', '1.2.840.10008.1.2.5', 'gdcmconv', (a, b) => ['--rle', a, b]],
    ['JPEG lossless .57', '1.2.840.10008.1.2.4.57', 'dcmcjpeg', (a, b) => ['+el', '+sv', '6', '+un', a, b]],
    ['JPEG lossless .70', '1.2.840.10008.1.2.4.70', 'dcmcjpeg', (a, b) => ['+e1', '+un', a, b]],
    ['JPEG-LS, dcmtk', '1.2.840.10008.1.2.4.80', 'dcmcjpls', (a, b) => ['+un', a, b]],
    ['JPEG-LS, gdcm', '1.2.840.10008.1.2.4.80', 'gdcmconv', (a, b) => ['--jpegls', a, b]],
    ['JPEG 2000, gdcm', '1.2.840.10008.1.2.4.90', 'gdcmconv', (a, b) => ['--j2k', a, b]],
  ];

describe('lossless decoding is bit-exact', () => {
  for (const [name, syntax, tool, args] of ENCODERS) {
    for (const [kindName, kind] of Object.entries(KINDS)) {
      it(`${name}, ${kindName}`, async (context: TestContext) => {
        requireTool(tool, context.skip);
        const { bytes, pixels } = imageFile(kind);
        const from = join(folder, `${kindName}.dcm`);
        const to = join(folder, `${name}-${kindName}.dcm`.replaceAll(/[ ,]/g, '-'));
        writeFileSync(from, bytes);
        const run = runTool(tool, args(from, to));
        expect(run.status, run.stderr.toString()).toBe(0);
        const file = readPart10(readFileSync(to));
        expect(file.transferSyntaxUid).toBe(syntax);
        const frame = await decodeFrame(file, 0);
        expect([frame.columns, frame.rows, frame.samplesPerPixel]).toEqual([COLUMNS, ROWS, 1]);
        expect(
          Buffer.compare(
            Buffer.from(Int32Array.from(frame.pixels).buffer),
            Buffer.from(Int32Array.from(pixels).buffer),
          ),
        ).toBe(0);
      });
    }
  }

  for (const [kindName, kind] of Object.entries(KINDS)) {
    it(`HTJ2K, ${kindName}`, async () => {
      const { pixels } = imageFile(kind);
      const codestream = await encodeHtj2k(pixels, kind);
      const file = encapsulate(imageFile(kind).bytes, '1.2.840.10008.1.2.4.201', [codestream]);
      const frame = await decodeFrame(readPart10(file), 0);
      expect(Int32Array.from(frame.pixels)).toEqual(Int32Array.from(pixels));
    });
  }
});

/** OpenJPH's encoder makes the codestream; Debian has no HTJ2K encoder. */
async function encodeHtj2k(
  pixels: Int16Array | Uint16Array,
  kind: (typeof KINDS)[keyof typeof KINDS],
): Promise<Uint8Array> {
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
    width: COLUMNS,
    height: ROWS,
    bitsPerSample: kind.bits,
    componentCount: 1,
    isSigned: kind.signed,
    isUsingColorTransform: false,
  };
  const raw = kind.allocated === 8 ? Uint8Array.from(pixels) : new Uint8Array(pixels.buffer);
  encoder.getDecodedBuffer(info).set(raw);
  encoder.setQuality(true, 0);
  encoder.encode();
  const codestream = encoder.getEncodedBuffer().slice();
  encoder.delete();
  return codestream;
}

const item = (tag: number, body: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.writeUInt32LE(body.length, 4);
  return Buffer.concat([header, body]);
};
const even = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);

/** Puts fragments into a file in place of its native pixels, with an offset table when one is given. */
function encapsulate(
  native: Uint8Array,
  syntax: string,
  fragments: readonly Uint8Array[],
  offsets: readonly number[] = [],
): Uint8Array {
  const { pixelData } = readPart10(native);
  const head = Buffer.from(native.subarray(0, pixelData!.offset - 12));
  const table = Buffer.alloc(offsets.length * 4);
  for (const [index, offset] of offsets.entries()) table.writeUInt32LE(offset, index * 4);
  const element = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  const items = [
    item(0xfffee000, table),
    ...fragments.map((f) => item(0xfffee000, even(f))),
    item(0xfffee0dd, new Uint8Array(0)),
  ];
  return retag(Buffer.concat([head, element, ...items]), syntax);
}

/** Replaces the Transfer Syntax UID of a file, adjusting its length. */
function retag(file: Buffer, syntax: string): Uint8Array {
  const at = file.indexOf(Buffer.from([0x02, 0x00, 0x10, 0x00, 0x55, 0x49]));
  const length = file.readUInt16LE(at + 6);
  const value = Buffer.from(syntax.length % 2 === 0 ? syntax : `${syntax}\0`, 'latin1');
  const header = Buffer.from(file.subarray(at, at + 8));
  header.writeUInt16LE(value.length, 6);
  return Buffer.concat([file.subarray(0, at), header, value, file.subarray(at + 8 + length)]);
}

describe('encapsulated multi-frame pixel data', () => {
  const kind = KINDS.u8;
  const rleFrame = (value: number): Buffer => {
    const header = Buffer.alloc(64);
    header.writeUInt32LE(1, 0);
    header.writeUInt32LE(64, 4);
    const runs: number[] = [];
    for (let left = COLUMNS * ROWS; left > 0; left -= 128) {
      const n = Math.min(left, 128);
      if (n === 1) runs.push(0, value);
      else runs.push(257 - n, value);
    }
    return even(Buffer.concat([header, Buffer.from(runs)]));
  };
  const multiFrame = (fragments: readonly Uint8Array[], offsets: readonly number[]) => {
    const bytes = buildDicom({
      attributes: {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.7.2',
        SOPInstanceUID: '2.25.11',
        StudyInstanceUID: '2.25.12',
        SeriesInstanceUID: '2.25.13',
        Modality: 'OT',
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
        NumberOfFrames: '3',
        Rows: ROWS,
        Columns: COLUMNS,
        BitsAllocated: kind.allocated,
        BitsStored: 8,
        HighBit: 7,
        PixelRepresentation: 0,
      },
      pixelData: new Uint8Array(2),
    });
    return readPart10(encapsulate(bytes, '1.2.840.10008.1.2.5', fragments, offsets));
  };
  const frames = [rleFrame(10), rleFrame(20), rleFrame(30)];
  const size = frames[0]!.length + 8;
  it.each([
    ['one fragment a frame, no table', frames, []],
    ['a basic offset table', frames, [0, size, 2 * size]],
    [
      'frames split over fragments by the table',
      frames.flatMap((frame) => [frame.subarray(0, 64), frame.subarray(64)]),
      [0, size + 8, 2 * (size + 8)],
    ],
    ['a table that fits nothing', frames, [7, 9, 11]],
  ])('%s', async (_name, fragments, offsets) => {
    const file = multiFrame(fragments, offsets);
    expect(frameCount(file)).toBe(3);
    for (const [index, value] of [10, 20, 30].entries()) {
      const { pixels } = await decodeFrame(file, index);
      expect(pixels).toEqual(new Uint8Array(COLUMNS * ROWS).fill(value));
    }
  });
  it('refuses fragments that cannot be told apart', async () => {
    const file = multiFrame([frames[0]!, frames[1]!], []);
    await expect(decodeFrame(file, 0)).rejects.toThrow('expected fragments of 3 frames; received 2 fragments');
  });
});

describe('what cannot be decoded says so before it allocates', () => {
  const { bytes } = imageFile(KINDS.u16);
  const mutate = (change: (file: Buffer) => Buffer): Uint8Array => change(Buffer.from(bytes));
  const setUs = (tag: [number, number, number, number], value: number) => (file: Buffer) => {
    const at = file.indexOf(Buffer.from([...tag, 0x55, 0x53]));
    file.writeUInt16LE(value, at + 8);
    return file;
  };
  it('fewer bytes than rows and columns say', async () => {
    const file = readPart10(mutate(setUs([0x28, 0, 0x10, 0], 30000)));
    await expect(decodeFrame(file, 0)).rejects.toThrow(
      /PixelData \(7fe0,0010\): expected 1 frames of \d+ bytes; received \d+ bytes/,
    );
  });
  it('rows of zero', async () => {
    const file = readPart10(mutate(setUs([0x28, 0, 0x10, 0], 0)));
    await expect(decodeFrame(file, 0)).rejects.toThrow('Rows (0028,0010): expected 1 to 32768; received 0');
  });
  it('a codestream that claims another size', async () => {
    const soi = Buffer.from([0xff, 0xd8, 0xff, 0xf7, 0, 11, 16, 0xea, 0x60, 0xea, 0x60, 1, 1, 0x11, 0]);
    const file = readPart10(encapsulate(bytes, '1.2.840.10008.1.2.4.80', [soi]));
    await expect(decodeFrame(file, 0)).rejects.toThrow(
      `JPEG-LS frame: expected ${COLUMNS} x ${ROWS} pixels of 1 samples within 16 bits; received 60000 x 60000 pixels`,
    );
  });
  it('an unknown transfer syntax, with what to do', async () => {
    const file = readPart10(encapsulate(bytes, '1.2.840.10008.1.2.4.55', [Buffer.alloc(4)]));
    await expect(decodeFrame(file, 0)).rejects.toThrow('have the PACS send it uncompressed or as JPEG lossless');
  });
});

it('keeps the stored bits only: overlays in unused high bits are dropped, signs extended', async () => {
  const withOverlay = Uint16Array.from({ length: COLUMNS * ROWS }, (_, i) => (i % 4096) | (i % 3 === 0 ? 0xf000 : 0));
  const file = (signed: number) =>
    buildDicom({
      attributes: {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
        SOPInstanceUID: '2.25.11',
        StudyInstanceUID: '2.25.12',
        SeriesInstanceUID: '2.25.13',
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
        Rows: ROWS,
        Columns: COLUMNS,
        BitsAllocated: 16,
        BitsStored: 12,
        HighBit: 11,
        PixelRepresentation: signed,
      },
      pixelData: new Uint8Array(withOverlay.buffer),
    });
  const unsigned = await decodeFrame(readPart10(file(0)), 0);
  expect(unsigned.pixels).toEqual(withOverlay.map((value) => value & 0xfff));
  const signed = await decodeFrame(readPart10(file(1)), 0);
  expect(signed.pixels).toEqual(Int16Array.from(withOverlay, (value) => ((value & 0xfff) << 20) >> 20));
});

const sharedData = join(process.env.PCE_SHARED_DIR ?? join(import.meta.dirname, '../../../../shared'), 'data/dicom');
const haveSharedData = statSync(sharedData, { throwIfNoEntry: false }) !== undefined;

describe.skipIf(!haveSharedData)(
  'real files decode as dcmtk and gdcm decode them (skipped without the development images)',
  () => {
    const LOSSLESS = /\.(5|57|70|80|90|201|202)$|^1\.2\.840\.10008\.1\.2(\.1|\.2|\.1\.99)?$/;
    it('every lossless file', async (context: TestContext) => {
      requireTool('gdcmconv', context.skip);
      let compared = 0;
      for (const sub of ['transfer-syntaxes', 'odd', 'radiographs']) {
        for (const name of readdirSync(join(sharedData, sub))) {
          const path = join(sharedData, sub, name);
          const bytes = readFileSync(path);
          const raw = join(folder, 'raw.dcm');
          rmSync(raw, { force: true });
          let file: ReturnType<typeof readPart10>;
          try {
            file = readPart10(bytes);
          } catch {
            continue;
          }
          if (!LOSSLESS.test(file.transferSyntaxUid) || file.pixelData === null || !file.dataset.has('Rows')) continue;
          if (file.dataset.string('PhotometricInterpretation')?.startsWith('YBR')) continue;
          // gdcm reads no HTJ2K.
          if (/\.20[12]$/.test(file.transferSyntaxUid)) continue;
          const run = runTool('gdcmconv', ['--raw', path, raw]);
          if (run.status !== 0) continue;
          const ours = await decodeFrame(file, 0);
          const theirs = await decodeFrame(readPart10(readFileSync(raw)), 0);
          expect(Buffer.compare(Buffer.from(ours.pixels.buffer), Buffer.from(theirs.pixels.buffer)), name).toBe(0);
          compared += 1;
        }
      }
      expect(compared).toBeGreaterThanOrEqual(15);
    });
  },
);
