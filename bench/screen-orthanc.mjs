// Screening from a real Orthanc that is stopped and started again midway, by DICOMweb, C-GET and C-MOVE: the rows must be
// those of the files themselves. Makes its own data.
//
//   node bench/screen-orthanc.mjs [STUDIES]
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, startServer } from '@pce/test-support/foreign-process';
import { startOrthanc } from '@pce/test-support/orthanc-server';
import { buildSmallSlice, smallSlicePosition } from '@pce/test-support/small-ct';

const STUDIES = Number(process.argv[2] ?? 200);
const SLICES = 24;
const AWAY_MS = 5000;
const ORTHANC = '/usr/sbin/Orthanc';
const PCE = join(import.meta.dirname, '../cli/bin/pce.js');

const root = mkdtempSync(join(tmpdir(), 'pce-orthanc-'));
const files = join(root, 'files');
mkdirSync(files);

/** Runs pce to its end; `midway` is called once when half of the studies have records. */
async function screen(name, args, midway = null) {
  const out = join(root, name);
  const child = spawn(process.execPath, [PCE, 'screen', ...args, '--out', out, '--format', 'csv,json']);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const start = performance.now();
  const ended = new Promise((resolve) => child.on('close', resolve));
  let isOver = false;
  child.on('close', () => {
    isOver = true;
  });
  let mostFetched = 0;
  let pending = midway;
  while (!isOver) {
    await Promise.race([ended, sleep(200)]);
    const work = join(out, '.pce');
    try {
      mostFetched = Math.max(mostFetched, readdirSync(work).filter((entry) => entry.startsWith('pulled-')).length);
      if (pending && readdirSync(join(work, 'studies')).length * 2 > STUDIES) {
        const run = pending;
        pending = null;
        await run();
      }
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  const status = await ended;
  if (status !== 0 && status !== 2) throw new Error(`${name}: expected exit code 0 or 2; received ${status}\n${said}`);
  const seconds = (performance.now() - start) / 1000;
  return {
    seconds,
    mostFetched,
    waited: said.includes('waiting for it'),
    wasAway: midway !== null && pending === null,
  };
}

const rows = (name) =>
  readFileSync(join(root, name, 'findings.csv'), 'utf8').replaceAll(/\b[0-9a-f]{64},Research/g, 'Research');

let server = null;
try {
  const ownPort = await freePort();
  const orthanc = await startOrthanc(ORTHANC, root, { dicomPort: ownPort });
  server = orthanc;
  for (let n = 0; n < STUDIES; n++) {
    for (let k = 0; k < SLICES; k++) {
      const attributes = { AccessionNumber: `A${n}`, PatientID: `P${n}`, StudyDate: '20250102' };
      const place = { positionLpsMm: smallSlicePosition(k * 5), sliceThicknessMm: 5 };
      const bytes = buildSmallSlice({ seed: `${k}`, study: `orthanc ${n}`, ...place, attributes });
      writeFileSync(join(files, `${n}-${k}.dcm`), bytes);
      await orthanc.call('POST', '/instances', bytes);
    }
  }
  const list = join(root, 'accessions.csv');
  writeFileSync(list, `accession_number\n${Array.from({ length: STUDIES }, (_, n) => `A${n}\n`).join('')}`);
  const restart = async () => {
    await server.stop();
    await sleep(AWAY_MS);
    server = await startServer(ORTHANC, [join(root, 'orthanc.json')], Number(new URL(orthanc.webUrl).port));
  };
  const peer = ['--aet', 'ORTHANC', '--host', '127.0.0.1', '--port', String(orthanc.dicomPort), '--list', list];
  const expected = await screen('from-files', [files]);
  console.log(`${STUDIES} studies of ${SLICES} slices; from files ${expected.seconds.toFixed(1)} s`);
  const ways = {
    DICOMweb: ['--qido', orthanc.webUrl, '--query', 'StudyDate=20250102'],
    'C-GET': peer,
    'C-MOVE': [...peer, '--own-port', String(ownPort)],
  };
  for (const [name, args] of Object.entries(ways)) {
    const run = await screen(name, args, restart);
    const isEqual = rows(name) === rows('from-files');
    if (!isEqual) process.exitCode = 1;
    console.log(
      `  ${name.padEnd(8)} ${run.seconds.toFixed(1)} s, stopped for ${AWAY_MS / 1000} s midway: ${run.wasAway ? 'yes' : 'NO'}, waited: ${run.waited ? 'yes' : 'NO'}, at most ${run.mostFetched} fetched studies on disk, rows ${isEqual ? 'equal' : 'DIFFERENT'}`,
    );
  }
} finally {
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
}
