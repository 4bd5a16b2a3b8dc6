import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTool } from '../../../../test-support/src/foreign-tool.js';
import { smallCtStudy } from '../../../../test-support/src/small-ct-study.js';
import {
  DESK,
  launchBrowser,
  openPage,
  openSignedIn,
  PHONE,
  seriousFindings,
  shoot,
  testUser,
} from './test-browser.js';
import { recordDeliveries } from './test-deliveries.js';
import { startTestWorklist, type TestWorklist } from './test-worklist.js';

const ct = smallCtStudy({ slices: 12, findingOn: 5 });
let worklist: TestWorklist;
let browser: Browser | null = null;

beforeAll(async () => {
  const executablePath = requireTool('chromium', (reason) => console.warn(`skipped: widths of pages, as ${reason}`));
  if (executablePath) browser = await launchBrowser(executablePath);
  worklist = await startTestWorklist({
    users: [testUser('alma', 'reader', 'administrator'), testUser('rita', 'reader')],
  });
  await worklist.receive(ct.files);
  await recordDeliveries(worklist, await worklist.analyse(ct.result));
  await worklist.receive(smallCtStudy({ slices: 1, findingOn: 0 }).files);
  const analysis = { studyInstanceUid: ct.result.studyInstanceUid, instanceSetDigest: 'set' };
  const asked = { reason: 'quiet' as const, priority: 0, destinations: [], requestedAt: new Date() };
  await worklist.ledger.requestAnalysis({ ...analysis, ...asked });
  await worklist.ledger.failAnalysis(analysis, 'expected an answer within 600 s; received none', null);
});
afterAll(async () => {
  await browser?.close();
  await worklist?.end();
});

interface Visit {
  name: string;
  who: string | null;
  path: () => Promise<string>;
  /** Waits until the page is as it is judged. */
  ready: (page: Page) => Promise<void>;
}

const seen = (page: Page, text: string) => page.getByText(text).first().waitFor();
const VISITS: Visit[] = [
  {
    name: 'sign-in',
    who: null,
    path: async () => '/sign-in',
    ready: (page) => page.getByLabel('Password').waitFor(),
  },
  {
    name: 'worklist',
    who: 'alma',
    path: async () => '',
    ready: (page) => page.locator('table.studies tbody tr').nth(1).waitFor(),
  },
  {
    name: 'viewer',
    who: 'alma',
    path: async () => `/studies/${await worklist.keyOf(ct.result.studyInstanceUid)}`,
    ready: async (page) => {
      await page.locator('.pane .image[data-image="0/5"]').waitFor();
      await page.getByRole('button', { name: 'Comment' }).last().click();
      await page.getByRole('textbox').waitFor();
    },
  },
  {
    name: 'monitoring',
    who: 'alma',
    path: async () => '/monitoring',
    ready: async (page) => {
      await seen(page, 'expected an answer within 600 s');
      await page.getByRole('button', { name: 'Show', exact: true }).click();
      await seen(page, 'sign in');
    },
  },
  {
    name: 'deliveries',
    who: 'alma',
    path: async () => '/deliveries',
    ready: async (page) => {
      await page.getByRole('rowheader', { name: 'pacs-2' }).waitFor();
      await page.locator('tr', { hasText: 'ris' }).locator('button[aria-expanded]').click();
      await page.locator('tr.attempt').waitFor();
    },
  },
  {
    name: 'refused',
    who: 'rita',
    path: async () => '/deliveries',
    ready: (page) => seen(page, 'Not for this account'),
  },
];

describe.each([
  ['a desk', DESK],
  ['a phone', PHONE],
])('on %s', (place, viewport) => {
  it.for(VISITS)(
    '$name has no serious fault for those who see or move differently, and fits',
    async (visit, { skip }) => {
      if (!browser) return skip();
      const { page, troubles } = visit.who
        ? await openSignedIn(browser, worklist.origin, viewport, visit.who)
        : await openPage(browser, worklist.origin, viewport);
      await page.goto(`${worklist.origin}/worklist${await visit.path()}`);
      await visit.ready(page);
      await shoot(page, `${place.replace('a ', '')}-${visit.name}`);
      expect(await seriousFindings(page, axe.source)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
      expect(troubles).toEqual([]);
      await page.context().close();
    },
  );
});
