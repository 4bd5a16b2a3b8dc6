// The whole of `pce screen`, from the command line to SR, tables and report: one CT study of 300 slices of 512 x 512 and
// one film, each in a process of its own, with its peak memory. Beside it, in the same run, dcmjs does the least any
// program must: read every file and touch every pixel. Makes its own data.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulateCtStudy, simulateRadiographStudy } from '@pce/test-support/phantom';

const RUNS = 3;
const SLICES = 300;
const PCE = join(import.meta.dirname, '../cli/bin/pce.js');

/** Loaded before the program: at its end it tells how much memory the process held at most, threads included. */
const TELL_USAGE = `data:text/javascript,${encodeURIComponent(
  "import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));",
)}`;

const READ_ALL = `
import dcmjs from 'dcmjs';
import { readdirSync, readFileSync } from 'node:fs';
dcmjs.log.setLevel(dcmjs.log.levels.SILENT);
const folder = process.argv[1];
let sum = 0;
for (const name of readdirSync(folder)) {
  const bytes = readFileSync(folder + '/' + name);
  const { dict } = dcmjs.data.DicomMessage.readFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  for (const value of new Uint16Array(dict['7FE00010'].Value[0])) sum += value;
}
if (sum === 0) throw new Error('no pixels');
`;

/** Runs node to its end. Gives wall time in seconds and peak memory in MB. */
async function measure(args) {
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', TELL_USAGE, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    cwd: join(import.meta.dirname, '..'),
  });
  let usage = '';
  let errors = '';
  child.stdio[3].on('data', (chunk) => (usage += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`exit code: expected 0; received ${status}\n${errors}`);
  return { seconds: (performance.now() - start) / 1000, peakMb: JSON.parse(usage).maxRSS / 1024 };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function compare(title, folder, out) {
  const ways = {
    'pce screen': () => [PCE, 'screen', folder, '--out', join(out, `out-${performance.now()}`), '--jobs', '1'],
    'dcmjs, reading only': () => ['--input-type=module', '-e', READ_ALL, folder],
  };
  const results = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let run = 0; run < RUNS; run++) {
    for (const [name, args] of Object.entries(ways)) results[name].push(await measure(args()));
  }
  console.log(`${title}, ${RUNS} runs in turn, ${availableParallelism()} processors`);
  for (const [name, values] of Object.entries(results)) {
    const times = values.map(({ seconds }) => seconds);
    const spread = `${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)}`;
    const peak = Math.max(...values.map(({ peakMb }) => peakMb));
    console.log(
      `  ${name.padEnd(22)} ${median(times).toFixed(1).padStart(6)} s (${spread}), peak ${peak.toFixed(0)} MB`,
    );
  }
  const [ours, reference] = Object.values(results).map((values) => median(values.map(({ seconds }) => seconds)));
  console.log(`  ratio: pce screen takes ${(ours / reference).toFixed(2)} times as long as reading alone with dcmjs`);
}

function write(folder, { files }) {
  mkdirSync(folder, { recursive: true });
  for (const { name, bytes } of files) writeFileSync(join(folder, name), bytes);
}

const root = mkdtempSync(join(tmpdir(), 'pce-bench-'));
try {
  write(join(root, 'ct'), simulateCtStudy({ seed: 1, emboli: 4, slices: SLICES }));
  write(join(root, 'film'), simulateRadiographStudy({ seed: 1, emboli: 4 }));
  await compare(`CT, ${SLICES} slices of 512 x 512`, join(root, 'ct'), root);
  await compare('One film', join(root, 'film'), root);
} finally {
  rmSync(root, { recursive: true, force: true });
}
