import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '@pce/test-support/foreign-tool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../output/encode-picture.js';
import { studyFlow } from '../screen/run-summary.js';
import { digestOf, TotalsCounter } from '../screen/run-totals.js';
import { flowFigure } from './flow-figure.js';
import { fixtureAnalysed, fixtureFinding, fixtureRecord } from './record.fixture.js';
import { reportList } from './report-list.js';

const STUDIES = 10_000;
const ATTACK = '</script><img src=x onerror=alert(1)>';
const png = encodePng({ columns: 2, rows: 1, rgb: Uint8Array.of(9, 9, 9, 200, 200, 200) });

let folder: string;
beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'pce-list-'));
  await fs.mkdir(join(folder, 'report'));
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

function recordOf(n: number) {
  const outcome =
    n % 10 === 0
      ? fixtureAnalysed([fixtureFinding()])
      : n % 10 === 1
        ? ({ kind: 'not-applicable', reason: { code: 'modality', message: ATTACK } } as const)
        : fixtureAnalysed([]);
  const pictures = [{ findingId: null, label: 'l', columns: 2, rows: 1, fileName: 'x.png' }];
  return fixtureRecord(outcome, { studyInstanceUid: `1.2.3.${n}`, pictures });
}

/** Writes the list of 10,000 studies; of the files beside it only some. */
async function writeList(): Promise<void> {
  const counter = new TotalsCounter();
  const studies = Array.from({ length: STUDIES }, (_, n) => digestOf(recordOf(n)));
  for (const digest of studies) counter.addStudy(digest);
  const page = reportList({
    totals: counter.totals({ files: null, instances: null, studies: STUDIES }),
    studies,
    load: async (uid) => ({ record: recordOf(Number(uid.split('.')[3])), pictures: [png] }),
    formats: new Set(['html']),
    productVersion: '9.9.9',
    screenedAt: new Date('2026-01-02T03:04:05Z'),
    wasInterrupted: false,
    write: async ({ path, content }) => {
      if (/\.\d{0,2}0\.(png|html)$/.test(path)) await fs.writeFile(join(folder, path), content);
    },
    shrink: (bytes) => bytes,
  });
  const pieces: string[] = [];
  for await (const piece of page) pieces.push(piece);
  await fs.writeFile(join(folder, 'report.html'), pieces.join(''));
}

describe('reportList', { timeout: 60_000 }, () => {
  it('draws what is in view, searches and filters all, and opens a study', async (test) => {
    const executablePath = requireTool('chromium', test.skip);
    await writeList();
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    try {
      const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
      const seen: string[] = [];
      page.on('console', (message) => seen.push(message.text()));
      page.on('pageerror', (error) => seen.push(error.message));
      await page.goto(`file://${join(folder, 'report.html')}`);
      const rows = page.locator('.row');
      expect(await page.locator('output').textContent()).toBe('10000 studies');
      expect(await rows.count()).toBeLessThan(40);
      expect(await rows.first().getAttribute('data-outcome')).toBe('present');
      const naturalWidth = (image: unknown) => (image as { naturalWidth: number }).naturalWidth;
      await expect.poll(() => rows.first().locator('img').evaluate(naturalWidth)).toBe(2);
      await page.evaluate('scrollTo(0, document.body.scrollHeight / 2)');
      await expect.poll(() => rows.first().getAttribute('data-outcome')).toBe('absent');
      await page.evaluate('scrollTo(0, 0)');
      await page.locator('button[data-outcome=not-applicable]').click();
      expect(await page.locator('output').textContent()).toBe('1000 of 10000 studies');
      expect(await rows.first().textContent()).toContain(ATTACK);
      await page.locator('button[data-outcome=not-applicable]').click();
      await page.locator('input').fill('1.2.3.1230');
      expect(await page.locator('output').textContent()).toBe('1 of 10000 studies');
      await page.locator('input').fill('1.2.3.90');
      await rows.filter({ hasText: /1\.2\.3\.90(?!\d)/ }).click();
      await expect.poll(() => page.locator('details.study .uid').first().textContent()).toBe('1.2.3.90');
      expect(seen.filter((text) => !text.includes('ERR_FILE_NOT_FOUND'))).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

describe('flowFigure', () => {
  it('has every study in one box, with the commonest reasons', () => {
    const counter = new TotalsCounter();
    for (let n = 0; n < 20; n++) counter.addStudy(digestOf(recordOf(n)));
    const flow = studyFlow(counter.totals({ files: 20, instances: 20, studies: 21 }));
    expect(flow).toMatchObject({ received: 21, notReached: 1, analysed: 18, present: 2, absent: 16 });
    const text = flowFigure(flow).text.replaceAll(/<[^>]+>/g, '|');
    for (const words of [
      'Studies received: 21',
      'Not of a kind that is read: 2',
      '– modality: 2',
      'Not reached: 1',
      'Analysed: 18',
      'Present: 2',
    ]) {
      expect(text).toContain(words);
    }
  });
});
