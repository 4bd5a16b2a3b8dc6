import { buildDicom, type DicomAttributes } from '@pce/test-support/dicom-builder';
import { describe, expect, it } from 'vitest';
import type { Dataset } from './dataset.js';
import { readPart10 } from './part10.js';

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const SYNTAXES = [IMPLICIT, EXPLICIT, BIG_ENDIAN];

function read(attributes: DicomAttributes, transferSyntaxUid = EXPLICIT): Dataset {
  const identity = { SOPClassUID: '1.2.3', SOPInstanceUID: '2.25.1' };
  return readPart10(buildDicom({ transferSyntaxUid, attributes: { ...identity, ...attributes } })).dataset;
}

describe.each(SYNTAXES)('values in %s', (syntax) => {
  it('that are US or SS have the sign of the pixels', () => {
    const padding = { PixelPaddingValue: -2000, SmallestImagePixelValue: -1024 };
    const signed = read({ PixelRepresentation: 1, ...padding }, syntax);
    expect([signed.number('PixelPaddingValue'), signed.number('SmallestImagePixelValue')]).toEqual([-2000, -1024]);
    const unsigned = read({ PixelRepresentation: 0, PixelPaddingValue: 63_536 }, syntax);
    expect(unsigned.number('PixelPaddingValue')).toBe(63_536);
  });

  it('of lookup tables are words, signed like the pixels around them', () => {
    const table = { LUTDescriptor: [4, 0, 16], ModalityLUTType: 'US', LUTData: [0, 500, 40_000, 65_535] };
    const [item] = read({ PixelRepresentation: 0, ModalityLUTSequence: [table] }, syntax).items('ModalityLUTSequence');
    expect(item?.numbers('LUTDescriptor')).toEqual([4, 0, 16]);
    expect(item?.numbers('LUTData')).toEqual([0, 500, 40_000, 65_535]);
    if (syntax !== IMPLICIT) return;
    const signed = { PixelRepresentation: 1, ModalityLUTSequence: [{ x00283002: { vr: 'SS', value: [4, -2, 16] } }] };
    const [signedItem] = read(signed, syntax).items('ModalityLUTSequence');
    expect(signedItem?.numbers('LUTDescriptor')).toEqual([4, -2, 16]);
  });

  it('of numbers of every size', () => {
    const dataset = read(
      {
        Rows: 65_535,
        PixelIntensityRelationshipSign: -1,
        ReferencedFrameNumber: ['3', '7'],
        TableSpeed: -2.5,
        SpiralPitchFactor: 1.375,
        SliceThickness: ' 1.25 ',
      },
      syntax,
    );
    expect(dataset.number('Rows')).toBe(65_535);
    expect(dataset.strings('Rows')).toEqual(['65535']);
    expect(dataset.number('PixelIntensityRelationshipSign')).toBe(-1);
    expect(dataset.numbers('ReferencedFrameNumber')).toEqual([3, 7]);
    expect(dataset.number('TableSpeed')).toBe(-2.5);
    expect(dataset.number('SliceThickness')).toBe(1.25);
  });
});

describe('text', () => {
  const cyrillic = { vr: 'LO', value: Uint8Array.of(0xbb, 0xee, 0xda) };
  it('of an item is in the character set of the data set around it, unless it names its own', () => {
    const dataset = read({
      SpecificCharacterSet: 'ISO_IR 144',
      x00081030: cyrillic,
      RequestAttributesSequence: [
        { x00400007: cyrillic },
        { SpecificCharacterSet: 'ISO_IR 100', x00400007: { vr: 'LO', value: Uint8Array.of(0xe9) } },
      ],
    });
    expect(dataset.string('StudyDescription')).toBe('Люк');
    const descriptions = dataset
      .items('RequestAttributesSequence')
      .map((item) => item.string('ScheduledProcedureStepDescription'));
    expect(descriptions).toEqual(['Люк', 'é']);
  });
  it('of several values in a character set with backslashes in its characters', () => {
    // U+8868 is 95 5C in Shift-JIS-like sets; in GBK U+8A13 is D3 96, and 8B 5C is a character whose second byte is 5C.
    const value = Uint8Array.of(0x8b, 0x5c, 0x5c, 0x41);
    const dataset = read({ SpecificCharacterSet: 'GBK', x00081090: { vr: 'LO', value } });
    expect(dataset.strings('ManufacturerModelName')).toHaveLength(2);
    expect(dataset.strings('ManufacturerModelName')[1]).toBe('A');
  });
  it('keeps a backslash and leading spaces where the VR has one value', () => {
    const dataset = read({ ImageComments: '  C:\\images ' });
    expect(dataset.strings('ImageComments')).toEqual(['  C:\\images']);
  });
  it('loses padding, empty values stay in their place', () => {
    const dataset = read({ x00080008: { vr: 'CS', value: Buffer.from('ORIGINAL \\\\AXIAL\0') } });
    expect(dataset.strings('ImageType')).toEqual(['ORIGINAL', '', 'AXIAL']);
  });
  it('that is empty reads as absent but is there', () => {
    const dataset = read({ PatientID: '' });
    expect([dataset.has('PatientID'), dataset.string('PatientID'), dataset.strings('PatientID')]).toEqual([
      true,
      undefined,
      [],
    ]);
  });
});

describe('sequences', () => {
  it('that a forwarder wrote as UN are read as implicit little endian', () => {
    const item = Buffer.concat([
      Buffer.of(0xfe, 0xff, 0x00, 0xe0, 14, 0, 0, 0),
      Buffer.of(0x28, 0x00, 0x30, 0x00, 6, 0, 0, 0),
      Buffer.from('0.7\\.7'),
    ]);
    for (const syntax of [EXPLICIT, BIG_ENDIAN]) {
      const dataset = read({ x00289110: { vr: 'UN', value: item } }, syntax);
      expect(dataset.items('PixelMeasuresSequence')[0]?.numbers('PixelSpacing')).toEqual([0.7, 0.7]);
    }
    const broken = read({ x00289110: { vr: 'UN', value: item.subarray(0, 20) } });
    expect(broken.items('PixelMeasuresSequence')).toEqual([]);
  });
  it('give no bytes and no text of their own', () => {
    const dataset = read({ ReferencedStudySequence: [{ ReferencedSOPInstanceUID: '1.2.3' }] });
    expect(dataset.bytes('ReferencedStudySequence')).toBeUndefined();
    expect(dataset.strings('ReferencedStudySequence')).toEqual([]);
    expect(dataset.items('ReferencedStudySequence')[0]?.string('ReferencedSOPInstanceUID')).toBe('1.2.3');
  });
});
