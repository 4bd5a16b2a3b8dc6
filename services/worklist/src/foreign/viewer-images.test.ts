import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPart10 } from '@pce/shared/dicom/part10';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { displayCases } from '../../../../test-support/src/display-cases.js';
import { requireTool, runTool } from '../../../../test-support/src/foreign-tool.js';
import { smallCtStudy } from '../../../../test-support/src/small-ct-study.js';
import { brightestIn, DESK, launchBrowser, markBox, openPage, pixelsOf, shoot } from './test-browser.js';
import { startTestWorklist } from './test-worklist.js';

const SLICES = 300;
const FINDING_ON = 240;
const ct = smallCtStudy({ slices: SLICES, findingOn: FINDING_ON });
/** A screen's grey may differ by this much from the value at the middle of a pixel: neighbours are blended in. */
const BLEND_TOLERANCE = 6;
const FILM_SIDE = 64;

let browser: Browser | null = null;

beforeAll(async () => {
  const executablePath = requireTool('chromium', (reason) =>
    console.warn(`skipped: images in a browser, as ${reason}`),
  );
  if (executablePath) browser = await launchBrowser(executablePath);
});
afterAll(() => browser?.close());

const shown = (page: Page) => page.locator('.pane .image').getAttribute('data-image');

it('300 slices: what is asked for comes before what is fetched ahead, to the end of the overview', async (context) => {
  if (!browser) return context.skip();
  const worklist = await startTestWorklist();
  try {
    await worklist.receive(ct.files);
    await worklist.analyse(ct.result);
    const { page, troubles } = await openPage(browser, worklist.origin, DESK);
    const sliceOf = new Map(ct.files.map((file, slice) => [createHash('sha256').update(file).digest('hex'), slice]));
    const held: Route[] = [];
    let wanted: (slice: number) => boolean = (slice) => Math.abs(slice - FINDING_ON) < 10;
    await page.route('**/images/*/frames/1', async (route) => {
      const slice = sliceOf.get(route.request().url().split('/').at(-3) ?? '') ?? -1;
      if (wanted(slice)) await route.continue();
      else held.push(route);
    });
    await page.goto(`${worklist.origin}/worklist/studies/${await worklist.keyOf(ct.result.studyInstanceUid)}`);
    // It opens where the finding is, and fetches its neighbours until no more come.
    await expect.poll(() => shown(page)).toBe(`0/${FINDING_ON}`);
    await expect.poll(() => held.length).toBeGreaterThanOrEqual(4);
    wanted = (slice) => slice === 0 || slice === SLICES - 1;
    await page.keyboard.press('Home');
    await expect.poll(() => shown(page)).toBe('0/0');
    await page.keyboard.press('End');
    await expect.poll(() => shown(page)).toBe(`0/${SLICES - 1}`);
    expect(await page.locator('.overview figcaption').textContent()).toMatch(/, \d % loaded$/);
    wanted = () => true;
    for (const route of held.splice(0)) await route.continue();
    await expect.poll(() => page.locator('.overview figcaption').textContent(), { timeout: 60_000 }).not.toContain('%');
    await page.locator('article[data-finding="1"] button.go').click();
    await expect.poll(() => shown(page)).toBe(`0/${FINDING_ON}`);
    await page.getByRole('button', { name: 'Cement', exact: true }).click();
    await expect.poll(() => page.locator('.corner.view').textContent()).toContain('W 1800 L 450');
    const picture = await pixelsOf(page, '.pane');
    expect(brightestIn(picture, markBox(picture))).toBeGreaterThan(200);
    await shoot(page, 'viewer-300');
    for (let turn = 0; turn < SLICES; turn += 1) await page.keyboard.press('ArrowUp');
    for (let turn = 0; turn < 100; turn += 1) await page.keyboard.press('ArrowDown');
    await expect.poll(() => shown(page)).toBe('0/100');
    const overview = page.locator('.overview canvas');
    const box = (await overview.boundingBox())!;
    // The head is at the top: the last slice is the first row.
    const position = {
      x: (ct.cementPx[0] / 64) * box.width,
      y: ((SLICES - 1 - FINDING_ON + 0.5) / SLICES) * box.height,
    };
    await overview.click({ position });
    await expect.poll(() => shown(page)).toBe(`0/${FINDING_ON}`);
    expect(troubles).toEqual([]);
    await page.context().close();
  } finally {
    await worklist.end();
  }
});

it('a film with modality LUT, VOI LUT and inverse shape: on the screen as dcmtk shows it', async (context) => {
  if (!browser) return context.skip();
  requireTool('dcmj2pnm', context.skip);
  const folder = await mkdtemp(join(tmpdir(), 'pce-film-'));
  try {
    for (const { file } of displayCases().filter(({ name }) => /inverted|then VOI/.test(name))) {
      const path = join(folder, 'image.dcm');
      await writeFile(path, file);
      const { dataset } = readPart10(file);
      const { stdout } = runTool('dcmj2pnm', [
        '--write-raw-pnm',
        dataset.has('VOILUTSequence') ? '+Wl' : '+Wi',
        '1',
        path,
      ]);
      const expected = stdout.subarray(stdout.length - FILM_SIDE * FILM_SIDE);
      const worklist = await startTestWorklist();
      try {
        await worklist.receive([file]);
        const { page } = await openPage(browser, worklist.origin, DESK);
        await page.goto(
          `${worklist.origin}/worklist/studies/${await worklist.keyOf(dataset.string('StudyInstanceUID') ?? '')}`,
        );
        await expect.poll(() => shown(page)).toBe('0/0');
        const { data, width, height } = await pixelsOf(page, '.pane .image');
        const side = Math.min(width, height);
        const [left, top] = [(width - side) / 2, (height - side) / 2];
        const differences: number[] = [];
        for (let row = 8; row < FILM_SIDE - 8; row += 4) {
          for (let column = 8; column < FILM_SIDE - 8; column += 4) {
            const x = Math.round(left + ((column + 0.5) / FILM_SIDE) * side - 0.5);
            const y = Math.round(top + ((row + 0.5) / FILM_SIDE) * side - 0.5);
            differences.push(Math.abs((data[4 * (y * width + x)] ?? 0) - (expected[row * FILM_SIDE + column] ?? 0)));
          }
        }
        expect(Math.max(...differences)).toBeLessThanOrEqual(BLEND_TOLERANCE);
        await page.context().close();
      } finally {
        await worklist.end();
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
