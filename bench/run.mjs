// Runs every benchmark in this folder in turn, or those named: node bench/run.mjs dicom screen
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const NOT_BENCHMARKS = ['run.mjs', 'measure.mjs'];
const wanted = process.argv.slice(2);
const all = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.mjs') && !NOT_BENCHMARKS.includes(name))
  .map((name) => name.slice(0, -'.mjs'.length));
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`bench: expected one of ${all.join(', ')}; received ${unknown.join(', ')}`);
  process.exit(1);
}

let failed = 0;
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.mjs`)], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
process.exit(failed > 0 ? 1 : 0);
