import { describe, expect, it } from 'vitest';
import { digestOf, TotalsCounter } from '../screen/run-totals.js';
import type { StudyRecord } from '../screen/study-record.js';
import { html, SafeHtml } from './html.js';
import { fixtureAnalysed, fixtureFinding, fixtureRecord } from './record.fixture.js';
import { type ReportPageInput, reportPage } from './report-page.js';
import { measurementsInWords, percent, placeInWords } from './wording.js';

async function pageOf(records: readonly StudyRecord[], overrides: Partial<ReportPageInput> = {}): Promise<string> {
  const counter = new TotalsCounter();
  for (const record of records) counter.addStudy(digestOf(record));
  let page = '';
  for await (const piece of reportPage({
    totals: counter.totals({ files: 10, instances: 9, studies: records.length }),
    studies: records.map(digestOf),
    load: async (uid) => ({
      record: records.find((record) => record.studyInstanceUid === uid)!,
      pictures: [Buffer.from('png')],
    }),
    formats: new Set(['sr', 'html']),
    productVersion: '9.9.9',
    screenedAt: new Date('2026-01-02T03:04:05Z'),
    wasInterrupted: false,
    ...overrides,
  })) {
    page += piece;
  }
  return page;
}

const uid = (n: number) => `1.2.3.${n}`;
const indeterminate = fixtureFinding({ assessment: 'indeterminate', probability: 0.4 });

describe('html', () => {
  it('escapes everything that is inserted, for text and for attributes', () => {
    const name = `"><script>alert('x')</script>&`;
    expect(html`<a title="${name}">${name}</a>`.text).toBe(
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</a>',
    );
    expect(html`${new SafeHtml('<b>')}${null}${3}`.text).toBe('<b>3');
  });
});

describe('reportPage', () => {
  it('orders by urgency, then what needs a look, then probability', async () => {
    const records = [
      fixtureRecord(fixtureAnalysed([]), { studyInstanceUid: uid(1) }),
      fixtureRecord({ kind: 'not-applicable', reason: { code: 'x', message: 'MR' } }, { studyInstanceUid: uid(2) }),
      fixtureRecord(fixtureAnalysed([fixtureFinding({ probability: 0.8 })], 'medium'), { studyInstanceUid: uid(3) }),
      fixtureRecord(fixtureAnalysed([fixtureFinding({ probability: 0.9 })], 'medium'), { studyInstanceUid: uid(4) }),
      fixtureRecord(fixtureAnalysed([fixtureFinding({ probability: 0.7 })], 'critical'), { studyInstanceUid: uid(5) }),
      fixtureRecord(null, { studyInstanceUid: uid(6) }),
      fixtureRecord(fixtureAnalysed([indeterminate], 'low'), { studyInstanceUid: uid(7) }),
    ];
    const page = await pageOf(records);
    const order = [...page.matchAll(/<span class="wide"><span class="uid">1\.2\.3\.(\d)</g)].map((match) =>
      Number(match[1]),
    );
    expect(order).toEqual([5, 4, 3, 7, 6, 1, 2]);
  });

  it('turns what a file contributes into text', async () => {
    const attack = '<img src=x onerror=alert(1)>';
    const finding = fixtureFinding({ reasons: [attack] });
    const page = await pageOf([
      fixtureRecord(fixtureAnalysed([finding]), {
        modalities: [attack],
        pictures: [{ findingId: 1, label: attack, columns: 4, rows: 4, fileName: 'x.png' }],
        problems: [
          {
            severity: 'broken',
            code: 'x',
            path: '/archive/DOE^JANE/1.dcm',
            studyInstanceUid: null,
            seriesInstanceUid: null,
            sopInstanceUid: null,
            what: attack,
            expected: attack,
            received: attack,
          },
        ],
      }),
    ]);
    expect(page).not.toContain('<img src=x');
    expect(page.split('&lt;img src=x onerror=alert(1)&gt;').length).toBeGreaterThan(5);
    // Paths may name patients: they stay in problems.csv.
    expect(page).not.toContain('DOE');
  });

  it('allows nothing but its own style and script, and needs nothing from elsewhere', async () => {
    const page = await pageOf([fixtureRecord(fixtureAnalysed([fixtureFinding()]))]);
    expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-/);
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
    expect(addresses.filter((address) => !address.startsWith('data:'))).toEqual([
      '1.2.826.0.1.3680043.10.1/2.25.123456789.dcm',
    ]);
    expect(page).not.toContain('style="');
  });

  it('opens the studies that need a look, not hundreds of them', async () => {
    const records = Array.from({ length: 30 }, (_, n) =>
      fixtureRecord(fixtureAnalysed(n < 20 ? [fixtureFinding()] : []), { studyInstanceUid: uid(n) }),
    );
    const page = await pageOf(records);
    expect(page.split('<details class="study').length - 1).toBe(30);
    expect(page.match(/<details[^>]* open>/g)).toHaveLength(12);
  });

  it('says what it must when nothing was found, and when the run was stopped', async () => {
    expect(await pageOf([])).toContain('No study was found in the input.');
    const negative = await pageOf([fixtureRecord(fixtureAnalysed([]))], { wasInterrupted: true });
    expect(negative).toContain('Nothing found above the reporting threshold.');
    expect(negative).toContain('The run was stopped before its end');
    expect(negative).toContain('Not for clinical use');
    expect(negative).toContain('pce 9.9.9');
  });

  it('says why there is no report to open', async () => {
    const refused = { kind: 'not-applicable', reason: { code: 'modality', message: 'MR' } } as const;
    expect(await pageOf([fixtureRecord(refused)])).toContain('not of a kind this software reads');
    expect(await pageOf([fixtureRecord(null)])).toContain('the study was not processed');
    const tablesOnly = fixtureRecord(fixtureAnalysed([]), { reportSopInstanceUid: null });
    expect(await pageOf([tablesOnly], { formats: new Set(['html']) })).toContain('--format without sr');
  });
});

describe('words', () => {
  it('name the place as a reader would', () => {
    expect(placeInWords(fixtureFinding())).toBe('right lower lobe, segmental artery or smaller');
    expect(
      placeInWords(fixtureFinding({ site: 'lung', lobe: null, arteryLevel: null, side: 'left', zone: 'upper' })),
    ).toBe('left upper zone');
    expect(placeInWords(fixtureFinding({ site: 'inferior-vena-cava', side: null }))).toBe('inferior vena cava');
  });

  it('never round a probability to what it is not', () => {
    expect([0, 0.004, 0.5, 0.994, 0.9999, 1].map(percent)).toEqual([
      '0 %',
      '< 1 %',
      '50 %',
      '> 99 %',
      '> 99 %',
      '100 %',
    ]);
  });

  it('give each measurement its unit and say when it is a lower bound', () => {
    expect(measurementsInWords(fixtureFinding().measurements)).toEqual([
      'length 12.3 mm',
      'calibre 2.2 mm',
      'volume 42 mm³',
      'peak ≥ 3071 HU',
    ]);
  });
});
