// Whole `pce screen` of one CT study and one film, as a process: wall time and peak memory, beside a process that reads
// the same files with dcmjs and does nothing else.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { simulateCtStudy, simulateRadiographStudy } from '@pce/test-support/phantom';
import { compare } from './measure.mjs';

const PCE = fileURLToPath(new URL('../cli/bin/pce.js', import.meta.url));
const PEAK = `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS + '\\n'));`;
/** Reads headers and pixels of every file of a folder with dcmjs, and lets them go. */
const READ_ONLY = `
  import { readFileSync, readdirSync } from 'node:fs';
  import dcmjs from 'dcmjs';
  for (const name of readdirSync(process.argv[1])) {
    const bytes = readFileSync(process.argv[1] + '/' + name);
    dcmjs.data.DicomMessage.readFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }`;

const folder = mkdtempSync(join(tmpdir(), 'pce-bench-'));
const peaks = {};

function run(name, args) {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0 && status !== 2) throw new Error(`${name}: expected exit code 0; received ${status}\n${stderr}`);
  const kilobytes = Number(/peak (\d+)/.exec(stderr)?.[1] ?? 0);
  peaks[name] = Math.max(peaks[name] ?? 0, kilobytes / 1024);
}

try {
  const studies = {
    'CT, 300 slices of 512 x 512': simulateCtStudy({ seed: 1, slices: 300, emboli: 4 }),
    'film, 1,790 x 1,500': simulateRadiographStudy({ seed: 1, emboli: 4 }),
  };
  const preload = join(folder, 'peak.cjs');
  writeFileSync(preload, PEAK);
  for (const [title, { files }] of Object.entries(studies)) {
    const input = mkdtempSync(join(folder, 'study-'));
    for (const { name, bytes } of files) writeFileSync(join(input, name), bytes);
    await compare(
      `pce screen, ${title}, from files to SR, tables and report.html`,
      {
        'pce screen': () => {
          const out = mkdtempSync(join(folder, 'out-'));
          run('pce screen', ['--require', preload, PCE, 'screen', input, '--out', out]);
          if (readdirSync(out).length < 4) throw new Error('pce screen: expected its outputs; received none');
        },
        'dcmjs, reading only': () =>
          run('dcmjs, reading only', ['--require', preload, '--input-type=module', '-e', READ_ONLY, input]),
      },
      { runs: 3 },
    );
    for (const [name, megabytes] of Object.entries(peaks)) {
      console.log(`  peak memory: ${name} ${megabytes.toFixed(0)} MB`);
      delete peaks[name];
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
