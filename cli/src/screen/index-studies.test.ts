import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { indexStudies } from './index-studies.js';
import type { Problem } from './problem.js';
import { scanInputs } from './scan-inputs.js';
import { buildZip } from './zip.fixture.js';

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'pce-scan-'));
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

async function put(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await fs.mkdir(join(path, '..'), { recursive: true });
  await fs.writeFile(path, bytes);
  return path;
}

async function index(exclude: string[] = []) {
  const problems: Problem[] = [];
  const result = await indexStudies(scanInputs([folder], { exclude: new Set(exclude) }), {
    problem: (problem) => void problems.push(problem),
    progress: () => {},
    stopped: () => false,
  });
  const relative = (path: string | null) => path?.slice(folder.length + 1) ?? null;
  return {
    paths: result.studyList.flatMap((study) => study.instances.map(({ path }) => relative(path))),
    studies: result.studies,
    problems: problems.map(({ severity, code, path }) => [severity, code, relative(path)]),
    raw: problems,
  };
}

const film = (seed: string, attributes = {}) => buildSmallFilm({ seed, columns: 16, rows: 16, attributes });
const otherStudy = { StudyInstanceUID: uidFromSeed('other study') };

describe('finding instances', () => {
  it('finds DICOM by content, under any name, in folders and archives, and groups it by study', async () => {
    await put('a/no-extension', film('1'));
    await put('a/deep/er/picture.jpg', film('2'));
    await put('b.data', buildZip([{ name: '../../x/3', bytes: film('3', otherStudy) }]));
    const found = await index();
    expect(found.paths.sort()).toEqual(['a/deep/er/picture.jpg', 'a/no-extension', 'b.data!/../../x/3']);
    expect(found.studies).toBe(2);
    expect(found.problems).toEqual([]);
  });

  it('reads on when a header does not fit into the first 64 KB', async () => {
    await put('long', film('1', { x00291010: { vr: 'OB', value: new Uint8Array(300_000) } }));
    expect((await index()).paths).toEqual(['long']);
  });

  it('is silent about files of the operating system, directories of media, and hidden things', async () => {
    await put('.DS_Store', 'x');
    await put('Thumbs.db', 'x');
    await put('._film.dcm', Buffer.from([0, 5, 0x16, 7, 0, 2, 0, 0]));
    await put('.hidden-notes', 'text');
    await put('.git/film.dcm', film('1'));
    await put('DICOMDIR', 'anything');
    await put(
      'medium/index',
      buildDicom({
        attributes: { SOPClassUID: '1.2.840.10008.1.3.10', SOPInstanceUID: uidFromSeed('dir'), FileSetID: 'CD' },
      }),
    );
    expect(await index()).toMatchObject({ paths: [], problems: [] });
  });

  it('takes a hidden file that is an image', async () => {
    await put('.film', film('1'));
    expect((await index()).paths).toEqual(['.film']);
  });

  it('follows links once, and names one that leads nowhere', async () => {
    await put('a/film', film('1'));
    await fs.symlink(folder, join(folder, 'a', 'loop'));
    await fs.symlink(join(folder, 'missing'), join(folder, 'a', 'dangling'));
    const found = await index();
    expect(found.paths).toEqual(['a/film']);
    expect(found.problems).toEqual([['broken', 'broken-link', 'a/dangling']]);
  });

  it('leaves the output folder out', async () => {
    await put('film', film('1'));
    await put('out/report.dcm', film('2'));
    expect((await index([await fs.realpath(join(folder, 'out'))])).paths).toEqual(['film']);
  });
});

describe('what is not a DICOM instance', () => {
  it('is passed over when it is clearly something else, and broken when it should be an image', async () => {
    await put('notes.txt', 'call the ward');
    await put('photo.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
    await put('segmentation.nii.gz', Buffer.from([0x1f, 0x8b, 8, 0]));
    await put('study.tar.gz', Buffer.from([0x1f, 0x8b, 8, 0]));
    await put('IM000001', '');
    await put('zeros.dcm', new Uint8Array(1000));
    await put('text.dcm', 'no image at all');
    const found = await index();
    expect(found.paths).toEqual([]);
    expect(found.problems).toEqual([
      ['broken', 'not-dicom', 'IM000001'],
      ['ignored', 'not-dicom', 'notes.txt'],
      ['ignored', 'not-dicom', 'photo.jpg'],
      ['ignored', 'not-dicom', 'segmentation.nii.gz'],
      ['broken', 'archive-not-opened', 'study.tar.gz'],
      ['broken', 'not-dicom', 'text.dcm'],
      ['broken', 'not-dicom', 'zeros.dcm'],
    ]);
  });

  it('says what a broken DICOM file lacks, and repeats no value of it', async () => {
    await put('cut', film('1').subarray(0, 400));
    await put('no-study', film('2', { StudyInstanceUID: undefined }));
    await put('name-as-uid', film('3', { SOPInstanceUID: 'Doe^Jane' }));
    const found = await index();
    expect(found.problems.map(([severity]) => severity)).toEqual(['broken', 'broken', 'broken']);
    expect(found.raw.every(({ what, expected, received }) => what && expected && received)).toBe(true);
    expect(JSON.stringify(found.raw)).not.toContain('Doe');
  });
});

describe('duplicates', () => {
  it('count once when they are the same, in a folder or an archive', async () => {
    await put('a', film('1'));
    await put('b', film('1'));
    await put('c.zip', buildZip([{ name: 'again', bytes: film('1') }]));
    expect(await index()).toMatchObject({ paths: ['a'], problems: [] });
  });

  it('are a problem when their bytes differ: the first path stays', async () => {
    await put('a', film('1'));
    await put('b', film('1', { InstitutionName: 'elsewhere' }));
    await put('c', film('1', { BodyPartExamined: 'CHESU' }));
    const found = await index();
    expect(found.paths).toEqual(['a']);
    expect(found.problems).toEqual([
      ['broken', 'sop-instance-uid-reused', 'b'],
      ['broken', 'sop-instance-uid-reused', 'c'],
    ]);
  });
});
