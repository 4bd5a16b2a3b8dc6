// The list of a screening run of 10,000 studies, opened in Chromium: from opening the file until rows are drawn and a
// search has been answered. Beside it, in the same browser, the same rows in one plain table, all drawn at once. Makes
// its own data. Needs Debian's chromium.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { encodePng } from '../cli/dist/output/encode-picture.js';
import { fixtureAnalysed, fixtureFinding, fixtureRecord } from '../cli/dist/report/record.fixture.js';
import { reportList } from '../cli/dist/report/report-list.js';
import { digestOf, TotalsCounter } from '../cli/dist/screen/run-totals.js';

const STUDIES = Number(process.argv[2] ?? 10_000);
const RUNS = 5;
const PICTURE = { columns: 96, rows: 72 };
const WANTED = `1.2.3.${STUDIES - 1}`;

function recordOf(n) {
  const outcome = fixtureAnalysed(n % 7 === 0 ? [fixtureFinding()] : []);
  const pictures = [{ findingId: null, label: 'overview', fileName: 'overview.png', ...PICTURE }];
  return fixtureRecord(outcome, { studyInstanceUid: `1.2.3.${n}`, pictures });
}

/** Writes the list as a screening run does, with a page and a picture for each study. */
async function writeOurs(folder) {
  mkdirSync(join(folder, 'report'));
  const rgb = Uint8Array.from({ length: PICTURE.columns * PICTURE.rows * 3 }, (_, n) => (n * 37) % 251);
  const png = encodePng({ ...PICTURE, rgb });
  const counter = new TotalsCounter();
  const studies = Array.from({ length: STUDIES }, (_, n) => digestOf(recordOf(n)));
  for (const digest of studies) counter.addStudy(digest);
  const page = reportList({
    totals: counter.totals({ files: STUDIES, instances: STUDIES, studies: STUDIES }),
    studies,
    load: async (uid) => ({ record: recordOf(Number(uid.split('.')[3])), pictures: [png] }),
    formats: new Set(['html']),
    productVersion: '0.0.0',
    screenedAt: new Date(0),
    wasInterrupted: false,
    write: async ({ path, content }) => writeFileSync(join(folder, path), content),
    shrink: (bytes) => bytes,
  });
  const pieces = [];
  for await (const piece of page) pieces.push(piece);
  writeFileSync(join(folder, 'report.html'), pieces.join(''));
}

function writePlain(folder) {
  const cells = (n) => [`1.2.3.${n}`, 'Present', 'Medium', '97 %', 'CT', '1 tubular', ''].map((c) => `<td>${c}</td>`);
  const row = (n) => `<tr><td><img loading="lazy" src="report/1.2.3.${n}.png"></td>${cells(n).join('')}</tr>`;
  const script = `document.querySelector('input').oninput = ({ target }) => {
    let shown = 0;
    for (const row of document.querySelectorAll('tr')) {
      row.hidden = !row.textContent.includes(target.value);
      if (!row.hidden) shown++;
    }
    document.querySelector('output').textContent = shown + ' of ${STUDIES} studies';
  }`;
  const rows = Array.from({ length: STUDIES }, (_, n) => row(n)).join('\n');
  writeFileSync(
    join(folder, 'plain.html'),
    `<!doctype html><meta charset="utf-8"><input><output>${STUDIES} studies</output><table>${rows}</table><script>${script}</script>`,
  );
}

/** Milliseconds until the page has drawn, and until a search has left one row, since it was opened. */
async function open(browser, file) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(120_000);
  const start = performance.now();
  await page.goto(`file://${file}`, { waitUntil: 'domcontentloaded' });
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  const drawnMs = performance.now() - start;
  await page.locator('input').first().fill(WANTED);
  await page.waitForFunction(`document.querySelector('output').textContent.startsWith('1 of')`);
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  const answeredMs = performance.now() - start;
  await page.close();
  return { drawnMs, answeredMs };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const folder = mkdtempSync(join(tmpdir(), 'pce-bench-'));
const executablePath = process.env.PCE_CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await writeOurs(folder);
  writePlain(folder);
  const times = { 'report.html': [], 'plain table': [] };
  await open(browser, join(folder, 'report.html')); // The browser's own start is nobody's.
  for (let run = 0; run < RUNS; run++) {
    times['report.html'].push(await open(browser, join(folder, 'report.html')));
    times['plain table'].push(await open(browser, join(folder, 'plain.html')));
  }
  console.log(`${STUDIES} studies, ${RUNS} times in turn, ${availableParallelism()} processors`);
  for (const [name, all] of Object.entries(times)) {
    const [drawn, answered] = ['drawnMs', 'answeredMs'].map((key) => all.map((one) => one[key]));
    console.log(
      `  ${name.padEnd(12)} drawn after ${median(drawn).toFixed(0)} ms, a search answered after ${median(answered).toFixed(0)} ms (slowest ${Math.max(...answered).toFixed(0)})`,
    );
  }
  const [ours, plain] = Object.values(times).map((all) => median(all.map(({ answeredMs }) => answeredMs)));
  console.log(`  ratio: the plain table takes ${(plain / ours).toFixed(1)} times as long`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
