// Studies per second with one detector process and with two, on PostgreSQL and Redis: how well detectors add up.
// Each detector analyses one study at a time. Needs Debian's postgresql and redis-server, and dcmtk's storescu.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgresLedger } from '../shared/dist/adapters/postgres-ledger.js';
import { freePort } from '../test-support/dist/foreign-process.js';
import { simulateCtStudy } from '../test-support/dist/phantom.js';
import { startPostgres } from '../test-support/dist/postgres-server.js';
import { startRedis } from '../test-support/dist/redis-server.js';

const STUDIES = Number(process.env.PCE_BENCH_STUDIES ?? 24);
/** Results at the start that are not counted: detectors start one after the other. */
const WARM_UP = 4;
const PCE = join(import.meta.dirname, '../cli/bin/pce.js');
const YAML = `
sweepSeconds: 1
watermarkBytes: 0
readiness: { quietSeconds: { CT: 1 } }
analysis: { studiesAtATime: 1 }
`;

const folder = await mkdtemp(join(tmpdir(), 'pce-bench-'));
const redis = await startRedis();
const postgres = await startPostgres();
if (!postgres) process.exit(1);
await writeFile(join(folder, 'pce.yaml'), YAML);

async function start(services) {
  const [dicomPort, webPort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, [PCE, 'serve'], {
    cwd: folder,
    env: {
      ...process.env,
      PCE_CONFIG: join(folder, 'pce.yaml'),
      PCE_SERVICES: services,
      PCE_DIMSE_PORT: `${dicomPort}`,
      PCE_HTTP_PORT: `${webPort}`,
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => String(data).includes('"event":"ready"') && resolve());
    child.on('exit', () => reject(new Error(`${services}: ended before it was ready`)));
  });
  const stop = async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  };
  return { dicomPort, stop };
}

const ingest = await start('ingest');
const ledger = await openPostgresLedger(postgres.url);

/** Studies per second, from results that were recorded one after the other. */
async function measure(round, detectors) {
  const uids = [];
  for (let seed = 1; seed <= STUDIES; seed += 1) {
    const study = simulateCtStudy({ seed, columns: 192, slices: 60, emboli: 2, uidSalt: `${round}` });
    uids.push(study.truth.studyInstanceUid);
    const paths = [];
    for (const { name, bytes } of study.files) {
      paths.push(join(folder, name));
      await writeFile(paths.at(-1), bytes);
    }
    const args = ['-aec', 'PCE', '127.0.0.1', `${ingest.dicomPort}`, ...paths];
    spawnSync('storescu', args, { env: { ...process.env, TCP_NODELAY: '1' } });
  }
  while ((await ledger.pendingAnalyses()).length < STUDIES) await new Promise((resolve) => setTimeout(resolve, 100));
  const running = [];
  for (let count = 0; count < detectors; count += 1) running.push(await start('detector'));
  while ((await ledger.pendingAnalyses()).length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
  const times = [];
  for (const uid of uids) times.push((await ledger.results.resultsOfStudy(uid))[0].recordedAt.getTime());
  for (const detector of running) await detector.stop();
  times.sort((a, b) => a - b);
  const counted = times.slice(WARM_UP);
  return ((counted.length - 1) / (counted.at(-1) - counted[0])) * 1000;
}

console.log(`${STUDIES} CTs of 60 slices, ${availableParallelism()} processors, load ${loadavg()[0].toFixed(1)}`);
const one = await measure('one', 1);
console.log(`1 detector   ${one.toFixed(2)} studies/s`);
const two = await measure('two', 2);
console.log(`2 detectors  ${two.toFixed(2)} studies/s`);
console.log(`ratio        ${(two / one).toFixed(2)} (load ${loadavg()[0].toFixed(1)} at the end)`);
await ledger.close();
await ingest.stop();
await redis.stop();
await postgres.stop();
await rm(folder, { recursive: true, force: true });
