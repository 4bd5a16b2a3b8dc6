import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '@pce/test-support/foreign-tool';
import { expect, it } from 'vitest';

/** Short form: the long one is run by hand. See docs/fault-campaign.md. */
const STUDIES = 6;
const FAULTS = 4;
const TIME_LIMIT_MS = 180_000;

it(
  'loses, doubles and forgets nothing while faults strike the service between two Orthancs, and would notice',
  (test) => {
    for (const tool of ['Orthanc', 'storescu']) requireTool(tool, test.skip);
    const out = mkdtempSync(join(tmpdir(), 'pce-campaign-'));
    const options = ['--seed', '3', '--studies', `${STUDIES}`, '--faults', `${FAULTS}`, '--planted', '--out', out];
    const { status, stdout } = spawnSync(process.execPath, ['campaign/run.mjs', 'faults', ...options], {
      encoding: 'utf8',
    });
    expect(stdout.split('\n').filter((line) => line.startsWith('FAULT'))).toEqual([]);
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    rmSync(out, { recursive: true });
    expect(report.struck).toHaveLength(FAULTS);
    expect(report.figures.acknowledged).toBeGreaterThanOrEqual(STUDIES);
    expect(report.figures.reports).toBeGreaterThanOrEqual(STUDIES);
    expect(report.planted).toHaveLength(12);
    const missed = report.planted.filter(({ isNoticed }: { isNoticed: boolean }) => !isNoticed);
    expect(missed).toEqual([]);
    expect(status).toBe(0);
  },
  TIME_LIMIT_MS,
);
