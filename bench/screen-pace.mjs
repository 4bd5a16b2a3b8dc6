// Files per second and studies per minute of `pce screen` over an archive of films and CTs, on one core and on all, in
// turn: how much a second core gives. Makes its own data. On one core the process is held there by taskset.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulateCtStudy, simulateRadiographStudy } from '@pce/test-support/phantom';

const ROUNDS = Number(process.env.PCE_BENCH_ROUNDS ?? 2);
const PAIRS = Number(process.argv[2] ?? 12);
const CT = { columns: 256, slices: 120, emboli: 2 };
const PCE = join(import.meta.dirname, '../cli/bin/pce.js');

/** One CT and one film each; gives how many files there are. */
function writeStudies(folder) {
  let files = 0;
  for (let n = 0; n < PAIRS; n++) {
    for (const [kind, study] of [
      ['ct', simulateCtStudy({ seed: n, uidSalt: `pace ${n}`, ...CT })],
      ['film', simulateRadiographStudy({ seed: n, uidSalt: `pace ${n}`, emboli: 2 })],
    ]) {
      const own = join(folder, `${kind}-${n}`);
      mkdirSync(own, { recursive: true });
      for (const { name, bytes } of study.files) writeFileSync(join(own, name), bytes);
      files += study.files.length;
    }
  }
  return files;
}

function screenSeconds(folder, out, cores) {
  const args = [PCE, 'screen', folder, '--out', out, ...(cores === 1 ? ['--jobs', '1'] : [])];
  const start = performance.now();
  const { status, stderr } =
    cores === 1
      ? spawnSync('taskset', ['-c', '0', process.execPath, ...args], { encoding: 'utf8' })
      : spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`exit code: expected 0; received ${status}\n${stderr}`);
  return (performance.now() - start) / 1000;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const root = mkdtempSync(join(tmpdir(), 'pce-bench-'));
try {
  const input = join(root, 'input');
  const files = writeStudies(input);
  const seconds = { one: [], all: [] };
  for (let round = 0; round < ROUNDS; round++) {
    seconds.one.push(screenSeconds(input, join(root, `one-${round}`), 1));
    seconds.all.push(screenSeconds(input, join(root, `all-${round}`), 0));
  }
  const load = loadavg()[0].toFixed(1);
  console.log(
    `${2 * PAIRS} studies (${CT.slices} slices of ${CT.columns} x ${CT.columns}, and films) in ${files} files, ${ROUNDS} rounds in turn, load ${load}`,
  );
  for (const [name, cores] of [
    ['one', 1],
    ['all', availableParallelism()],
  ]) {
    const took = median(seconds[name]);
    console.log(
      `  ${cores} core${cores > 1 ? 's' : ' '}: ${took.toFixed(1)} s, ${(files / took).toFixed(0)} files/s, ${((2 * PAIRS * 60) / took).toFixed(1)} studies/min`,
    );
  }
  const ratio = median(seconds.one) / median(seconds.all);
  console.log(`  ratio: ${availableParallelism()} cores are ${ratio.toFixed(2)} times as fast as one`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
