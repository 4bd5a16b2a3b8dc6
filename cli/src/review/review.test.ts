import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '@pce/test-support/foreign-tool';
import { simulateRadiographStudy } from '@pce/test-support/phantom-film';
import { resultFromTruth } from '@pce/test-support/result-from-truth';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openPage } from '../../../services/worklist/src/foreign/test-browser.js';
import { filesBelow } from '../files-below.js';
import { RecordStore } from '../output/record-store.js';
import { EMPTY_LABEL, type Label, labelHeader, labelLine, parseLabels } from './label.js';
import { LabelFile } from './label-file.js';
import { type RunningReview, startReview } from './start-review.js';

/** What a busy machine may take to answer; nothing is measured. */
const PATIENCE = { timeout: 20_000 };

let folder: string;
beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'pce-review-test-'));
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

const label = (change: Partial<Label>): Label => ({
  ...EMPTY_LABEL,
  label_id: '1',
  reader: 'rita',
  subject: 'exam',
  label: 'accepted',
  ...change,
});

describe('labels', () => {
  it('come back as they went in, each on a line of its own', () => {
    const comment = '=1+1, "known"\nsince 2019';
    const line = labelLine(label({ comment }));
    expect(line.trimEnd()).not.toContain('\n');
    expect(parseLabels(labelHeader() + line)).toEqual([label({ comment: '=1+1, "known" since 2019' })]);
  });

  it('count the last of an id and nothing of a line cut off', () => {
    const text = labelHeader() + labelLine(label({})) + labelLine(label({ label: 'rejected' }));
    expect(parseLabels(`${text}2,rita,2024`)).toEqual([label({ label: 'rejected' })]);
    expect(() => parseLabels('a,b\n1,2\n')).toThrow('labels: expected the column label_id');
  });

  it('are on disk when kept, and go on after a crash cut the last line off', async () => {
    const first = await LabelFile.open(folder, 'crash');
    await first.keep(label({}));
    expect(parseLabels(await fs.readFile(first.path, 'utf8'))).toHaveLength(1);
    await first.close();
    await fs.appendFile(first.path, '2,rita,20');
    const again = await LabelFile.open(folder, 'crash');
    await again.keep(label({ label_id: '3', comment: 'ä' }));
    await again.close();
    expect(parseLabels(await fs.readFile(first.path, 'utf8')).map((one) => one.label_id)).toEqual(['1', '3']);
  });
});

describe('a reader study', () => {
  const film = simulateRadiographStudy({ seed: 6, pixelMm: 0.7, emboli: [{ morphology: 'tubular', calibreMm: 4 }] });
  const uid = film.truth.studyInstanceUid;
  let results: string;
  let browser: Browser | null = null;

  beforeAll(async () => {
    const executablePath = requireTool('chromium', (reason) => console.warn(`skipped: reader study, as ${reason}`));
    if (executablePath) browser = await launchBrowser(executablePath);
    results = join(folder, 'results');
    const record = {
      recordVersion: 1 as const,
      studyInstanceUid: uid,
      modalities: ['DX'],
      instanceCount: 1,
      result: resultFromTruth(film, 'high'),
      failure: null,
      reportSopInstanceUid: null,
      problems: [],
      seconds: 1,
      inputDigest: null,
    };
    await new RecordStore(join(results, '.pce', 'studies')).save(record, []);
    await fs.mkdir(join(folder, 'images'), { recursive: true });
    await fs.writeFile(join(folder, 'images', 'notes.txt'), 'no image');
    for (const { name, bytes } of film.files) await fs.writeFile(join(folder, 'images', name), bytes);
  });
  afterAll(() => browser?.close());

  const start = (reader: string): Promise<RunningReview> =>
    startReview({
      folder: results,
      images: filesBelow([join(folder, 'images')], 'IMAGES'),
      reader,
      port: 0,
      failed: (error) => {
        throw error;
      },
    });
  const labelsOf = async (reader: string) =>
    parseLabels(await fs.readFile(join(results, `labels-${reader}.csv`), 'utf8'));

  it('keeps verdicts and marks of the page, and shows them again to the same reader only', async (context) => {
    if (!browser) return context.skip();
    const review = await start('rita');
    expect(review).toMatchObject({ cases: 1, withoutImages: 0 });
    const { page, troubles } = await openPage(browser, new URL(review.url).origin, { width: 1280, height: 800 });
    await page.goto(review.url);
    await page.locator('a.study').first().click();
    const image = page.locator('.pane .image');
    await page.locator('.pane .image[data-image="0/0"]').waitFor();
    expect(await page.locator('h1').textContent()).toContain('Case 0001');
    expect(await page.locator('body').textContent()).not.toContain('SIM-');
    await page.locator('article[data-finding="1"]').getByRole('button', { name: 'Reject' }).click();
    await expect
      .poll(() => page.locator('article[data-finding="1"] .said').textContent(), PATIENCE)
      .toContain('rejected by rita');
    await page.locator('article.exam').getByRole('button', { name: 'Accept' }).click();
    await expect.poll(() => page.locator('article.exam .said').textContent(), PATIENCE).toContain('accepted by rita');
    await page.getByRole('button', { name: 'Mark', exact: true }).click();
    const box = (await image.boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await expect.poll(() => page.locator('article.mark').count(), PATIENCE).toBe(1);
    await page.getByLabel('Comment on mark M1').fill('a second one');
    await page.locator('article.mark').getByRole('button', { name: 'Save comment' }).click();
    await expect.poll(async () => (await labelsOf('rita')).at(-1)?.comment, PATIENCE).toBe('a second one');
    expect(troubles).toEqual([]);
    await page.context().close();
    await review.end();
    const kept = await labelsOf('rita');
    expect(kept.map(({ subject, label: said, finding_id, presence }) => [subject, said, finding_id, presence])).toEqual(
      [
        ['finding', 'rejected', '1', 'present'],
        ['exam', 'accepted', '', 'present'],
        ['mark', 'added', '', 'present'],
      ],
    );
    expect(kept[2]).toMatchObject({ sop_instance_uid: film.truth.sopInstanceUid, frame_number: '1' });
    expect(Number(kept[2]!.column_px)).toBeGreaterThan(0);
  });

  it('lets a mark be taken back, and keeps readers from seeing each other', async (context) => {
    if (!browser) return context.skip();
    const seen: number[] = [];
    for (const reader of ['otto', 'rita']) {
      const review = await start(reader);
      const { page } = await openPage(browser, new URL(review.url).origin, { width: 1280, height: 800 });
      await page.goto(review.url);
      await page.getByRole('button', { name: /^All/ }).click();
      await page.locator('a.study').first().click();
      await page.locator('.pane .image[data-image="0/0"]').waitFor();
      seen.push(await page.locator('.said').count(), await page.locator('article.mark').count());
      if (reader === 'rita') {
        await page.getByRole('button', { name: 'Remove', exact: true }).click();
        await expect.poll(() => page.locator('article.mark').count(), PATIENCE).toBe(0);
      }
      await page.context().close();
      await review.end();
    }
    expect(seen).toEqual([0, 0, 2, 1]);
    expect((await labelsOf('rita')).at(-1)?.label).toBe('withdrawn');
    expect(await labelsOf('otto')).toEqual([]);
  });
});
