import { spawn } from 'node:child_process';
import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@pce/test-support/foreign-process';
import { requireTool } from '@pce/test-support/foreign-tool';
import { type Orthanc, startOrthanc } from '@pce/test-support/orthanc-server';
import { buildSmallSlice, smallSlicePosition } from '@pce/test-support/small-ct';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArchiveSourceOptions, archiveSource } from './archive-source.js';
import { minutesUntilOpen, Pace, parseWindow } from './pace.js';
import { describeQueries, parseQuery, readList } from './read-queries.js';

let root: string;
beforeAll(async () => {
  root = await fs.mkdtemp(join(tmpdir(), 'pce-archive-'));
});
afterAll(() => fs.rm(root, { recursive: true, force: true }));

describe('Pace', () => {
  it('knows when a window opens, also one that passes midnight', () => {
    const night = parseWindow('20:00-06:00');
    expect([0, 359, 360, 1199, 1200, 1439].map((minute) => minutesUntilOpen(night, minute))).toEqual([
      0, 0, 840, 1, 0, 0,
    ]);
    expect(() => parseWindow('20:00-20:00')).toThrow('--window: expected two times of day');
    expect(() => parseWindow('25:00-06:00')).toThrow('--window');
  });

  it('spaces studies evenly and waits for the window', async () => {
    let now = new Date(2026, 0, 1, 19, 59, 30).getTime();
    const waits: number[] = [];
    const wait = async (ms: number) => {
      waits.push(ms);
      now += ms;
    };
    const pace = new Pace({ maxPerMinute: 6, window: parseWindow('20:00-06:00') }, () => new Date(now), wait);
    const told: number[] = [];
    for (let n = 0; n < 3; n++) await pace.turn(new AbortController().signal, (minutes) => told.push(minutes));
    expect(told).toEqual([1]);
    expect(waits).toEqual([30_000, 10_000, 10_000]);
  });
});

describe('queries', () => {
  it('come from pairs and from lists, and name no patient in the summary', async () => {
    const list = join(root, 'list.csv');
    await fs.writeFile(list, '\ufeffname,Accession_Number\nDoe,A1\nRoe,\nFoe,*\nPoe,A2\n');
    expect(await readList(list)).toEqual([{ AccessionNumber: 'A1' }, { AccessionNumber: 'A2' }]);
    await fs.writeFile(list, 'B1\nB2\n');
    expect(await readList(list)).toEqual([{ AccessionNumber: 'B1' }, { AccessionNumber: 'B2' }]);
    const query = parseQuery(['StudyDate=20250101-20251231', 'PatientID=ID120']);
    expect(describeQueries([query])).toMatch(/^StudyDate=20250101-20251231 PatientID=SHA-256 [0-9a-f]{16}$/);
    expect(() => parseQuery(['Name=Doe'])).toThrow('--query: expected KEYWORD=VALUE');
  });
});

describe('archiveSource', () => {
  const listener = { problem: () => undefined, progress: () => undefined, stopped: () => false };
  const pace = new Pace({ maxPerMinute: null, window: null });
  const signal = new AbortController().signal;
  const slice = buildSmallSlice({ seed: '1', study: 'there', positionLpsMm: smallSlicePosition(0) });
  const there = uidFromSeed('there');

  async function sourceOf(archive: Partial<ArchiveSourceOptions['archive']>, notes: string[] = []) {
    const workFolder = await fs.mkdtemp(join(root, 'work-'));
    const options: ArchiveSourceOptions = {
      archive: {
        find: async () => [there],
        retrieve: async () => ({ completed: 0, failed: 1, status: 0xa900 }),
        answers: async () => true,
        close: async () => undefined,
        ...archive,
      },
      queries: [{ AccessionNumber: 'A1' }],
      shard: null,
      pace,
      workFolder,
      keepFolder: null,
      note: (text) => notes.push(text),
      firstWaitMs: 1,
    };
    return { source: archiveSource(options), options };
  }

  it('waits for an archive that went away, however often, and removes what it fetched', async () => {
    let calls = 0;
    let asked = 0;
    const notes: string[] = [];
    const { source, options } = await sourceOf(
      {
        retrieve: async (_uid, folder) => {
          calls += 1;
          await fs.writeFile(join(folder, `${calls}.dcm`), calls < 5 ? slice.subarray(0, 500) : slice);
          if (calls < 5) throw new Error('connection lost');
          return { completed: 1, failed: 0, status: 0 };
        },
        answers: async () => {
          asked += 1;
          return asked % 3 === 0;
        },
      },
      notes,
    );
    const { studies } = await source.list(listener);
    const fetched = await studies[0]!.fetch(signal);
    expect(fetched.failure).toBeNull();
    expect(fetched.study.instances.map(({ path }) => path)).toEqual([`${there}/${uidFromSeed('there series 1')}`]);
    await fetched.release();
    expect((await fs.readdir(options.workFolder)).filter((name) => name.startsWith('pulled'))).toEqual([]);
    expect(notes.filter((note) => note.includes('answers again'))).toHaveLength(4);
  });

  it('gives up a study that an archive which is there does not give, and asks no more for the list', async () => {
    let finds = 0;
    let calls = 0;
    const { source, options } = await sourceOf({
      find: async () => {
        finds += 1;
        return [there];
      },
      retrieve: async () => {
        calls += 1;
        return { completed: 0, failed: 1, status: 0xa900 };
      },
    });
    const { studies } = await source.list(listener);
    expect((await studies[0]!.fetch(signal)).failure?.code).toBe('not-fetched');
    expect(calls).toBe(3);
    await archiveSource(options).list(listener);
    expect(finds).toBe(1);
  });

  it('says which line of a list has no study', async () => {
    const { source } = await sourceOf({ find: async () => [] });
    const problems: (string | null)[] = [];
    const { studies } = await source.list({ ...listener, problem: (problem) => void problems.push(problem.path) });
    expect([studies, problems]).toEqual([[], ['query 1']]);
  });
});

const SLICES = 24;
const STUDIES = 5;
const PCE = join(import.meta.dirname, '../../../bin/pce.js');

describe('pce screen from Orthanc', { timeout: 120_000 }, () => {
  let orthanc: Orthanc;
  let folder: string;
  const ownPort = freePort();

  /** Starts pce; gives its exit code and what it said. */
  function screenFrom(...args: string[]) {
    const child = spawn(process.execPath, [PCE, 'screen', '--format', 'csv,json', '--jobs', '1', ...args]);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    return { ended, said: () => said };
  }
  const table = async (out: string) => fs.readFile(join(root, out, 'findings.csv'), 'utf8');

  async function start(program: string) {
    folder = await fs.mkdtemp(join(root, 'orthanc-'));
    orthanc = await startOrthanc(program, folder, { dicomPort: await ownPort });
    await fs.mkdir(join(root, 'images in'), { recursive: true });
    for (let n = 0; n < STUDIES; n++) {
      for (let k = 0; k < SLICES; k++) {
        const attributes = { AccessionNumber: `A${n}`, PatientID: `P${n}`, StudyDate: '20250102' };
        const position = smallSlicePosition(k * 5);
        const bytes = buildSmallSlice({
          seed: `${k}`,
          study: `archive ${n}`,
          positionLpsMm: position,
          sliceThicknessMm: 5,
          attributes,
        });
        await fs.writeFile(join(root, 'images in', `${n}-${k}.dcm`), bytes);
        await orthanc.call('POST', '/instances', bytes);
      }
    }
    await fs.writeFile(
      join(root, 'accessions.csv'),
      `accession_number\n${[0, 1, 2, 3, 4].map((n) => `A${n}\n`).join('')}`,
    );
  }

  it('gives by DICOMweb, C-GET and C-MOVE the rows that the files give', async (test) => {
    await start(requireTool('Orthanc', test.skip));
    try {
      const peer = ['--aet', 'ORTHANC', '--host', '127.0.0.1', '--port', String(orthanc.dicomPort)];
      const list = ['--list', join(root, 'accessions.csv')];
      const runs = {
        files: [join(root, 'images in')],
        web: ['--qido', orthanc.webUrl, '--query', 'StudyDate=20250101-20250131'],
        get: [...peer, ...list],
        move: [...peer, ...list, '--own-port', String(await ownPort), '--keep'],
      };
      for (const [name, args] of Object.entries(runs)) {
        const run = screenFrom(...args, '--out', join(root, name));
        const status = await run.ended;
        expect([0, 2], run.said()).toContain(status);
      }
      const expected = await table('files');
      expect(expected.split('\n').filter((line) => line.startsWith('exam'))).toHaveLength(STUDIES);
      expect(await table('web')).toBe(expected);
      // By DIMSE the File Meta Information is ours, so that the digest over the files is another; it alone.
      const withoutDigest = (csv: string) => csv.replaceAll(/\b[0-9a-f]{64},Research/g, 'Research');
      expect(withoutDigest(await table('get'))).toBe(withoutDigest(expected));
      expect(await table('move')).toBe(await table('get'));
      expect(await fs.readdir(join(root, 'web'))).not.toContain('images');
      expect(await fs.readdir(join(root, 'move', 'images'))).toHaveLength(STUDIES);
      expect((await fs.readdir(join(root, 'get', '.pce'))).filter((name) => name.startsWith('pulled'))).toEqual([]);
    } finally {
      await orthanc.stop();
    }
  });
});
