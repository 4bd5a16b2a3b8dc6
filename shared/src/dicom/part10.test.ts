import { buildDicom } from '@pce/test-support/dicom-builder';
import { describe, expect, it } from 'vitest';
import { readPart10, readPart10Header } from './part10.js';
import { DicomReadError } from './read-error.js';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from './transfer-syntax.js';

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

  it.each<[string, Uint8Array, string]>([
    ['a picture', Buffer.concat([Buffer.of(0xff, 0xd8, 0xff, 0xe0), Buffer.alloc(400)]), 'received a JPEG picture'],
    ['a zip archive', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(400)]), 'received a zip archive'],
    ['text', Buffer.from('patient list '.repeat(40)), 'received text'],
    ['zeros', Buffer.alloc(4096), 'received zeros only, as after a failed copy'],
    ['anything else', Buffer.alloc(4096, 0xa7), 'received 4096 bytes of something else'],
  ])('names %s', (_name, bytes, message) => {
    expect(errorOf(() => readPart10(bytes)).message).toContain(message);
  });

  it('reads File Meta Information in implicit VR, as some writers leave it', () => {
    const { dataset, remarks } = readPart10(withImplicitMeta(IMPLICIT_VR_LITTLE_ENDIAN));
    expect(dataset.string('Modality')).toBe('CT');
    expect(remarks).toEqual([]);
  });
  it('guesses the transfer syntax where File Meta Information lacks it', () => {
    for (const syntax of [IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN]) {
      const { transferSyntaxUid, remarks } = readPart10(withoutMeta(syntax));
      expect(transferSyntaxUid).toBe(syntax);
      expect(remarks).toEqual(['no Transfer Syntax UID in File Meta Information: guessed from the first element']);
    }
  });
  it('reads a data set of the other VR form than its transfer syntax says, and says so', () => {
    const implicit = readPart10(relabelled(IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN));
    expect(implicit.dataset.number('Rows')).toBe(4);
    expect(implicit.remarks).toEqual(['the data set has implicit VR, which Explicit VR Little Endian has not']);
    const explicit = readPart10(relabelled(EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN));
    expect(explicit.dataset.number('Rows')).toBe(4);
    expect(explicit.remarks).toEqual(['the data set has explicit VR, which Implicit VR Little Endian has not']);
  });
  it('reads past an element of a 64-bit VR', () => {
    const offsets = { x7fe00001: { vr: 'OV', value: new Uint8Array(24) } };
    const file = readPart10(buildDicom({ attributes: { ...ATTRIBUTES, ...offsets }, pixelData: [pixelData] }));
    expect(file.dataset.bytes('ExtendedOffsetTable')).toHaveLength(24);
    expect(file.pixelData?.encapsulated).toBe(true);
  });
  it('names a Transfer Syntax UID that is none', () => {
    const file = Buffer.from(buildDicom({ attributes: ATTRIBUTES, pixelData }));
    file.set(Buffer.from('1.2.x'), file.indexOf('1.2.840.10008.1.2.1'));
    const error = errorOf(() => readPart10(file));
    expect([error.code, error.tag]).toEqual(['invalid-attribute', 'TransferSyntaxUID (0002,0010)']);
  });
  it.each(SYNTAXES)('tells that %s ends within its header, wherever it ends', (transferSyntaxUid) => {
    const whole = buildDicom({ transferSyntaxUid, attributes: ATTRIBUTES, pixelData });
    const { pixelData: element } = readPart10(whole);
    const headerEnd = transferSyntaxUid.endsWith('.99') ? whole.length : element!.offset;
    for (let length = 133; length < headerEnd; length += 3) {
      const outcome = headerOutcome(whole.subarray(0, length));
      // Between two elements nothing tells that more was to come but the pixels that are not there.
      expect(['truncated', 'no pixel data']).toContain(outcome);
    }
  });
});

const headerOutcome = (bytes: Uint8Array): string => {
  try {
    return readPart10(bytes).pixelData === null ? 'no pixel data' : 'whole';
  } catch (error) {
    return error instanceof DicomReadError ? error.code : String(error);
  }
};

/** Splits a built file before its data set. */
function split(file: Uint8Array): { meta: Buffer; body: Buffer } {
  const bytes = Buffer.from(file);
  const groupLength = bytes.readUInt32LE(140);
  return { meta: bytes.subarray(0, 144 + groupLength), body: bytes.subarray(144 + groupLength) };
}
const bodyIn = (transferSyntaxUid: string): Buffer =>
  split(buildDicom({ transferSyntaxUid, attributes: ATTRIBUTES, pixelData })).body;
function relabelled(actual: string, stated: string): Uint8Array {
  const { meta } = split(buildDicom({ transferSyntaxUid: stated, attributes: ATTRIBUTES, pixelData }));
  return Buffer.concat([meta, bodyIn(actual)]);
}
const withoutMeta = (syntax: string): Uint8Array =>
  Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), bodyIn(syntax)]);
function withImplicitMeta(syntax: string): Uint8Array {
  const value = Buffer.from(syntax.length % 2 === 0 ? syntax : `${syntax}\0`);
  const element = Buffer.concat([Buffer.of(0x02, 0x00, 0x10, 0x00, value.length, 0, 0, 0), value]);
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), element, bodyIn(syntax)]);
}

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
