import { buildDicom } from '@pce/test-support/dicom-builder';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DicomFile, readPart10, readPart10Header } from './part10.js';
import { decodeFrame } from './pixel-data.js';
import { PixelDecodeError, UnsupportedTransferSyntaxError } from './pixel-error.js';
import { DicomReadError } from './read-error.js';
import { InvalidUidError } from './uid.js';

const ATTRIBUTES = {
  SpecificCharacterSet: 'ISO_IR 192',
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  SOPInstanceUID: '2.25.1',
  StudyInstanceUID: '2.25.2',
  SeriesInstanceUID: '2.25.3',
  Modality: 'CT',
  PatientName: 'Müller^Änne',
  StudyDescription: 'Brust',
  ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
  ImagePositionPatient: ['-1.5', '2e1', '0'],
  InstanceNumber: '12',
  ReferencedStudySequence: [{ ReferencedSOPClassUID: '1.2.3', ReferencedSOPInstanceUID: '1.2.3.4' }],
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: 4,
  Columns: 4,
  BitsAllocated: 16,
  BitsStored: 16,
  HighBit: 15,
  PixelRepresentation: 1,
};
const pixelData = new Uint8Array(32).fill(7);
const SYNTAXES = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99'];

const errorOf = (run: () => unknown): DicomReadError => {
  try {
    run();
  } catch (error) {
    if (error instanceof DicomReadError) return error;
    throw error;
  }
  throw new Error('expected a DicomReadError; nothing was thrown');
};

describe('readPart10', () => {
  it.each(SYNTAXES)('reads values, items and the place of the pixels in %s', (transferSyntaxUid) => {
    const file = readPart10(buildDicom({ transferSyntaxUid, attributes: ATTRIBUTES, pixelData }));
    expect(file.transferSyntaxUid).toBe(transferSyntaxUid);
    const { dataset } = file;
    expect(dataset.string('PatientName')).toBe('Müller^Änne');
    expect(dataset.strings('ImageType')).toEqual(['ORIGINAL', 'PRIMARY', 'AXIAL']);
    expect(dataset.numbers('ImagePositionPatient')).toEqual([-1.5, 20, 0]);
    expect(dataset.number('Rows')).toBe(4);
    expect(dataset.number('InstanceNumber')).toBe(12);
    expect(dataset.items('ReferencedStudySequence').map((i) => i.string('ReferencedSOPInstanceUID'))).toEqual([
      '1.2.3.4',
    ]);
    expect(dataset.has('PatientID')).toBe(false);
    expect(dataset.string('PatientID')).toBeUndefined();
    const { bytes, offset, byteLength } = file.pixelData!;
    expect(Uint8Array.from(bytes.subarray(offset, offset + byteLength))).toEqual(pixelData);
  });

  it('reads a bare data set without preamble, and says so', () => {
    const whole = buildDicom({ attributes: ATTRIBUTES, pixelData });
    const file = readPart10(whole.subarray(132));
    expect(file.remarks).toEqual(['no preamble: read as a bare data set']);
    expect(file.dataset.string('Modality')).toBe('CT');
  });

  it('gives malformed numbers as absent', () => {
    const file = readPart10(buildDicom({ attributes: { ...ATTRIBUTES, x00181114: { vr: 'DS', value: 'ca. 1.5' } } }));
    expect(file.dataset.number('EstimatedRadiographicMagnificationFactor')).toBeUndefined();
    expect(file.dataset.string('EstimatedRadiographicMagnificationFactor')).toBe('ca. 1.5');
  });

  it('tells what is wrong with what is no DICOM image', () => {
    expect(errorOf(() => readPart10(new Uint8Array(0))).code).toBe('empty-file');
    expect(errorOf(() => readPart10(Buffer.from('hello'))).code).toBe('not-dicom');
    expect(errorOf(() => readPart10(Buffer.alloc(4096, 'text '))).code).toBe('not-dicom');
    const directory = buildDicom({ attributes: { SOPClassUID: '1.2.840.10008.1.3.10', SOPInstanceUID: '2.25.9' } });
    expect(errorOf(() => readPart10(directory)).code).toBe('dicomdir');
  });

  it('tells a truncated header from a malformed one, without a value in the message', () => {
    const whole = buildDicom({ attributes: ATTRIBUTES, pixelData });
    const name = Buffer.from(whole).indexOf('Müller');
    const truncated = errorOf(() => readPart10(whole.subarray(0, name + 3)));
    expect(truncated.code).toBe('truncated');
    expect(truncated.message).not.toContain('Mü');
  });

  it('refuses a deflate bomb', () => {
    const bomb = buildDicom({
      transferSyntaxUid: '1.2.840.10008.1.2.1.99',
      attributes: ATTRIBUTES,
      pixelData: new Uint8Array(600 << 20),
    });
    expect(bomb.length).toBeLessThan(2 << 20);
    expect(errorOf(() => readPart10(bomb)).code).toBe('too-large');
  });

  it('refuses sequences nested without end', () => {
    const depth = 20_000;
    const open = Buffer.from([
      0x08, 0, 0x10, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff,
    ]);
    const head = buildDicom({ attributes: { SOPClassUID: '1.2.3', SOPInstanceUID: '1.2.4' } });
    const file = Buffer.concat([head, ...Array.from({ length: depth }, () => open)]);
    expect(['malformed', 'truncated']).toContain(errorOf(() => readPart10(file)).code);
  });
});

describe('readPart10Header', () => {
  const whole = buildDicom({ attributes: ATTRIBUTES, pixelData: new Uint8Array(32) });
  it('reads the header from the first bytes, or asks for more', () => {
    const { offset } = readPart10(whole).pixelData!;
    expect(readPart10Header(whole.subarray(0, offset))).not.toBe('needs-more');
    expect(readPart10Header(whole.subarray(0, offset - 40))).toBe('needs-more');
  });
  it('does not ask for more of what is no DICOM', () => {
    expect(() => readPart10Header(Buffer.alloc(4096, 'text '))).toThrow(DicomReadError);
  });
});

describe('hostile files', () => {
  const originals = SYNTAXES.map((transferSyntaxUid) =>
    buildDicom({ transferSyntaxUid, attributes: ATTRIBUTES, pixelData }),
  );
  const touchEverything = async (file: DicomFile): Promise<void> => {
    for (const keyword of ['PatientName', 'ImageType', 'Rows', 'ImagePositionPatient'] as const) {
      file.dataset.strings(keyword);
      file.dataset.numbers(keyword);
    }
    file.dataset.items('ReferencedStudySequence');
    await decodeFrame(file, 0);
  };
  const isTagged = (error: unknown): boolean =>
    error instanceof DicomReadError ||
    error instanceof PixelDecodeError ||
    error instanceof UnsupportedTransferSyntaxError ||
    error instanceof InvalidUidError ||
    error instanceof RangeError;

  it('truncated or mutated anywhere, give a tagged error or a file', async () => {
    const mutation = fc.record({
      original: fc.constantFrom(...originals),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      edits: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
        maxLength: 8,
      }),
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
      }),
      { numRuns: 3000 },
    );
  });
});
