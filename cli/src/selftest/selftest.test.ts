import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBeside } from '@pce/test-support/foreign-process';
import { describe, expect, it } from 'vitest';
import { commissioningPage, outcomeLine } from './commissioning-report.js';
import { isInTime, isRight, type SelftestOutcome } from './run-selftest.js';

const PCE = join(import.meta.dirname, '../../bin/pce.js');

const outcome: SelftestOutcome = {
  name: 'film <1>',
  images: 1,
  accepted: ['absent'],
  received: 'absent',
  reportUid: '1.2',
  seconds: 1.5,
  limitSeconds: 2,
  failure: null,
};

describe('pce selftest', () => {
  it('sends, waits, compares and writes the page, on a service and a receiver of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pce-selftest-test-'));
    const page = join(folder, 'page.html');
    const run = await runBeside(process.execPath, [PCE, 'selftest', '--standalone', '--slices', '100', '--out', page]);
    // 2: right, but late, as on a machine with other things to do.
    expect([0, 2]).toContain(run.status);
    expect(run.output.match(/^right: /gm)).toHaveLength(4);
    expect(readFileSync(page, 'utf8')).toContain('4 of 4 answers right');
    rmSync(folder, { recursive: true });
  });

  it('says when nobody answers, and which destinations it cannot look at', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pce-selftest-test-'));
    const config = join(folder, 'pce.yaml');
    writeFileSync(config, 'destinations: [{ name: his, hl7: { host: localhost, port: 2575 } }]');
    const run = await runBeside(process.execPath, [PCE, 'selftest', '--slices', '10'], {
      cwd: folder,
      env: { PCE_CONFIG: config },
    });
    expect(run.status).toBe(1);
    expect(run.output).toContain('destination: expected a folder or a PACS (cStore); received his (hl7)');
    rmSync(folder, { recursive: true });
  });

  it('tells right from wrong, late from in time, and escapes what it shows', () => {
    const wrong = { ...outcome, received: 'present' as const, seconds: 2.1 };
    const none = { ...outcome, received: null, seconds: null, failure: 'connect ECONNREFUSED' };
    expect([outcome, wrong, none].map(isRight)).toEqual([true, false, false]);
    expect([outcome, wrong, none].map(isInTime)).toEqual([true, false, false]);
    expect(outcomeLine(wrong)).toBe(
      'WRONG: film <1>: expected absent, reported present, last image to report 2.10 s (limit 2 s: LATE)\n',
    );
    expect(outcomeLine(none)).toBe('WRONG: film <1>: expected absent, reported connect ECONNREFUSED\n');
    const page = commissioningPage({
      at: new Date(0),
      productVersion: '1',
      algorithm: 'a',
      processors: '2',
      service: 's',
      destination: 'd',
      outcomes: [outcome, wrong],
    });
    expect(page).toContain('1 of 2 answers right, 1 in time');
    expect(page).toContain('film &lt;1&gt;');
    expect(page).toContain('Not for clinical use');
  });
});
