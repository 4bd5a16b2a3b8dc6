import type { StudyResult } from '@pce/shared/contracts/study-result';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTool } from '../../../../test-support/src/foreign-tool.js';
import { simulateCtStudy, simulateRadiographStudy } from '../../../../test-support/src/phantom.js';
import { resultFromTruth } from '../../../../test-support/src/result-from-truth.js';
import {
  brightestIn,
  DESK,
  launchBrowser,
  markBox,
  openPage,
  openSignedIn,
  PHONE,
  pixelsOf,
  seriousFindings,
  shoot,
  testUser,
} from './test-browser.js';
import { startTestWorklist, type TestWorklist } from './test-worklist.js';

const ct = simulateCtStudy({
  seed: 5,
  slices: 60,
  columns: 256,
  emboli: [
    { morphology: 'tubular', calibreMm: 4 },
    { morphology: 'branching', calibreMm: 4 },
  ],
});
const film = simulateRadiographStudy({ seed: 6, pixelMm: 0.5, emboli: [{ morphology: 'tubular', calibreMm: 4 }] });
const clear = simulateRadiographStudy({ seed: 7, pixelMm: 1 });

let worklist: TestWorklist;
let browser: Browser | null = null;
const results: Record<'ct' | 'film' | 'clear', StudyResult> = {
  ct: resultFromTruth(ct, 'medium'),
  film: resultFromTruth(film, 'high'),
  clear: resultFromTruth(clear, 'none'),
};

beforeAll(async () => {
  const executablePath = requireTool('chromium', (reason) => console.warn(`skipped: pages in a browser, as ${reason}`));
  if (executablePath) browser = await launchBrowser(executablePath);
  worklist = await startTestWorklist({
    users: [testUser('rita', 'reader', 'administrator')],
  });
  const hourAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  await worklist.receive(
    clear.files.map(({ bytes }) => bytes),
    hourAgo(5),
  );
  await worklist.analyse(results.clear);
  await worklist.receive(
    ct.files.map(({ bytes }) => bytes),
    hourAgo(1),
  );
  await worklist.analyse(results.ct);
});
afterAll(async () => {
  await browser?.close();
  await worklist?.end();
});

async function signedIn(viewport: { width: number; height: number }) {
  const opened = await openSignedIn(browser!, worklist.origin, viewport, 'rita');
  await opened.page.locator('.connection.live').waitFor();
  return opened;
}

const lines = (page: Page) => page.locator('table.studies tbody tr');

describe('the pages', () => {
  it('ask who is there, refuse a wrong password in words, and let rita in', async (context) => {
    if (!browser) return context.skip();
    const { page } = await openPage(browser, worklist.origin, DESK);
    await page.goto(`${worklist.origin}/worklist/monitoring`);
    await page.waitForURL('**/worklist/sign-in');
    expect(await page.locator('body').textContent()).toContain('Not for clinical use');
    expect(await seriousFindings(page, axe.source)).toEqual([]);
    await page.getByLabel('Name').fill('rita');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('name or password is wrong');
    await shoot(page, 'sign-in');
    await page.context().close();
    const { page: inside, troubles } = await signedIn(DESK);
    expect(await inside.locator('.who').textContent()).toContain('rita');
    expect(troubles).toEqual([]);
    await inside.getByRole('button', { name: 'Sign out' }).click();
    await inside.waitForURL('**/worklist/sign-in');
    await inside.goto(`${worklist.origin}/worklist`);
    await inside.waitForURL('**/worklist/sign-in');
    await inside.context().close();
  });

  it('list the most urgent first, and show what arrives without being asked', async (context) => {
    if (!browser) return context.skip();
    const { page, troubles } = await signedIn(DESK);
    const patients = () => lines(page).locator('.patient .detail').allTextContents();
    expect(await patients()).toMatchObject([expect.stringContaining('SIM-CT-5'), expect.stringContaining('SIM-DX-7')]);
    await worklist.receive(film.files.map(({ bytes }) => bytes));
    await expect.poll(() => lines(page).count()).toBe(3);
    expect(await page.locator('tr.in-progress').textContent()).toContain('Receiving images');
    await worklist.analyse(results.film);
    await expect.poll(() => lines(page).first().textContent()).toContain('SIM-DX-6');
    expect((await patients()).map((text) => text.split(' ')[0])).toEqual(['SIM-DX-6', 'SIM-CT-5', 'SIM-DX-7']);
    expect(await seriousFindings(page, axe.source)).toEqual([]);
    await shoot(page, 'worklist');
    await page.keyboard.press('/');
    await page.keyboard.type('sim-ct');
    expect(await lines(page).count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/worklist/studies/*');
    expect(page.url()).toContain(await worklist.keyOf(ct.truth.studyInstanceUid));
    expect(page.url()).not.toMatch(/SIM|2\.25/);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('show a CT with its marks where the cement is, in the list and in the overview', async (context) => {
    if (!browser) return context.skip();
    const { page, troubles } = await signedIn(DESK);
    await page.goto(`${worklist.origin}/worklist/studies/${await worklist.keyOf(ct.truth.studyInstanceUid)}`);
    const image = page.locator('.pane .image');
    for (const finding of findingsOf(results.ct)) {
      const card = page.locator(`article[data-finding="${finding.id}"]`);
      await card.locator('button.go').click();
      const [region] = finding.regions;
      const index = results.ct.parts[0]!.images.findIndex(
        ({ sopInstanceUid }) => sopInstanceUid === region!.image.sopInstanceUid,
      );
      await expect.poll(() => image.getAttribute('data-image')).toBe(`0/${index}`);
      await page.getByRole('button', { name: 'Cement', exact: true }).click();
      await expect.poll(() => page.locator('.corner.view').textContent()).toContain('W 1800 L 450');
      const picture = await pixelsOf(page, '.pane');
      const mark = markBox(picture);
      // A mark around everything would be in the right place always.
      expect(mark.right - mark.left).toBeLessThan(120);
      const brightest = brightestIn(picture, mark);
      // 1,350 HU and more are white in this window; soft parts and vessels are dark grey.
      expect(brightest).toBeGreaterThan(200);
    }
    await shoot(page, 'viewer');
    await expect.poll(() => page.locator('.overview figcaption').textContent()).toBe('Coronal maximum intensity');
    const overview = page.locator('.overview canvas');
    const box = (await overview.boundingBox())!;
    const [first] = findingsOf(results.ct);
    const index = results.ct.parts[0]!.images.findIndex(
      ({ sopInstanceUid }) => sopInstanceUid === first!.regions[0]!.image.sopInstanceUid,
    );
    const column = first!.regions[0]!.pointsPx[0]![0] + 6;
    // The head is at the top: the last slice is the first row.
    await overview.click({ position: { x: (column / 256) * box.width, y: ((59 - index + 0.5) / 60) * box.height } });
    await expect
      .poll(() => page.locator('article.finding.chosen').getAttribute('data-finding'))
      .toBe(String(first!.id));
    await overview.click({ position: { x: 2, y: box.height - 2 } });
    await expect.poll(() => image.getAttribute('data-image')).toBe('0/0');
    expect(await seriousFindings(page, axe.source)).toEqual([]);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('scroll, invert, zoom and measure', async (context) => {
    if (!browser) return context.skip();
    const { page, troubles } = await signedIn(DESK);
    await page.goto(`${worklist.origin}/worklist/studies/${await worklist.keyOf(ct.truth.studyInstanceUid)}`);
    const image = page.locator('.pane .image');
    // Keys mean nothing before the study is there.
    await expect.poll(() => image.getAttribute('data-image')).toMatch(/^0\/\d+$/);
    await page.keyboard.press('Home');
    await expect.poll(() => image.getAttribute('data-image')).toBe('0/0');
    const box = (await image.boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, 200);
    await expect.poll(() => image.getAttribute('data-image')).toBe('0/5');
    const middle = async () => {
      const picture = await pixelsOf(page, '.pane');
      return picture.data[4 * (Math.round(picture.height * 0.45) * picture.width + Math.round(picture.width / 2))]!;
    };
    await page.keyboard.press('3');
    await expect.poll(() => page.locator('.corner.view').textContent()).toContain('W 400 L 40');
    const before = await middle();
    await page.keyboard.press('i');
    await expect.poll(async () => Math.abs((await middle()) - (255 - before))).toBeLessThanOrEqual(2);
    await page.keyboard.press('l');
    await page.mouse.move(x - 100, y);
    await page.mouse.down();
    await page.mouse.move(x + 100, y, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => page.getByRole('button', { name: 'Clear lengths' }).count()).toBe(1);
    await shoot(page, 'length');
    await page.keyboard.press('+');
    await expect
      .poll(() => page.locator('.corner.view').textContent())
      .not.toContain(`${Math.round((box.height / 256) * 100)} %`);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('take verdicts and comments, for findings and the exam, and move what was read out of the way', async (context) => {
    if (!browser) return context.skip();
    const { page, troubles } = await signedIn(DESK);
    await page.goto(`${worklist.origin}/worklist/studies/${await worklist.keyOf(ct.truth.studyInstanceUid)}`);
    const first = page.locator('article[data-finding="1"]');
    const second = page.locator('article[data-finding="2"]');
    await first.getByRole('button', { name: 'Accept' }).click();
    await expect.poll(() => first.locator('.said').textContent()).toContain('accepted by rita');
    await second.getByRole('button', { name: 'Comment' }).click();
    await second.getByRole('textbox').fill('A surgical clip, known since 2019');
    await second.getByRole('button', { name: 'Reject' }).click();
    await expect.poll(() => second.locator('.said').textContent()).toContain('A surgical clip');
    await page.locator('article.exam').getByRole('button', { name: 'Accept' }).click();
    await expect.poll(() => page.locator('article.exam .said').textContent()).toContain('accepted by rita');
    await shoot(page, 'reviewed');
    await page.keyboard.press('Escape');
    await page.locator('.connection.live').waitFor();
    await expect.poll(() => lines(page).count()).toBe(2);
    await page.getByRole('button', { name: /^All/ }).click();
    expect(await lines(page).last().textContent()).toContain('accepted by rita');
    const [study] = await worklist.ledger.results.resultsOfStudy(ct.truth.studyInstanceUid);
    const reviews = await worklist.ledger.reviews.reviewsOfResult(study!.resultId);
    expect(
      reviews.map(({ findingId, verdict, comment, userName, algorithmVersion }) => [
        findingId,
        verdict,
        comment,
        userName,
        algorithmVersion,
      ]),
    ).toEqual([
      [1, 'accepted', '', 'rita', '1.0.0'],
      [2, 'rejected', 'A surgical clip, known since 2019', 'rita', '1.0.0'],
      [null, 'accepted', '', 'rita', '1.0.0'],
    ]);
    await page.goto(`${worklist.origin}/worklist/monitoring`);
    await expect.poll(() => page.locator('.monitoring').textContent()).toContain('50 % (9 % to 91 %)');
    await shoot(page, 'monitoring');
    expect(await seriousFindings(page, axe.source)).toEqual([]);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('fit a phone', async (context) => {
    if (!browser) return context.skip();
    const { page, troubles } = await signedIn(PHONE);
    await expect.poll(() => lines(page).count()).toBeGreaterThan(0);
    const width = () => page.evaluate('document.documentElement.scrollWidth');
    expect(await width()).toBeLessThanOrEqual(PHONE.width);
    await shoot(page, 'phone-worklist');
    await page.goto(`${worklist.origin}/worklist/studies/${await worklist.keyOf(film.truth.studyInstanceUid)}`);
    await expect.poll(() => page.locator('.pane .image').getAttribute('data-image')).toBe('0/0');
    await page.locator('article[data-finding="1"] button.go').tap();
    expect(await width()).toBeLessThanOrEqual(PHONE.width);
    await shoot(page, 'phone-viewer');
    await page.goto(`${worklist.origin}/worklist/monitoring`);
    await page.locator('.card').first().waitFor();
    expect(await width()).toBeLessThanOrEqual(PHONE.width);
    expect(await seriousFindings(page, axe.source)).toEqual([]);
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});

function findingsOf({ outcome }: StudyResult) {
  return outcome.kind === 'analysed' ? outcome.findings : [];
}
