// The whole way once: simulate a CT and a film with cement in them, screen both, say what was found and where.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const studies = fileURLToPath(new URL('../demo-out/studies', import.meta.url));
const results = fileURLToPath(new URL('../demo-out/results', import.meta.url));

function pce(...args) {
  console.log(`$ pce ${args.map((arg) => arg.replace(root, './')).join(' ')}`);
  const { status, error } = spawnSync(process.execPath, [`${root}/cli/bin/pce.js`, ...args], {
    stdio: 'inherit',
    cwd: root,
  });
  if (error || status !== 0) {
    console.error(`demo: expected exit code 0; received ${error?.message ?? status}`);
    process.exit(1);
  }
}

rmSync(fileURLToPath(new URL('../demo-out', import.meta.url)), { recursive: true, force: true });
pce('simulate', '--out', studies, '--seed', '8');
pce('screen', studies, '--out', results);

const rows = readFileSync(`${results}/findings.ndjson`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
console.log('\nWhat was found:');
for (const row of rows) {
  if (row.row_type === 'exam') {
    console.log(`  ${row.modality.join('+')}: ${row.presence ?? row.outcome}, urgency ${row.suggested_urgency ?? '-'}`);
    console.log(`      SR ${results.replace(root, './')}/${row.study_instance_uid}/${row.report_sop_instance_uid}.dcm`);
  } else {
    const size = [row.length_mm && `${row.length_mm} mm long`, row.calibre_mm && `${row.calibre_mm} mm wide`];
    const place = [row.side, row.lobe ? `${row.lobe} lobe` : row.zone && `${row.zone} zone`];
    const text = [row.morphology, ...place, ...size].filter(Boolean).join(', ');
    console.log(`      ${row.assessment} (${Math.round(row.probability * 100)} %): ${text}`);
  }
}
console.log(`\nOpen ${results.replace(root, './')}/report.html in a browser.`);
