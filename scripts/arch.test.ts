import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const scratch: string[] = [];
afterAll(() => {
  for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
});

/** Lays the given files out in an empty tree with our rules and returns the names of the rules that fire. */
function rulesFiredBy(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'pce-arch-'));
  scratch.push(folder);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.base.json'])
    symlinkSync(join(root, name), join(folder, name));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const tops = [...new Set(Object.keys(files).map((name) => name.split('/')[0] as string))];
  const run = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
      ...tops,
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  const report = JSON.parse(run.stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(report.summary.violations.map((violation) => violation.rule.name))].sort();
}

const leaf = 'export const value = 1;\n';
const importing = (path: string) => `import { value } from '${path}';\nexport const copy = value;\n`;

describe('the arrows of the architecture', () => {
  it('lets a clean tree pass', () => {
    const files = {
      'shared/src/dicom/a.ts': leaf,
      'services/detector/src/core/imaging/a.ts': leaf,
      'services/detector/src/core/anatomy/b.ts': importing('../imaging/a.js'),
      'services/detector/src/core/detect.ts': importing('./anatomy/b.js').replace('{ value }', '{ copy as value }'),
    };
    expect(rulesFiredBy(files)).toEqual([]);
  });

  const planted: [rule: string, files: Record<string, string>][] = [
    [
      'no-cycles',
      { 'shared/src/dicom/a.ts': importing('./b.js'), 'shared/src/dicom/b.ts': `${leaf}${importing('./a.js')}` },
    ],
    [
      'pure-rooms-do-no-io',
      { 'shared/src/dicom/a.ts': "import { readFileSync } from 'node:fs';\nexport const value = readFileSync;\n" },
    ],
    [
      'pure-rooms-do-no-io',
      { 'services/detector/src/core/a.ts': "import net from 'net';\nexport const value = net;\n" },
    ],
    [
      'pure-rooms-know-no-adapter',
      { 'services/detector/src/core/a.ts': importing('../adapters/b.js'), 'services/detector/src/adapters/b.ts': leaf },
    ],
    [
      'services-meet-in-shared',
      {
        'services/detector/src/core/a.ts': importing('../../../reporter/src/core/b.js'),
        'services/reporter/src/core/b.ts': leaf,
      },
    ],
    [
      'shared-knows-no-service',
      {
        'shared/src/adapters/a.ts': importing('../../../services/reporter/src/core/b.js'),
        'services/reporter/src/core/b.ts': leaf,
      },
    ],
    [
      'nobody-imports-an-entry-point',
      { 'services/ingest/src/core/a.ts': importing('../main.js'), 'services/ingest/src/main.ts': leaf },
    ],
    ['nobody-imports-the-cli', { 'test-support/src/a.ts': importing('../../cli/src/b.js'), 'cli/src/b.ts': leaf }],
    [
      'product-imports-no-test',
      { 'shared/src/dicom/a.ts': importing('./b.test.js'), 'shared/src/dicom/b.test.ts': leaf },
    ],
    [
      'services-import-no-test-support',
      {
        'services/reporter/src/core/a.ts': importing('../../../../test-support/src/b.js'),
        'test-support/src/b.ts': leaf,
      },
    ],
    [
      'detector-imaging',
      {
        'services/detector/src/core/imaging/a.ts': importing('../volume/b.js'),
        'services/detector/src/core/volume/b.ts': leaf,
      },
    ],
    [
      'detector-volume',
      {
        'services/detector/src/core/volume/a.ts': importing('../imaging/b.js'),
        'services/detector/src/core/imaging/b.ts': leaf,
      },
    ],
    [
      'detector-anatomy',
      {
        'services/detector/src/core/anatomy/a.ts': importing('../candidates/b.js'),
        'services/detector/src/core/candidates/b.ts': leaf,
      },
    ],
    [
      'detector-candidates',
      {
        'services/detector/src/core/candidates/a.ts': importing('../classify/b.js'),
        'services/detector/src/core/classify/b.ts': leaf,
      },
    ],
    [
      'detector-imaging-is-numbers-only',
      {
        'services/detector/src/core/imaging/a.ts': importing('../../../../../shared/src/dicom/b.js'),
        'shared/src/dicom/b.ts': leaf,
      },
    ],
    ['no-missing-module', { 'shared/src/dicom/a.ts': importing('./gone.js') }],
  ];
  it.each(planted)('%s fires on a planted violation', (name, files) => {
    expect(rulesFiredBy(files)).toContain(name);
  });
});
