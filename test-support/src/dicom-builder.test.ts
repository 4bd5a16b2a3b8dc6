import { isUid } from '@pce/shared/dicom/uid';
import dicomParser from 'dicom-parser';
import { describe, expect, it } from 'vitest';
import {
  buildDicom,
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  EXPLICIT_VR_BIG_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from './dicom-builder.js';
import { formatDecimalString } from './dicom-values.js';
import { uidFromSeed } from './uid-from-seed.js';

const attributes = {
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
  SOPInstanceUID: uidFromSeed('instance'),
  SpecificCharacterSet: 'ISO_IR 192',
  PatientName: 'Müller^Jörg',
  Modality: 'OT',
  Rows: 2,
  Columns: 2,
  BitsAllocated: 16,
  PixelRepresentation: 1,
  SmallestImagePixelValue: -5,
  PixelSpacing: [1 / 3, 0.5],
  ViewCodeSequence: [{ CodeValue: '399348003', CodingSchemeDesignator: 'SCT', CodeMeaning: 'antero-posterior' }],
  x00290010: { vr: 'LO', value: 'PCE TEST' },
};
const pixelData = Uint8Array.of(1, 0, 2, 0, 3, 0, 4, 0);

describe('buildDicom', () => {
  it.each([undefined, IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN, DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN])(
    'writes a file that dicom-parser reads back (%s)',
    (transferSyntaxUid) => {
      const options = transferSyntaxUid ? { attributes, pixelData, transferSyntaxUid } : { attributes, pixelData };
      const parsed = dicomParser.parseDicom(Buffer.from(buildDicom(options)));
      expect(parsed.string('x00080018')).toBe(attributes.SOPInstanceUID);
      expect(parsed.string('x00020010')).toBe(transferSyntaxUid ?? '1.2.840.10008.1.2.1');
      expect(parsed.uint16('x00280010')).toBe(2);
      expect(parsed.int16('x00280106')).toBe(-5);
      expect(parsed.string('x00280030')).toBe('0.33333333333333\\0.5');
      expect(parsed.elements.x00540220?.items?.[0]?.dataSet?.string('x00080100')).toBe('399348003');
      expect(parsed.string('x00290010')).toBe('PCE TEST');
      const pixels = parsed.elements.x7fe00010!;
      expect([...parsed.byteArray.slice(pixels.dataOffset, pixels.dataOffset + pixels.length)]).toEqual([...pixelData]);
    },
  );

  it('encodes text in the character set it declares', () => {
    const name = dicomParser.parseDicom(buildDicom({ attributes })).elements.x00100010!;
    const bytes = buildDicom({ attributes }).slice(name.dataOffset, name.dataOffset + name.length);
    expect(Buffer.from(bytes).toString('utf8').trimEnd()).toBe('Müller^Jörg');
  });

  it('encapsulates fragments after an empty offset table', () => {
    const fragments = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)];
    const bytes = buildDicom({ attributes, pixelData: fragments, transferSyntaxUid: '1.2.840.10008.1.2.4.90' });
    const element = dicomParser.parseDicom(bytes).elements.x7fe00010!;
    expect(element.hadUndefinedLength).toBe(true);
    expect(element.fragments?.map((fragment) => fragment.length)).toEqual([4, 2]);
  });

  it('gives the same bytes for the same arguments', () => {
    expect(buildDicom({ attributes, pixelData })).toEqual(buildDicom({ attributes, pixelData }));
  });

  it('names an unknown keyword', () => {
    expect(() => buildDicom({ attributes: { PatientsNam: 'x' } })).toThrow(/PatientsNam/);
  });
});

describe('formatDecimalString', () => {
  it.each([
    0,
    1,
    -1.5,
    1 / 3,
    -1 / 3,
    1e-7 / 3,
    -123456.78901234567,
    1.23456789e22,
    -Math.PI * 1e-9,
    Math.PI * 1e20,
    -Number.MAX_VALUE,
  ])('keeps %f within 16 characters and close', (value) => {
    const text = formatDecimalString(value);
    expect(text.length).toBeLessThanOrEqual(16);
    expect(text).toMatch(/^-?\d+(\.\d+)?(e[+-]?\d+)?$/);
    expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-8);
  });

  it('refuses what has no decimal form', () => {
    expect(() => formatDecimalString(Number.NaN)).toThrow(RangeError);
  });
});

describe('uidFromSeed', () => {
  it('is valid, repeatable and different for different texts', () => {
    expect(isUid(uidFromSeed('a'))).toBe(true);
    expect(uidFromSeed('a')).toBe(uidFromSeed('a'));
    expect(uidFromSeed('a')).not.toBe(uidFromSeed('b'));
  });
});
