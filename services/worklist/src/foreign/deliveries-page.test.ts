import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requireTool } from '../../../../test-support/src/foreign-tool.js';
import { smallCtStudy } from '../../../../test-support/src/small-ct-study.js';
import { DESK, launchBrowser, openSignedIn, shoot, testUser } from './test-browser.js';
import { recordDeliveries } from './test-deliveries.js';
import { startTestWorklist, type TestWorklist } from './test-worklist.js';

let worklist: TestWorklist;
let browser: Browser | null = null;
let resultId: string;

beforeAll(async () => {
  const executablePath = requireTool('chromium', (reason) => console.warn(`skipped: deliveries page, as ${reason}`));
  if (executablePath) browser = await launchBrowser(executablePath);
  worklist = await startTestWorklist({ users: [testUser('adam', 'administrator'), testUser('ivan', 'integrator')] });
  const study = smallCtStudy({ slices: 1, findingOn: 0 });
  await worklist.receive(study.files);
  resultId = await worklist.analyse(study.result);
  await recordDeliveries(worklist, resultId);
});
afterAll(async () => {
  await browser?.close();
  await worklist?.end();
});

const names = async (page: Page) => (await page.locator('table.plain tbody th').allTextContents()).sort();

async function openDeliveries(name: string) {
  const opened = await openSignedIn(browser!, worklist.origin, DESK, name);
  await opened.page.goto(`${worklist.origin}/worklist/deliveries`);
  await expect.poll(() => names(opened.page)).toEqual(['archive', 'pacs-2', 'ris']);
  return opened;
}

it('filters deliveries, shows their attempts, and gives them as CSV', async (context) => {
  if (!browser) return context.skip();
  const { page, troubles } = await openDeliveries('ivan');
  await page.getByLabel('State').selectOption('failed');
  await expect.poll(() => names(page)).toEqual(['ris']);
  await page.locator('button[aria-expanded]').click();
  await expect.poll(() => page.locator('tr.attempt').textContent()).toContain('received A700');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'As CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('pce-deliveries.csv');
  const rows = parse(await readFile(await file.path()), { columns: true });
  expect(rows).toMatchObject([{ destination: 'ris', state: 'failed', attempts: '1', objectCount: '1', resultId }]);
  await page.getByLabel('State').selectOption('');
  await page.getByLabel('Destination').selectOption('pacs-2');
  await expect.poll(() => names(page)).toEqual(['pacs-2']);
  await page.getByLabel('State').selectOption('failed');
  await expect.poll(() => page.locator('.empty').textContent()).toBe('No delivery to show.');
  expect(await page.getByRole('button', { name: 'Send again' }).count()).toBe(0);
  expect(page.url()).not.toContain('2.25');
  expect(troubles).toEqual([]);
  await page.context().close();
});

it('sends again for an administrator, and not for an integrator', async (context) => {
  if (!browser) return context.skip();
  const { page: looking } = await openDeliveries('ivan');
  expect(await looking.getByRole('button', { name: 'Send again' }).count()).toBe(0);
  await looking.context().close();
  const { page, troubles } = await openDeliveries('adam');
  // What waits is sent anyway.
  expect(await page.getByRole('button', { name: 'Send again' }).count()).toBe(2);
  await shoot(page, 'deliveries');
  const failed = page.locator('tr', { hasText: 'ris' });
  await failed.getByRole('button', { name: 'Send again' }).click();
  await expect.poll(() => failed.locator('.state').textContent()).toBe('waiting');
  expect(worklist.retried).toEqual(['ris']);
  const [last] = await worklist.ledger.access.auditEvents(1);
  expect(last).toMatchObject({ action: 'retry', userName: 'adam', resultId });
  expect(troubles).toEqual([]);
  await page.context().close();
});
