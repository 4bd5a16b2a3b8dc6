import { buildDicom } from '@pce/test-support/dicom-builder';
import { expect, it } from 'vitest';
import { readBareDataset } from './bare-dataset.js';
import { explicitToImplicit } from './explicit-to-implicit.js';
import { readPart10 } from './part10.js';
import { DicomReadError } from './read-error.js';

const EXPLICIT = buildDicom({
  attributes: {
    SpecificCharacterSet: 'ISO_IR 192',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34',
    SOPInstanceUID: '1.2.3',
    PatientName: 'Müller^Jörg',
    Rows: 512,
    ReferencedSeriesSequence: [
      { SeriesInstanceUID: '1.2.1', ReferencedImageSequence: [{ ReferencedSOPInstanceUID: '1.2.1.1' }] },
      { SeriesInstanceUID: '1.2.2', ReferencedImageSequence: [] },
    ],
  },
});
const dataset = EXPLICIT.subarray(144 + Buffer.from(EXPLICIT).readUInt32LE(140));

it('says the same in Implicit VR', () => {
  const converted = readBareDataset(explicitToImplicit(dataset), '1.2.840.10008.1.2');
  const original = readPart10(EXPLICIT).dataset;
  for (const keyword of ['PatientName', 'SOPInstanceUID', 'SpecificCharacterSet'] as const) {
    expect(converted.string(keyword)).toBe(original.string(keyword));
  }
  expect(converted.number('Rows')).toBe(512);
  const series = converted.items('ReferencedSeriesSequence');
  expect(series.map((item) => item.string('SeriesInstanceUID'))).toEqual(['1.2.1', '1.2.2']);
  const [image] = series[0]!.items('ReferencedImageSequence');
  expect(image!.string('ReferencedSOPInstanceUID')).toBe('1.2.1.1');
});

it('refuses a data set that is cut short', () => {
  expect(() => explicitToImplicit(dataset.subarray(0, dataset.length - 3))).toThrow(DicomReadError);
});
