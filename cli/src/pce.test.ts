import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { simulateCtStudy } from '@pce/test-support/phantom';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';

const PCE = join(import.meta.dirname, '../bin/pce.js');
const pce = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [PCE, ...args], { encoding: 'utf8' });

/** Coarse enough to be made and searched in seconds, fine enough to show a 2.5 mm cast. */
const SMALL_CT = { columns: 320, slices: 120 } as const;
const positive = simulateCtStudy({ ...SMALL_CT, seed: 11, emboli: [{ morphology: 'tubular', calibreMm: 2.5 }] });
const negative = simulateCtStudy({ ...SMALL_CT, seed: 12 });

let root: string;
let input: string;
let out: string;
let run: SpawnSyncReturns<string>;

type Row = Record<string, unknown> & { row_type: string; study_instance_uid: string };
const rowsOf = (folder: string): Row[] =>
  readFileSync(join(folder, 'findings.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
const examOf = (folder: string, studyUid: string): Row =>
  rowsOf(folder).find((row) => row.row_type === 'exam' && row.study_instance_uid === studyUid)!;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pce-cli-'));
  input = join(root, 'input');
  out = join(root, 'out');
  const write = (path: string, bytes: Uint8Array | string): void => {
    mkdirSync(join(input, path, '..'), { recursive: true });
    writeFileSync(join(input, path), bytes);
  };
  for (const { name, bytes } of positive.files) write(join('a', 'deep', name.replace('.dcm', '')), bytes);
  for (const { name, bytes } of negative.files) write(join('b', name), bytes);
  // The same instance twice, once under another name: no problem.
  write('b/copy', negative.files[0]!.bytes);
  // A UID that is taken, with other bytes.
  write('c/reused.dcm', alteredCopy(negative.files[0]!.bytes));
  write('c/truncated.dcm', negative.files[1]!.bytes.subarray(0, 300));
  write('c/notes.txt', 'not an image');
  write('DICOMDIR', 'anything');
  write('d/blank.dcm', buildSmallFilm({ seed: 'blank', valueAt: () => 0.5 }));
  write('d/mr.dcm', buildDicom({ attributes: mrAttributes(), pixelData: new Uint8Array(32) }));
  run = pce('screen', input, '--out', out, '--jobs', '2');
}, 300_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

function alteredCopy(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1] = copy[copy.length - 1]! ^ 1;
  return copy;
}

function mrAttributes() {
  return {
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
    SOPInstanceUID: '2.25.701',
    StudyInstanceUID: '2.25.702',
    SeriesInstanceUID: '2.25.703',
    Modality: 'MR',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: 4,
    Columns: 4,
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 0,
  };
}

describe('pce screen', { timeout: 180_000 }, () => {
  it('finishes with exit code 2 when some inputs are broken or not analysable, and says where things are', () => {
    expect(run.stderr).not.toContain('Error');
    expect(run.status).toBe(2);
    expect(run.stdout).toContain('1 present, 1 absent, 1 not analysable, 1 not applicable');
    expect(run.stdout).toContain(join(out, 'report.html'));
    expect(run.stdout).toContain('Research software');
  });

  it('finds the simulated embolus where it is, and nothing in the negative study', () => {
    const { studyInstanceUid } = positive.truth;
    expect(examOf(out, studyInstanceUid)).toMatchObject({ outcome: 'analysed', presence: 'present', modality: ['CT'] });
    expect(examOf(out, negative.truth.studyInstanceUid)).toMatchObject({ presence: 'absent', emboli_reported: 0 });
    const truth = positive.truth.objects[0]!;
    const [finding] = rowsOf(out).filter((row) => row.row_type === 'finding');
    expect(finding).toMatchObject({ study_instance_uid: studyInstanceUid, assessment: 'suspected', side: truth.side });
    const centre = [finding!.centre_x_lps_mm, finding!.centre_y_lps_mm, finding!.centre_z_lps_mm] as number[];
    const distances = truth.centrelinesLpsMm.flat().map((p) => Math.hypot(...p.map((v, axis) => v - centre[axis]!)));
    expect(Math.min(...distances)).toBeLessThan(4);
  });

  it('writes one report a study that could be read as a chest, valid and under its own UID', (context: TestContext) => {
    requireTool('dciodvfy', context.skip);
    let reports = 0;
    for (const row of rowsOf(out).filter((exam) => exam.row_type === 'exam')) {
      const folder = join(out, row.study_instance_uid);
      if (row.outcome === 'not-applicable') {
        expect(row.report_sop_instance_uid).toBeNull();
        expect(existsSync(folder)).toBe(false);
        continue;
      }
      const path = join(folder, `${row.report_sop_instance_uid}.dcm`);
      const { dataset } = readPart10(readFileSync(path));
      expect(dataset.string('SOPInstanceUID')).toBe(row.report_sop_instance_uid);
      expect(dataset.string('StudyInstanceUID')).toBe(row.study_instance_uid);
      const check = runTool('dciodvfy', ['-new', path]);
      expect(check.status, check.stderr.toString()).toBe(0);
      reports += 1;
    }
    expect(reports).toBe(3);
  });

  it('names every unreadable file with expected and received, and passes over what is plainly something else', () => {
    const text = readFileSync(join(out, 'problems.csv'), 'utf8');
    const line = (part: string): string => text.split('\r\n').find((candidate) => candidate.includes(part)) ?? '';
    expect(line('reused.dcm')).toContain('broken,sop-instance-uid-reused');
    expect(line('truncated.dcm')).toMatch(/^broken,/);
    expect(line('notes.txt')).toMatch(/^ignored,not-dicom/);
    expect(line('blank.dcm')).toMatch(/^not-analysable,/);
    expect(line('mr.dcm')).toMatch(/^not-applicable,/);
    expect(text).not.toContain('DICOMDIR');
    expect(text).not.toContain('copy');
    expect(text).not.toContain('PHANTOM');
  });

  it('gives the same tables and the same report UIDs again, from a zip archive too', (context: TestContext) => {
    requireTool('zip', context.skip);
    const archive = join(root, 'archive.zip');
    expect(runTool('zip', ['-q', '-r', archive, 'a', 'b'], { cwd: input }).status).toBe(0);
    const fromZip = join(root, 'from-zip');
    expect(pce('screen', archive, '--out', fromZip, '--format', 'sr,json').status).toBe(0);
    for (const { studyInstanceUid } of [positive.truth, negative.truth]) {
      expect(examOf(fromZip, studyInstanceUid)).toEqual(examOf(out, studyInstanceUid));
    }
    expect(existsSync(join(fromZip, 'report.html'))).toBe(false);
    expect(existsSync(join(fromZip, 'findings.csv'))).toBe(false);
  });

  it('leaves a report that is there already untouched', () => {
    const folder = join(out, positive.truth.studyInstanceUid);
    const [name] = readdirSync(folder);
    const before = readFileSync(join(folder, name!));
    expect(pce('screen', join(input, 'a'), '--out', out, '--format', 'sr').status).toBe(0);
    expect(readdirSync(folder)).toEqual([name]);
    expect(Buffer.compare(readFileSync(join(folder, name!)), before)).toBe(0);
  });

  it('lists every candidate when asked to, without changing what the exam is called', () => {
    const curves = join(root, 'curves');
    expect(pce('screen', join(input, 'b'), '--out', curves, '--report-above', '0', '--format', 'json').status).toBe(0);
    expect(examOf(curves, negative.truth.studyInstanceUid)).toMatchObject({ presence: 'absent', report_above: 0 });
  });

  it.each([
    ['no input', ['/nowhere/at/all', '--out', 'x'], 'PATH: expected a file or folder that can be read'],
    ['no DICOM in it', ['INPUT/c/notes.txt', '--out', 'OUT2'], 'PATH: expected at least one DICOM file'],
    ['a bad probability', ['INPUT', '--out', 'OUT2', '--report-above', '2'], 'Expected a probability from 0 to 1'],
    [
      'a bad format',
      ['INPUT', '--out', 'OUT2', '--format', 'xml'],
      '--format: expected a list of sr, csv, json, parquet, html',
    ],
  ])('ends with exit code 1 for %s', (_name, args, message) => {
    const resolved = args.map((arg) => arg.replace('INPUT', input).replace('OUT2', join(root, 'out2')));
    const { status, stderr } = pce('screen', ...resolved);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });
});

const isLoaded = (image: unknown): boolean => (image as { naturalWidth: number }).naturalWidth > 0;

describe('report.html', () => {
  it('opens without errors or requests, the most urgent study first, and can be searched', async (context: TestContext) => {
    const executablePath = requireTool('chromium', context.skip);
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
      const seen: string[] = [];
      page.on('console', (message) => seen.push(message.text()));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) seen.push(request.url());
      });
      await page.goto(`file://${join(out, 'report.html')}`);
      const studies = page.locator('details.study');
      const outcomes = await studies.evaluateAll((cards) => cards.map((card) => card.getAttribute('data-outcome')));
      expect(outcomes).toEqual(['present', 'not-analysable', 'absent', 'not-applicable']);
      await expect.poll(() => studies.first().locator('img').first().evaluate(isLoaded)).toBe(true);
      expect(await page.locator('body').textContent()).toContain('Not for clinical use');
      // Nothing is wider than a phone.
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      await page.locator('input[type=search]').fill(negative.truth.studyInstanceUid);
      await expect.poll(() => studies.filter({ visible: true }).count()).toBe(1);
      await page.locator('input[type=search]').fill('');
      await page.locator('button[data-outcome=present]').click();
      await expect.poll(() => studies.filter({ visible: true }).count()).toBe(1);
      await studies.first().locator('figure button').first().click();
      expect(await page.locator('dialog').isVisible()).toBe(true);
      await page.keyboard.press('Escape');
      expect(seen).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

describe('Ctrl-C', () => {
  it('stops with exit code 130 and leaves what is done in order', async () => {
    const films = join(root, 'films');
    expect(pce('simulate', '--out', films, '--modality', 'dx', '--count', '5').status).toBe(0);
    const stopped = join(root, 'stopped');
    const child = spawn(process.execPath, [PCE, 'screen', films, '--out', stopped, '--jobs', '1', '--format', 'json']);
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
    const ended = once(child, 'close');
    const table = join(stopped, 'findings.ndjson');
    await expect.poll(() => existsSync(table) && readFileSync(table).length, { timeout: 200_000 }).toBeGreaterThan(0);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    const exams = rowsOf(stopped).filter((row) => row.row_type === 'exam');
    expect(exams.length).toBeGreaterThan(0);
    expect(exams.length).toBeLessThan(5);
    expect(exams.map((row) => row.study_instance_uid)).toEqual(exams.map((row) => row.study_instance_uid).sort());
    expect(stdout).toContain('Stopped before the end');
  }, 300_000);
});

describe('pce inspect', () => {
  it('explains a file without naming the patient', () => {
    const { status, stdout } = pce('inspect', join(input, 'b', negative.files[0]!.name));
    expect(status).toBe(0);
    expect(stdout).toContain('Explicit VR Little Endian');
    expect(stdout).toMatch(/Slice thickness, mm\s+2\.5/);
    expect(stdout).toMatch(/Alone: Not analysable +CT, 1 image: CT slices: expected at least \d+; received 1/);
    expect(stdout).not.toContain('PHANTOM');
  });
  it('explains the plan for a folder: what is read, and what is left out and why', () => {
    const { status, stdout } = pce('inspect', join(input, 'b'), '--json');
    expect(status).toBe(0);
    const [study] = JSON.parse(stdout).inspected;
    expect(study).toMatchObject({ studyInstanceUid: negative.truth.studyInstanceUid, instances: 120 });
    expect(study.analysed).toContain(`CT series ${negative.truth.seriesInstanceUid}, 120 images`);
  });

  it.each([
    ['what is no DICOM file', 'c/notes.txt', 'expected a DICOM file'],
    ['what is not there', 'c/nothing.dcm', 'FILE: expected a file or folder that can be read'],
  ])('ends with exit code 1 for %s', (_name, file, message) => {
    const { status, stderr } = pce('inspect', join(input, file));
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe('pce', () => {
  it('says its version and that it is research software', () => {
    const { status, stdout } = pce('--version');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^pce \d+\.\d+\.\d+\nResearch software/);
  });
  it('has examples in its help', () => {
    for (const command of ['screen', 'inspect', 'simulate'])
      expect(pce(command, '--help').stdout).toContain('Examples:');
  });
});
