import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { buildStructuredReport } from '@pce/reporter/core/sr-document';
import { readFileMeta } from '@pce/shared/dicom/file-meta';
import { readPart10 } from '@pce/shared/dicom/part10';
import { decodeFrame } from '@pce/shared/dicom/pixel-data';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { simulateRadiographStudy } from '@pce/test-support/phantom-film';
import { SAMPLE_CONTEXT, sampleResult, sampleSourceAttributes } from '@pce/test-support/sample-results';
import { buildSmallSlice } from '@pce/test-support/small-ct';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanWords } from './clean-words.js';
import { type DeidentifyOptions, deidentifyFile } from './deidentify-file.js';
import { keyedPseudonyms } from './pseudonyms.js';
import { shiftDate } from './shift-date.js';

const KEY = Buffer.alloc(32, 7);
const OPTIONS: DeidentifyOptions = {
  retainUids: false,
  shiftDates: false,
  retainPatientCharacteristics: false,
  retainDeviceIdentity: false,
  cleanDescriptors: false,
  allowBurnedIn: false,
};
const ALL_OPTIONS = {
  ...OPTIONS,
  shiftDates: true,
  retainPatientCharacteristics: true,
  cleanDescriptors: true,
};
const SYNTAXES = {
  'implicit little endian': '1.2.840.10008.1.2',
  'explicit little endian': '1.2.840.10008.1.2.1',
  deflated: '1.2.840.10008.1.2.1.99',
  'explicit big endian': '1.2.840.10008.1.2.2',
} as const;

function deidentified(bytes: Uint8Array, options: DeidentifyOptions = OPTIONS, key: Uint8Array = KEY): Buffer {
  const result = deidentifyFile(bytes, keyedPseudonyms(key), options, () => {});
  if (result.kind !== 'done') throw new Error(`refused: ${result.refusal.code}`);
  return result.bytes;
}

/** All that can be read in a file, its data set inflated where it is deflated. */
function readable(bytes: Uint8Array): Buffer {
  const { transferSyntax } = readPart10(bytes);
  if (!transferSyntax.deflated) return Buffer.from(bytes);
  const { dataStart } = readFileMeta(bytes);
  return Buffer.concat([bytes.subarray(0, dataStart), inflateRawSync(bytes.subarray(dataStart))]);
}

/** Values of one patient, where they belong and where they do not. None is part of another. */
const IDENTITY = {
  PatientName: 'Plantagenet^Wilhelmina^Q',
  PatientID: 'MRN-77-4711',
  OtherPatientIDs: 'OLDMRN-0815',
  PatientBirthDate: '19340712',
  PatientAddress: '12 Rosewater Lane, Thornbury',
  PatientTelephoneNumbers: '+44-1632-960961',
  PatientComments: 'Sister of Gwendolyn Plantagenet',
  AccessionNumber: 'ACCNO5551212',
  InstitutionName: 'Saint Ethelburga Infirmary',
  InstitutionAddress: 'Cloister Street 3',
  ReferringPhysicianName: 'Ashdown^Barnaby',
  OperatorsName: 'Quillfeather^Odette',
  StationName: 'SCANROOM9',
  DeviceSerialNumber: 'SN-998877665',
  StudyID: 'ST-31337',
  StudyDate: '20190304',
  SeriesDate: '20190305',
  AcquisitionDateTime: '20190306111213.5',
  StudyDescription: 'CT Thorax of Mrs Plantagenet 4711',
  SeriesDescription: 'Wilhelmina axial 1.25mm lung',
  ProtocolName: 'THORAX for Dr Ashdown',
  ImageComments: 'call Gwendolyn on 01632 960961',
  RequestingPhysician: 'Barnaby Ashdown',
  IssuerOfPatientID: 'ETHELBURGA-MPI',
};
/** What may be found nowhere in the output, in any case, as Latin-1 or as UTF-16. */
const SECRETS = [
  ...['Plantagenet', 'Wilhelmina', 'MRN-77-4711', 'OLDMRN-0815', '19340712', 'Rosewater', 'Thornbury', '960961'],
  ...[
    'Gwendolyn',
    'ACCNO5551212',
    'Ethelburga',
    'Cloister',
    'Ashdown',
    'Barnaby',
    'Quillfeather',
    'Odette',
    'SCANROOM9',
  ],
  uidFromSeed('planted study'),
  ...['SN-998877665', 'ST-31337', '20190304', '20190305', '20190306', '01632'],
];

/** The same values in odd places: kept attributes of many VRs, sequences, private groups, curves, overlays. */
const ODD_PLACES = {
  ...IDENTITY,
  Manufacturer: 'Works of Plantagenet',
  ManufacturerModelName: 'MRN-77-4711',
  SoftwareVersions: ['v1', 'wilhelmina-build'],
  ContrastBolusAgent: 'given on 20190304',
  x00181017: { vr: 'LO', value: `study ${uidFromSeed('planted study')}` },
  BodyPartExamined: 'PLANTAGENET',
  ConvolutionKernel: ['B30f', 'ASHDOWN'],
  x00189999: { vr: 'UT', value: 'Plantagenet in an attribute nobody knows' },
  x00091001: { vr: 'UN', value: Buffer.from('Plantagenet ') },
  x00090010: { vr: 'LO', value: 'ODETTE QUILLFEATHER INC' },
  x00111010: {
    vr: 'SQ',
    value: [{ PatientName: 'Plantagenet^Wilhelmina', x00130010: { vr: 'LO', value: 'Cloister' } }],
  },
  x00101030: { vr: 'UN', value: Buffer.from('Plantagenet ') },
  x00181318: { vr: 'UT', value: 'Wilhelmina Plantagenet, in a text of the wrong kind' },
  x00281052: { vr: 'UN', value: Buffer.from('Ashdown ') },
  x00283006: { vr: 'OB', value: Buffer.from('..Plantagenet..') },
  x00282000: { vr: 'OB', value: Buffer.from('Plantagenet', 'utf16le') },
  x50003000: { vr: 'OB', value: Buffer.from('Plantagenet.') },
  x60004000: { vr: 'LT', value: 'Plantagenet' },
  x60003000: { vr: 'OB', value: Buffer.from('Plantagenet.') },
  x40080042: { vr: 'LO', value: 'Odette Quillfeather' },
  x00324000: { vr: 'LT', value: 'Wilhelmina' },
  RequestAttributesSequence: [
    {
      RequestedProcedureDescription: 'for Mrs Plantagenet',
      ScheduledProcedureStepID: 'ACCNO5551212',
      RequestedProcedureCodeSequence: [
        { CodeValue: 'MRN-77-4711', CodingSchemeDesignator: '99LOCAL', CodeMeaning: 'Thorax of Plantagenet' },
      ],
    },
  ],
  OriginalAttributesSequence: [
    {
      ModifyingSystem: 'SCANROOM9',
      AttributeModificationDateTime: '20190306',
      SourceOfPreviousValues: 'Saint Ethelburga Infirmary',
      ModifiedAttributesSequence: [{ PatientName: 'Plantagenet^Wilhelmina', PatientID: 'MRN-77-4711' }],
    },
  ],
  OtherPatientIDsSequence: [{ PatientID: 'OLDMRN-0815', IssuerOfPatientID: 'ETHELBURGA-MPI' }],
  ProcedureCodeSequence: [{ CodeValue: 'P1', CodingSchemeDesignator: '99X', CodeMeaning: 'Wilhelmina special' }],
  ReferencedImageSequence: [
    { ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2', ReferencedSOPInstanceUID: uidFromSeed('prior') },
  ],
};

/** A file with all of that, its preamble used, and more after the pixels. */
function plantedFile(transferSyntaxUid: string): Uint8Array {
  const source = readPart10(buildSmallSlice({ seed: 'a', positionLpsMm: [0, 0, 0] }));
  const side = 8;
  const file = buildDicom({
    transferSyntaxUid,
    attributes: {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
      SOPInstanceUID: source.dataset.string('SOPInstanceUID'),
      StudyInstanceUID: uidFromSeed('planted study'),
      SeriesInstanceUID: uidFromSeed('planted series'),
      FrameOfReferenceUID: uidFromSeed('planted frame'),
      Modality: 'CT',
      ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
      Rows: side,
      Columns: side,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
      PatientSex: 'F',
      PatientAge: '094Y',
      ...ODD_PLACES,
      xfffcfffc: { vr: 'OB', value: Buffer.from('Plantagenet.') },
    },
    pixelData: Buffer.from(Array.from({ length: side * side * 2 }, (_, index) => (index % 2 ? 3 : index))),
  });
  Buffer.from(file.buffer).write('Plantagenet', 'latin1');
  return file;
}

function foundIn(bytes: Buffer): string[] {
  const latin = bytes.toString('latin1').toLowerCase();
  const without0 = latin.replaceAll('\0', '');
  return SECRETS.filter((secret) => latin.includes(secret.toLowerCase()) || without0.includes(secret.toLowerCase()));
}

describe.each(Object.entries(SYNTAXES))('a file with names in odd places, %s', (_name, syntax) => {
  const original = plantedFile(syntax);

  it('carries every planted value before', () => {
    expect(foundIn(readable(original))).toEqual(SECRETS);
  });

  it.each([
    ['the basic profile', OPTIONS],
    ['every option that cleans', ALL_OPTIONS],
  ])('carries none of them after %s', (_options, options) => {
    expect(foundIn(readable(deidentified(original, options)))).toEqual([]);
  });

  it('keeps its syntax and its pixels, byte for byte', async () => {
    const [before, after] = [readPart10(original), readPart10(deidentified(original))];
    expect(after.transferSyntaxUid).toBe(syntax);
    expect(await decodeFrame(after, 0)).toEqual(await decodeFrame(before, 0));
  });
});

describe('what is written', () => {
  const { dataset, meta } = readPart10(deidentified(plantedFile('1.2.840.10008.1.2.1'), ALL_OPTIONS));

  it('says that and how the identity was removed', () => {
    expect(dataset.string('PatientIdentityRemoved')).toBe('YES');
    expect(dataset.string('LongitudinalTemporalInformationModified')).toBe('MODIFIED');
    const codes = dataset.items('DeidentificationMethodCodeSequence').map((item) => item.string('CodeValue'));
    expect(codes).toEqual(['113100', '113105', '113107', '113108']);
  });

  it('keeps technical words, shifted dates and capped ages as asked', () => {
    expect(dataset.string('SeriesDescription')).toBe('axial 1.25mm lung');
    expect(dataset.string('PatientAge')).toBe('090Y');
    const days = (text: string) => Date.UTC(+text.slice(0, 4), +text.slice(4, 6) - 1, +text.slice(6, 8)) / 86_400_000;
    const moved = (before: string, after: string | undefined) => days(after ?? '') - days(before);
    const shift = moved(IDENTITY.StudyDate, dataset.string('StudyDate'));
    expect(shift).toBeLessThanOrEqual(-365);
    expect(moved(IDENTITY.SeriesDate, dataset.string('SeriesDate'))).toBe(shift);
    expect(moved(IDENTITY.AcquisitionDateTime, dataset.string('AcquisitionDateTime'))).toBe(shift);
  });

  it('names the instance the same in the file meta as in the data set', () => {
    expect(meta.string('MediaStorageSOPInstanceUID')).toBe(dataset.string('SOPInstanceUID'));
  });
});

describe('pseudonyms', () => {
  const slice = (seed: string, patient: string) =>
    readPart10(deidentified(buildSmallSlice({ seed, positionLpsMm: [0, 0, 0], attributes: { PatientID: patient } })))
      .dataset;

  it('are the same over files of a patient and a study, and differ between patients', () => {
    const [a, b, other] = [slice('1', 'A-0001'), slice('2', 'A-0001'), slice('1', 'A-0002')];
    expect(a.string('PatientID')).toMatch(/^PCE-[A-Z2-9]{12}$/);
    expect(b.string('PatientID')).toBe(a.string('PatientID'));
    expect(b.string('StudyInstanceUID')).toBe(a.string('StudyInstanceUID'));
    expect(b.string('SOPInstanceUID')).not.toBe(a.string('SOPInstanceUID'));
    expect(other.string('PatientID')).not.toBe(a.string('PatientID'));
  });

  it('depend on the key', () => {
    const file = buildSmallSlice({ seed: '1', positionLpsMm: [0, 0, 0] });
    const uid = (key: Uint8Array) => readPart10(deidentified(file, OPTIONS, key)).dataset.string('SOPInstanceUID');
    expect(uid(KEY)).not.toBe(uid(Buffer.alloc(32, 8)));
    expect(() => keyedPseudonyms(Buffer.alloc(31))).toThrow('expected at least 32 bytes; received 31');
  });

  it('give way to the UIDs where they are to stay', () => {
    const file = buildSmallSlice({ seed: '1', positionLpsMm: [0, 0, 0] });
    const kept = readPart10(deidentified(file, { ...OPTIONS, retainUids: true })).dataset;
    expect(kept.string('SOPInstanceUID')).toBe(readPart10(file).dataset.string('SOPInstanceUID'));
  });
});

describe('pixels that may show text', () => {
  const codeOf = (bytes: Uint8Array, options = OPTIONS) => {
    const result = deidentifyFile(bytes, keyedPseudonyms(KEY), options, () => {});
    return result.kind === 'refused' ? result.refusal.code : (result.burnedIn?.code ?? 'done');
  };
  const film = (attributes: Record<string, unknown>) => buildSmallFilm({ attributes });

  it('are refused unless something says that there is none', () => {
    expect(codeOf(film({ BurnedInAnnotation: 'NO' }))).toBe('done');
    expect(codeOf(film({ BurnedInAnnotation: 'YES' }))).toBe('burned-in-annotation');
    expect(codeOf(film({ BurnedInAnnotation: undefined }))).toBe('may-have-burned-in-text');
    expect(codeOf(film({ ConversionType: 'WSD', BurnedInAnnotation: 'NO' }))).toBe('secondary-capture');
    const captured = { ImageType: ['DERIVED', 'SECONDARY', 'DOSE'] };
    expect(codeOf(buildSmallSlice({ seed: 'c', positionLpsMm: [0, 0, 0], attributes: captured }))).toBe(
      'may-have-burned-in-text',
    );
    expect(codeOf(film({ x60000100: { vr: 'US', value: 16 }, BurnedInAnnotation: 'NO' }))).toBe('overlay-in-pixels');
  });

  it('pass with a flag when asked to', () => {
    expect(codeOf(film({ BurnedInAnnotation: 'YES' }), { ...OPTIONS, allowBurnedIn: true })).toBe(
      'burned-in-annotation',
    );
  });

  it('are refused when the compressed stream spells a name out', () => {
    const pixelData = Buffer.alloc(320 * 400 * 2);
    pixelData.write('Plantagenet', 1000, 'latin1');
    expect(
      codeOf(buildSmallFilm({ attributes: { PatientName: 'Plantagenet^W', BurnedInAnnotation: 'NO' }, pixelData })),
    ).toBe('identity-in-pixels');
  });
});

describe('cleanWords', () => {
  it('keeps technique and anatomy, drops names and bare numbers', () => {
    expect(cleanWords('CT Thorax, Mrs Smith (4711) 1.25mm axial W/O contrast T12')).toBe(
      'CT Thorax 1.25mm axial contrast T12',
    );
  });
});

describe('shiftDate', () => {
  it('moves over leap days and keeps the time', () => {
    expect(shiftDate('20200301', -1)).toBe('20200229');
    expect(shiftDate('20200101120000.25+0100', -1)).toBe('20191231120000.25+0100');
    expect(shiftDate('20200231', -1)).toBeNull();
    expect(shiftDate('spring', -1)).toBeNull();
  });
});

describe('dciodvfy', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-deidentify-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const errorsOf = (name: string, bytes: Uint8Array): string[] => {
    writeFileSync(join(folder, name), bytes);
    const lines = runTool('dciodvfy', ['-new', join(folder, name)])
      .stderr.toString()
      .split('\n');
    return lines.filter((line) => line.startsWith('Error'));
  };
  const reports = (['ct-positive', 'film-positive'] as const).map((kind) => {
    const dataset = readPart10(buildDicom({ attributes: { ...sampleSourceAttributes(kind), ...IDENTITY } })).dataset;
    return [kind, buildStructuredReport(sampleResult(kind), { dataset }, SAMPLE_CONTEXT).bytes] as const;
  });

  const film = simulateRadiographStudy({ seed: 4, modality: 'DX', pixelMm: 1 }).files[0]!.bytes;

  for (const [kind, original] of [...reports, ['film', film] as const]) {
    it(`finds nothing after cleaning that it did not find before: ${kind}`, (context) => {
      requireTool('dciodvfy', context.skip);
      const before = errorsOf(`${kind}-before.dcm`, original);
      for (const options of [OPTIONS, ALL_OPTIONS]) {
        const cleaned = deidentified(original, options);
        expect(errorsOf(`${kind}.dcm`, cleaned).filter((error) => !before.includes(error))).toEqual([]);
        expect(foundIn(cleaned)).toEqual([]);
      }
    });
  }

  it('leaves a report its coded content', () => {
    const [, [, report]] = reports as [unknown, (typeof reports)[0]];
    const count = (bytes: Uint8Array) => readPart10(bytes).dataset.items('ContentSequence').length;
    expect(count(deidentified(report))).toBe(count(report));
  });
});
