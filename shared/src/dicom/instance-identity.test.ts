import { buildDicom, type DicomAttributes } from '@pce/test-support/dicom-builder';
import { describe, expect, it } from 'vitest';
import { identifyInstance } from './instance-identity.js';
import { readPart10 } from './part10.js';

const COMPLETE = {
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  SOPInstanceUID: '2.25.1',
  StudyInstanceUID: '2.25.2',
  SeriesInstanceUID: '2.25.3',
  Modality: 'CT',
};
const identify = (change: DicomAttributes) =>
  identifyInstance(readPart10(buildDicom({ attributes: { ...COMPLETE, ...change } })));

describe('identifyInstance', () => {
  it('reads who an instance is', () => {
    expect(identify({})).toEqual({
      studyInstanceUid: '2.25.2',
      seriesInstanceUid: '2.25.3',
      sopInstanceUid: '2.25.1',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      modality: 'CT',
    });
  });
  it('takes what senders get wrong without harm: no modality, leading zeros', () => {
    expect(identify({ Modality: undefined, StudyInstanceUID: '1.02.3' })).toMatchObject({
      studyInstanceUid: '1.02.3',
      modality: '',
    });
  });
  it.each([
    [{ StudyInstanceUID: undefined }, 'StudyInstanceUID (0020,000d): expected a value; received none'],
    [{ SeriesInstanceUID: '' }, 'SeriesInstanceUID (0020,000e): expected a value; received an empty one'],
    [{ SOPInstanceUID: '1.2.3 4' }, 'SOPInstanceUID (0008,0018): expected one UID of digits and dots'],
    [{ StudyInstanceUID: '../../etc/passwd' }, 'StudyInstanceUID (0020,000d): expected one UID'],
    [{ StudyInstanceUID: `1.${'2'.repeat(64)}` }, 'received 66 characters that are none'],
  ])('names what is missing or malformed: %o', (change, message) => {
    expect(() => identify(change)).toThrow(message);
    expect(() => identify(change)).toThrow(expect.objectContaining({ name: 'DicomReadError' }));
  });
});
