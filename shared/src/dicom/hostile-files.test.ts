import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateRawSync } from 'node:zlib';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { findTool, runTool } from '@pce/test-support/foreign-tool';
import { buildTestImage, SAMPLE_KINDS } from '@pce/test-support/test-image';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameDataset } from './functional-groups.js';
import { identifyInstance } from './instance-identity.js';
import { type DicomFile, readPart10, readPart10Header } from './part10.js';
import { decodeFrame } from './pixel-data.js';
import { PixelDecodeError, UnsupportedTransferSyntaxError } from './pixel-error.js';
import { DicomReadError } from './read-error.js';

const HEAD = Buffer.from(buildDicom({ attributes: { SOPClassUID: '1.2.3', SOPInstanceUID: '1.2.4' } }));
const codeOf = (bytes: Uint8Array): string => {
  try {
    readPart10(bytes);
    return 'read';
  } catch (error) {
    if (error instanceof DicomReadError) return error.code;
    throw error;
  }
};
/** A sequence element of undefined length in Explicit VR Little Endian. */
const OPEN_SEQUENCE = Buffer.of(0x08, 0, 0x10, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff);
const OPEN_ITEM = Buffer.of(0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff);
const CLOSED_ITEM = Buffer.of(0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0);

describe('headers made to exhaust', () => {
  it('by inflating without end', () => {
    const zeros = new Uint8Array(8 << 20);
    const block = deflateRawSync(zeros, { finishFlush: constants.Z_FULL_FLUSH });
    const head = buildDicom({ transferSyntaxUid: '1.2.840.10008.1.2.1.99', attributes: { SOPInstanceUID: '1.2' } });
    const meta = head.subarray(0, 144 + Buffer.from(head).readUInt32LE(140));
    const bomb = Buffer.concat([meta, ...Array.from({ length: 80 }, () => block), deflateRawSync(Buffer.alloc(1))]);
    expect(bomb.length).toBeLessThan(1 << 20);
    expect(codeOf(bomb)).toBe('too-large');
  });
  it('by nesting without end', () => {
    const nested = Buffer.concat([OPEN_SEQUENCE, OPEN_ITEM]);
    expect(codeOf(Buffer.concat([HEAD, ...Array.from({ length: 20_000 }, () => nested)]))).not.toBe('read');
    const deep = 100;
    const closing = Buffer.concat([
      Buffer.of(0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0),
      Buffer.of(0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0),
    ]);
    const wellFormed = [...Array.from({ length: deep }, () => nested), ...Array.from({ length: deep }, () => closing)];
    expect(codeOf(Buffer.concat([HEAD, ...wellFormed]))).toBe('malformed');
  });
  it('by millions of empty items', () => {
    expect(codeOf(Buffer.concat([HEAD, OPEN_SEQUENCE, Buffer.alloc(8 * 1_200_000, CLOSED_ITEM)]))).toBe('too-large');
  });
  it('by lengths beyond the file', () => {
    const long = Buffer.of(0x08, 0, 0x10, 0x11, 0x4f, 0x42, 0, 0, 0xfe, 0xff, 0xff, 0xff);
    expect(codeOf(Buffer.concat([HEAD, long]))).toBe('truncated');
    const longSequence = Buffer.of(0x08, 0, 0x10, 0x11, 0x53, 0x51, 0, 0, 0xfe, 0xff, 0xff, 0xff);
    expect(codeOf(Buffer.concat([HEAD, longSequence, CLOSED_ITEM, CLOSED_ITEM]))).toBe('truncated');
  });
  it('by undefined lengths without delimiter', () => {
    const bytes = Buffer.of(0x08, 0, 0x10, 0x11, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff);
    const file = readPart10(Buffer.concat([HEAD, ...Array.from({ length: 50_000 }, () => bytes)]));
    expect(file.pixelData).toBeNull();
    expect(codeOf(Buffer.concat([HEAD, OPEN_SEQUENCE, CLOSED_ITEM]))).toBe('truncated');
  });
});

const isTagged = (error: unknown): boolean =>
  error instanceof DicomReadError ||
  error instanceof PixelDecodeError ||
  error instanceof UnsupportedTransferSyntaxError ||
  // A frame index beyond the frames a mutated file states.
  error instanceof RangeError;

async function touchEverything(file: DicomFile): Promise<void> {
  for (const dataset of [file.dataset, frameDataset(file.dataset, 0)]) {
    for (const keyword of ['PatientName', 'ImageType', 'Rows', 'ImagePositionPatient'] as const) {
      dataset.strings(keyword);
      dataset.numbers(keyword);
      dataset.bytes(keyword);
    }
    dataset.items('ReferencedStudySequence');
  }
  await decodeFrame(file, 0);
  identifyInstance(file);
}

async function expectTaggedErrors(originals: readonly Uint8Array[], numRuns: number): Promise<void> {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const mutation = fc.record({
    original: fc.constantFrom(...originals),
    keep: fc.oneof(fc.constant(1), part),
    edits: fc.array(fc.tuple(part, fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(mutation, async ({ original, keep, edits }) => {
      const bytes = original.slice(0, Math.ceil(original.length * keep));
      for (const [place, value] of edits) bytes[Math.floor(place * bytes.length)] = value;
      try {
        await touchEverything(readPart10(bytes));
      } catch (error) {
        expect(isTagged(error), String(error)).toBe(true);
      }
      try {
        readPart10Header(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(DicomReadError);
      }
    }),
    { numRuns },
  );
}

describe('files truncated and mutated anywhere give a tagged error or an image', () => {
  const kind = SAMPLE_KINDS.s12;
  const [columns, rows] = [24, 17];
  const header = {
    SpecificCharacterSet: 'ISO_IR 192',
    PatientName: 'Müller^Änne',
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    ImagePositionPatient: ['-1.5', '2e1', '0'],
    ReferencedStudySequence: [{ ReferencedSOPClassUID: '1.2.3', ReferencedSOPInstanceUID: '1.2.3.4' }],
    PerFrameFunctionalGroupsSequence: [{ PixelMeasuresSequence: [{ PixelSpacing: [1, 1] }] }],
  };

  it('uncompressed', async () => {
    const syntaxes = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99'];
    const originals = syntaxes.map((transferSyntaxUid) =>
      buildTestImage({ kind, columns, rows, transferSyntaxUid, attributes: header }),
    );
    await expectTaggedErrors(originals, 3000);
  });

  const ENCODERS = [
    ['dcmcrle'],
    ['dcmcjpeg', '+e1', '+un'],
    ['dcmcjpls', '+un'],
    ['gdcmconv', '--j2k'],
    ['dcmcjpeg', '+eb'],
  ] as const;
  for (const [tool, ...options] of ENCODERS) {
    it.skipIf(findTool(tool) === null)(`compressed by ${tool} ${options.join(' ')}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'pce-hostile-'));
      try {
        const [from, to] = [join(folder, 'from.dcm'), join(folder, 'to.dcm')];
        const stored = tool === 'dcmcjpeg' && options[0] === '+eb' ? SAMPLE_KINDS.u8 : kind;
        writeFileSync(from, buildTestImage({ kind: stored, columns: 48, rows: 34, attributes: header }));
        expect(runTool(tool, [...options, from, to]).status).toBe(0);
        await expectTaggedErrors([readFileSync(to)], 1500);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
