import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom, type DicomAttributes } from '@pce/test-support/dicom-builder';
import { sampleSourceAttributes } from '@pce/test-support/sample-results';
import { describe, expect, it } from 'vitest';
import { writePart10 } from './dicom-writer.js';
import { inheritedModules } from './inherited-modules.js';

const STUDY_UID = '1.2.3';
const BASE = sampleSourceAttributes('ct-positive');
const inherit = (attributes: DicomAttributes) =>
  inheritedModules(readPart10(buildDicom({ attributes: { ...BASE, ...attributes } })).dataset, STUDY_UID);

/** A value of one VR put into the source as it is: the builder checks nothing. */
const odd = (vr: string, text: string) => ({
  vr,
  value: new TextEncoder().encode(text.length % 2 ? `${text} ` : text),
});

describe('inheritedModules', () => {
  it('copies the patient and study modules as they are', () => {
    const { attributes, remarks } = inherit({});
    expect(remarks).toEqual([]);
    expect(attributes).toMatchObject({
      PatientName: ['Example^Erika'],
      PatientID: ['PCE-SAMPLE-1'],
      IssuerOfPatientID: ['SAMPLE'],
      PatientBirthDate: ['19570102'],
      PatientSex: ['F'],
      PatientAge: ['069Y'],
      StudyDate: ['20261121'],
      StudyTime: ['081500'],
      AccessionNumber: ['A4711'],
      ReferringPhysicianName: ['Müller^Jörg'],
      StudyDescription: ['Chest after vertebroplasty'],
    });
  });

  it('says that a de-identified source does not state how, where it does not', () => {
    expect(inherit({ PatientIdentityRemoved: 'YES' }).attributes.DeidentificationMethod).toEqual([
      'Not stated by the source',
    ]);
    const stated = inherit({ PatientIdentityRemoved: 'YES', DeidentificationMethod: 'Site protocol' });
    expect(stated.attributes.DeidentificationMethod).toEqual(['Site protocol']);
    expect(inherit({ PatientIdentityRemoved: 'NO' }).attributes.DeidentificationMethod).toBeUndefined();
  });

  it('writes type 2 attributes the source lacks as empty, type 3 not at all', () => {
    const { attributes } = inheritedModules(
      readPart10(buildDicom({ attributes: { Modality: 'CT' } })).dataset,
      STUDY_UID,
    );
    expect(attributes).toEqual({
      PatientName: [],
      PatientID: [],
      PatientBirthDate: [],
      PatientSex: [],
      StudyDate: [],
      StudyTime: [],
      StudyID: [],
      AccessionNumber: [],
      ReferringPhysicianName: [],
    });
  });

  it('takes the order from the request, with the accession number of the study', () => {
    const [request] = inherit({}).requests;
    expect(request).toMatchObject({
      StudyInstanceUID: STUDY_UID,
      RequestedProcedureID: ['RP1'],
      AccessionNumber: ['A4711'],
      PlacerOrderNumberImagingServiceRequest: [],
    });
    expect(inherit({ RequestAttributesSequence: [], AccessionNumber: '' }).requests).toEqual([]);
  });

  it.each<[string, DicomAttributes, string, string[]]>([
    ['a too long ID is left empty, never cut', { x00100020: odd('LO', 'I'.repeat(70)) }, 'PatientID', []],
    ['an ID of two values is left empty', { x00100020: odd('LO', 'A\\B') }, 'PatientID', []],
    ['an ID with a control character is left empty', { x00100020: odd('LO', 'A\u0001B') }, 'PatientID', []],
    ['an impossible date is left empty', { x00100030: odd('DA', '19570231') }, 'PatientBirthDate', []],
    ['a date with dots is rewritten', { x00080020: odd('DA', '2026.11.21') }, 'StudyDate', ['20261121']],
    ['a time with colons is rewritten', { x00080030: odd('TM', '08:15:00') }, 'StudyTime', ['081500']],
    ['a sex in lower case is rewritten', { x00100040: odd('CS', 'f') }, 'PatientSex', ['F']],
    ['an unknown sex is left empty', { x00100040: odd('CS', 'UNKNOWN') }, 'PatientSex', []],
    ['a long description is cut', { x00081030: odd('LO', 'd'.repeat(80)) }, 'StudyDescription', ['d'.repeat(64)]],
    ['a name of six components loses the sixth', { x00100010: odd('PN', 'a^b^c^d^e^f') }, 'PatientName', ['a^b^c^d^e']],
  ])('%s', (_, attributes, keyword, expected) => {
    const inherited = inherit(attributes);
    expect(inherited.attributes[keyword]).toEqual(expected);
    expect(inherited.remarks.map((remark) => remark.keyword)).toEqual([keyword]);
    expect(JSON.stringify(inherited.remarks)).not.toMatch(/I{70}|d{64}|UNKNOWN|19570231/);
    expect(() => writePart10({ SOPClassUID: '1.2', SOPInstanceUID: '1.3', ...inherited.attributes })).not.toThrow();
  });

  it('decodes names by the source’s own character set', () => {
    const kanji = Uint8Array.of(
      ...[...'Yamada^Tarou='].map((letter) => letter.charCodeAt(0)),
      ...[0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42, 0x5e],
      ...[0x1b, 0x24, 0x42, 0x42, 0x40, 0x4f, 0x3a, 0x1b, 0x28, 0x42],
    );
    const { attributes } = inherit({
      SpecificCharacterSet: ['', 'ISO 2022 IR 87'],
      ReferringPhysicianName: '',
      x00100010: { vr: 'PN', value: kanji },
    });
    expect(attributes.PatientName).toEqual(['Yamada^Tarou=山田^太郎']);
    const written = readPart10(writePart10({ SOPClassUID: '1.2', SOPInstanceUID: '1.3', ...attributes })).dataset;
    expect(written.string('PatientName')).toBe('Yamada^Tarou=山田^太郎');
  });

  it('leaves out items that lack what they must have', () => {
    const complete = { PatientID: 'X1', IssuerOfPatientID: 'OTHER', TypeOfPatientID: 'TEXT' };
    const { attributes } = inherit({
      OtherPatientIDsSequence: [complete, { IssuerOfPatientID: 'NOBODY' }],
      ProcedureCodeSequence: [{ CodeValue: '1' }],
    });
    expect(attributes.OtherPatientIDsSequence).toHaveLength(1);
    expect(attributes.ProcedureCodeSequence).toBeUndefined();
  });
});
