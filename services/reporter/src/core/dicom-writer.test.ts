import { readPart10 } from '@pce/shared/dicom/part10';
import { describe, expect, it } from 'vitest';
import { type AttributeValue, DicomWriteError, writePart10 } from './dicom-writer.js';

const BASE = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34', SOPInstanceUID: '2.25.1' };
const write = (attributes: Record<string, AttributeValue>) => writePart10({ ...BASE, ...attributes });
const read = (attributes: Record<string, AttributeValue>) => readPart10(write(attributes)).dataset;

function errorOf(attributes: Record<string, AttributeValue>): DicomWriteError {
  try {
    write(attributes);
  } catch (error) {
    if (error instanceof DicomWriteError) return error;
    throw error;
  }
  throw new Error('expected a DicomWriteError');
}

describe('writePart10', () => {
  it('writes text of every script as UTF-8, and says so', () => {
    const names = ['Müller^Jörg', 'Yamada^Tarou=山田^太郎=やまだ^たろう', 'Люкceмбypг', 'שרון^דבורה', '王^小東'];
    for (const name of names) {
      const dataset = read({ PatientName: name, StudyDescription: name.slice(0, 20) });
      expect(dataset.string('SpecificCharacterSet')).toBe('ISO_IR 192');
      expect(dataset.string('PatientName')).toBe(name);
    }
  });

  it('writes empty attributes as empty, absent ones not at all', () => {
    const dataset = read({ AccessionNumber: '', StudyID: null, PerformedProcedureCodeSequence: [] });
    for (const keyword of ['AccessionNumber', 'StudyID', 'PerformedProcedureCodeSequence'] as const) {
      expect(dataset.has(keyword)).toBe(true);
      expect(dataset.string(keyword)).toBeUndefined();
    }
    expect(readPart10(writePart10({ ...BASE, StudyID: undefined })).dataset.has('StudyID')).toBe(false);
  });

  it('writes decimal strings and coordinates as given', () => {
    const dataset = read({ PatientWeight: '1.23456789012e-7', GraphicData: [10.25, 0, -3.5, 1e6] });
    expect(dataset.string('PatientWeight')).toBe('1.23456789012e-7');
    expect(dataset.numbers('GraphicData')).toEqual([10.25, 0, -3.5, 1e6]);
  });

  it('nests items', () => {
    const item = { CodeValue: 'T', CodingSchemeDesignator: 'DCM', CodeMeaning: 'x' };
    const dataset = read({
      ContentSequence: [{ ValueType: 'CODE', ConceptCodeSequence: [item] }, { ValueType: 'TEXT' }],
    });
    const [first, second] = dataset.items('ContentSequence');
    expect(first!.items('ConceptCodeSequence')[0]!.string('CodeMeaning')).toBe('x');
    expect(second!.string('ValueType')).toBe('TEXT');
  });

  it('names the file in its meta information', () => {
    const { meta, transferSyntaxUid } = readPart10(write({}));
    expect(meta.string('MediaStorageSOPInstanceUID')).toBe(BASE.SOPInstanceUID);
    expect(meta.string('MediaStorageSOPClassUID')).toBe(BASE.SOPClassUID);
    expect(transferSyntaxUid).toBe('1.2.840.10008.1.2.1');
  });

  it.each<[string, AttributeValue]>([
    ['PatientID', 'x'.repeat(65)],
    ['PatientID', 'a\\b'],
    ['StudyID', 'x'.repeat(17)],
    ['StudyDescription', 'a\u0007b'],
    ['StudyDescription', '\ud800'],
    ['PatientName', 'a^b^c^d^e^f'],
    ['PatientName', 'a=b=c=d'],
    ['PatientName', 'x'.repeat(65)],
    ['PatientSex', 'weiblich'],
    ['PatientBirthDate', '19570230'],
    ['PatientBirthDate', '1957-01-02'],
    ['StudyTime', '240000'],
    ['StudyTime', '10:11:12'],
    ['PatientAge', '69Y'],
    ['PatientWeight', '1.234567890123456e-7'],
    ['PatientWeight', '70 kg'],
    ['SeriesNumber', '12345678901'],
    ['SeriesNumber', '1.5'],
    ['StudyInstanceUID', '1.02.3'],
    ['StudyInstanceUID', `1.${'2'.repeat(63)}`],
    ['GraphicData', [1, Number.NaN]],
    ['ReferencedFrameNumber', 'zwei'],
    ['PatientID', ['a', 'b']],
    ['Rows', 70000],
  ])('refuses %s = %j without repeating it', (keyword, value) => {
    const error = errorOf({ [keyword]: value });
    expect(error.keyword).toBe(keyword);
    if (typeof value === 'string') {
      expect(error.message).not.toContain(value);
      expect(error.received).toBe(`${[...value].length} characters`);
    }
  });

  it('refuses a word that is no keyword, which dcmjs would drop', () => {
    expect(errorOf({ PatientNames: 'a' }).expected).toBe('a keyword of the data dictionary');
  });

  it('counts characters, not bytes', () => {
    expect(read({ StudyDescription: '山'.repeat(64) }).string('StudyDescription')).toBe('山'.repeat(64));
    expect(errorOf({ StudyDescription: '山'.repeat(65) }).received).toBe('65 characters');
  });
});
