import { buildSmallFilm } from '@pce/test-support/small-film';
import { expect, it } from 'vitest';
import { StudyFiles } from './study-files.js';

it('makes a problem of an instance whose header has lost its name, instead of asking for it in vain', async () => {
  const bytes = buildSmallFilm({ attributes: { SOPInstanceUID: undefined } });
  const instance = {
    studyInstanceUid: '2.25.1',
    seriesInstanceUid: '2.25.2',
    sopInstanceUid: '2.25.3',
    sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    modality: 'DX',
    location: '',
    byteLength: bytes.length,
    sha256: '',
  };
  const files = new StudyFiles([instance], { read: async () => bytes });
  expect(await files.describeAll()).toEqual([]);
  expect(files.unreadable).toEqual([instance]);
  expect(files.problems.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(['2.25.3']);
});
