import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixtureAnalysed, fixtureFinding, fixtureRecord } from '../report/record.fixture.js';
import { fileProblem } from '../screen/problem.js';
import type { RunManifest } from '../screen/run-manifest.js';
import { encodePng, shrinkPicture, shrinkPng } from './encode-picture.js';
import { OutputFolder } from './output-folder.js';
import { parseFormats } from './output-formats.js';
import { writeWholeFrom } from './write-file.js';

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'pce-output-'));
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

describe('writeWholeFrom', () => {
  it('leaves nothing behind when the content fails half way', async () => {
    async function* failing() {
      yield 'half';
      throw new Error('no more');
    }
    await expect(writeWholeFrom(join(folder, 'x.csv'), failing())).rejects.toThrow('no more');
    expect(await fs.readdir(folder)).toEqual([]);
  });

  it('replaces a file as a whole', async () => {
    await fs.writeFile(join(folder, 'x'), 'a much longer old content');
    await writeWholeFrom(join(folder, 'x'), ['new', Buffer.from('!')]);
    expect(await fs.readFile(join(folder, 'x'), 'utf8')).toBe('new!');
  });
});

describe('parseFormats', () => {
  it('reads a list and refuses what it does not know', () => {
    expect([...parseFormats('SR, csv')]).toEqual(['sr', 'csv']);
    expect(() => parseFormats('sr,xml')).toThrow(
      '--format: expected a list of sr, csv, json, parquet, html; received "sr,xml"',
    );
    expect(() => parseFormats(' ,')).toThrow('--format');
  });
});

/** Opens a folder as a run does, or goes on with the one there. */
function openRun(path: string, formats: RunManifest['formats'], changes: Partial<RunManifest> = {}, resume = false) {
  const algorithm = { name: 'PCE', version: '0.1.0', parametersDigest: 'a'.repeat(64), reportAbove: 0.3 };
  const base = { manifestVersion: 1, productVersion: '0.1.0', algorithm, sources: ['in'], shard: null } as const;
  return OutputFolder.open(path, { manifest: { ...base, formats, ...changes }, resume });
}

describe('OutputFolder', () => {
  const record = (uid: string) =>
    fixtureRecord(fixtureAnalysed([fixtureFinding()]), {
      studyInstanceUid: uid,
      problems: [fileProblem(`${uid}.dcm`, 'broken', 'x', { what: 'w', expected: 'e', received: 'r' })],
    });

  it('has every study in the tables as soon as it is done, and all in order at the end', async () => {
    const output = await openRun(join(folder, 'new', 'out'), ['csv', 'json']);
    const fromScan = fileProblem('z.txt', 'ignored', 'not-dicom', { what: 'w', expected: 'e', received: 'r' });
    await output.listingProblems.clear();
    await output.addListingProblem(fromScan, 1);
    await output.addRows(await output.records.save(record('1.2.9'), []));
    const studiesIn = async (name: string, column: number) =>
      (await fs.readFile(join(output.path, name), 'utf8')).split(/\r?\n/).map((line) => line.split(',')[column]);
    expect(await studiesIn('findings.csv', 1)).toEqual(['study_instance_uid', '1.2.9', '1.2.9', undefined]);
    await output.addRows(await output.records.save(record('1.2.3'), []));
    await output.finish(['1.2.3', '1.2.9']);
    expect(await studiesIn('findings.csv', 1)).toEqual([
      'study_instance_uid',
      '1.2.3',
      '1.2.3',
      '1.2.9',
      '1.2.9',
      undefined,
    ]);
    expect(await studiesIn('problems.csv', 2)).toEqual(['file', 'z.txt', '1.2.3.dcm', '1.2.9.dcm', undefined]);
    const rows = (await fs.readFile(join(output.path, 'findings.ndjson'), 'utf8')).trim().split('\n');
    expect(rows.map((line) => JSON.parse(line).study_instance_uid)).toEqual(['1.2.3', '1.2.3', '1.2.9', '1.2.9']);
  });

  it('keeps what it knows of a study with its pictures', async () => {
    const output = await openRun(folder, ['html']);
    const png = encodePng({ columns: 1, rows: 1, rgb: Uint8Array.of(1, 2, 3) });
    await output.records.save(record('1.2.3'), [{ findingId: 1, label: 'l', columns: 1, rows: 1, png }]);
    const loaded = await output.records.load('1.2.3');
    expect(loaded).toMatchObject({ ...record('1.2.3'), pictures: [{ findingId: 1, label: 'l', columns: 1, rows: 1 }] });
    expect(Buffer.compare(await output.records.readPicture(loaded.pictures[0]!), png)).toBe(0);
  });

  it('lets one run at a time at it', async () => {
    const output = await openRun(folder, ['sr']);
    await expect(openRun(folder, ['sr'])).rejects.toThrow('--out: expected a folder that no other run is writing to');
    output.close();
    (await openRun(folder, ['sr'])).close();
  });

  it('goes on with an unfinished run only when told to, and only with the same settings', async () => {
    const output = await openRun(folder, ['csv']);
    await output.records.save(record('1.2.3'), []);
    await fs.writeFile(join(folder, 'findings.csv.0123456789ab.tmp'), 'half');
    output.close();
    await expect(openRun(folder, ['csv'])).rejects.toThrow('--out: expected a folder without an unfinished run');
    const changed = openRun(folder, ['csv'], { productVersion: '0.2.0', sources: ['in', 'more'] }, true);
    await expect(changed).rejects.toThrow(
      'productVersion: expected "0.1.0"; received "0.2.0", sources: expected ["in"]; received ["in","more"]',
    );
    const resumed = await openRun(folder, ['csv'], {}, true);
    expect(await resumed.records.find('1.2.3')).toMatchObject({ studyInstanceUid: '1.2.3' });
    expect((await fs.readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await resumed.journal?.finished({ files: 1, instances: 1, studies: 1 });
    resumed.close();
    const afresh = await openRun(folder, ['csv'], { productVersion: '0.2.0' });
    expect(await afresh.records.find('1.2.3')).toBeNull();
    afresh.close();
  });

  it('never overwrites a report', async () => {
    const output = await openRun(folder, ['sr']);
    await output.writeReport('1.2.3', '2.25.1', Buffer.from('first'));
    await output.writeReport('1.2.3', '2.25.1', Buffer.from('second'));
    expect(await fs.readFile(join(folder, '1.2.3', '2.25.1.dcm'), 'utf8')).toBe('first');
  });

  it('says at once that it cannot be written to', async () => {
    await fs.writeFile(join(folder, 'file'), '');
    await expect(openRun(join(folder, 'file'), ['sr'])).rejects.toThrow(
      '--out: expected a folder that can be written to',
    );
  });
});

describe('pictures', () => {
  it('shrink to the mean of the pixels they cover', () => {
    const rgb = Uint8Array.of(0, 0, 0, 100, 100, 100, 200, 200, 200, 100, 100, 100);
    expect(shrinkPicture({ columns: 2, rows: 2, rgb }, 1)).toEqual({
      columns: 1,
      rows: 1,
      rgb: Uint8Array.of(100, 100, 100),
    });
  });

  it('stay as they are when they are small enough', () => {
    const picture = { columns: 2, rows: 1, rgb: new Uint8Array(6) };
    expect(shrinkPicture(picture, 2)).toBe(picture);
  });

  it('come back from PNG in grey or in colour', () => {
    for (const [rgb, colorType] of [
      [[9, 9, 9, 200, 200, 200], 0],
      [[9, 9, 9, 255, 200, 0], 2],
    ] as const) {
      const png = encodePng({ columns: 2, rows: 1, rgb: Uint8Array.from(rgb) });
      const read = PNG.sync.read(Buffer.from(png));
      expect([...read.data].filter((_, index) => index % 4 !== 3)).toEqual([...rgb]);
      // Byte 25 of a PNG file is the colour type. Source: PNG specification 11.2.2.
      expect(png[25]).toBe(colorType);
    }
  });

  it('shrink as PNG files with their description', () => {
    const png = encodePng({ columns: 4, rows: 2, rgb: new Uint8Array(24).fill(50) });
    const small = shrinkPng({ columns: 4, rows: 2, label: 'l', png }, 2);
    expect(small).toMatchObject({ columns: 2, rows: 1, label: 'l' });
    expect(PNG.sync.read(Buffer.from(small.png)).data[0]).toBe(50);
  });
});
