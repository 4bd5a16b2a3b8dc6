// Studies per second with one detector process and with two, on PostgreSQL and Redis: how well detectors add up. What
// the machine itself can give is measured beside it: the same analyses in one and in two plain processes, without any
// service, ledger or queue. All studies are received before, and nothing but detectors, PostgreSQL and Redis runs then.
// Each process is held to one core of its own by taskset, as on a machine of its own, and analyses one study at a time.
// Needs Debian's postgresql and redis-server, and dcmtk's storescu.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Studies analysed in each measurement, and how often each is made. */
const STUDIES = Number(process.env.PCE_BENCH_STUDIES ?? 16);
const ROUNDS = Number(process.env.PCE_BENCH_ROUNDS ?? 2);
/** Results at the start that are not counted, for each process: code and networks are loaded, and compiled as they run. */
const WARM_UP = 2;
const PCE = join(import.meta.dirname, '../cli/bin/pce.js');
/** Clock ticks of /proc/PID/stat in a second. Source: proc(5), sysconf(_SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;
const PAUSE_MS = 250;

if (process.argv[2] === '--plain') await analysePlainly(process.argv[3]);
else await compare();

/** One process that analyses the studies of a list, one after the other, and prints when each was done. */
async function analysePlainly(list) {
  const { AnalysisPool } = await import('../services/detector/dist/adapters/analysis-pool.js');
  const pool = new AnalysisPool({ threads: 1, isKeptWarm: true });
  for (const instances of JSON.parse(readFileSync(list, 'utf8'))) {
    await pool.analyse(instances, { reportAbove: 0.2 });
    console.log(Date.now());
  }
  await pool.close();
}

async function compare() {
  const { openPostgresLedger } = await import('../shared/dist/adapters/postgres-ledger.js');
  const { startPostgres } = await import('../test-support/dist/postgres-server.js');
  const { startRedis } = await import('../test-support/dist/redis-server.js');
  const folder = await mkdtemp(join(tmpdir(), 'pce-bench-'));
  const redis = await startRedis();
  const postgres = await startPostgres();
  if (!postgres) process.exit(1);
  const site = { folder, redis, postgres, ledger: await openPostgresLedger(postgres.url) };
  console.log(`${STUDIES} CTs of 60 slices a measurement, ${availableParallelism()} processors, load ${load()}`);
  await receiveAll(site);
  const figures = { plain: [[], []], service: [[], []] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const processes of [1, 2]) {
      figures.plain[processes - 1].push(await measurePlain(site, processes));
      figures.service[processes - 1].push(await measureService(site, processes));
    }
  }
  report(figures);
  await site.ledger.close();
  await redis.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Sends everything there will be to analyse; the receiving service ends before anything is measured. */
async function receiveAll(site) {
  const { simulateCtStudy } = await import('../test-support/dist/phantom.js');
  await writeFile(join(site.folder, 'pce.yaml'), 'watermarkBytes: 0\nreadiness: { quietSeconds: { CT: 1 } }\n');
  const ingest = await startService(site, 'ingest');
  // Detectors that stop leave a study half done: a few more than are counted.
  const count = ROUNDS * 2 * (STUDIES + 4);
  for (let number = 0; number < count; number += 1) {
    const study = simulateCtStudy({
      seed: 1 + (number % STUDIES),
      columns: 192,
      slices: 60,
      emboli: 2,
      uidSalt: `${number}`,
    });
    const paths = study.files.map(({ name }) => join(site.folder, name));
    for (const [index, { bytes }] of study.files.entries()) await writeFile(paths[index], bytes);
    const args = ['-aec', 'PCE', '127.0.0.1', `${ingest.dicomPort}`, ...paths];
    spawnSync('storescu', args, { env: { ...process.env, TCP_NODELAY: '1' } });
  }
  await until(async () => (await site.ledger.pendingAnalyses()).length === count);
  await ingest.stop();
  site.pending = await Promise.all(
    (await site.ledger.pendingAnalyses()).map(({ studyInstanceUid }) => site.ledger.instancesOfStudy(studyInstanceUid)),
  );
}

/** A process of node on one core of its own. */
function spawnOnCore(core, args, options) {
  return spawn('taskset', ['-c', `${core}`, process.execPath, ...args], options);
}

async function startService({ folder, redis, postgres }, services, core = 0) {
  const { freePort } = await import('../test-support/dist/foreign-process.js');
  const [dicomPort, webPort] = [await freePort(), await freePort()];
  const child = spawnOnCore(core, [PCE, 'serve'], {
    cwd: folder,
    env: {
      ...process.env,
      PCE_CONFIG: join(folder, 'pce.yaml'),
      PCE_SERVICES: services,
      PCE_DIMSE_PORT: `${dicomPort}`,
      PCE_HTTP_PORT: `${webPort}`,
      PCE_DATA_DIR: join(folder, 'data'),
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const done = [];
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      for (const line of String(data).split('\n')) {
        if (line.includes('"event":"ready"')) resolve();
        if (line.includes('"event":"analysed"')) done.push(Date.now());
      }
    });
    child.on('exit', () => reject(new Error(`${services}: ended before it was ready`)));
  });
  const stop = async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  };
  return { dicomPort, done, pid: child.pid, stop };
}

/** Some plain processes at once, each with its share of the studies. */
async function measurePlain({ folder, pending }, processes) {
  const running = [];
  for (let number = 0; number < processes; number += 1) {
    const list = join(folder, `list-${number}.json`);
    const own = pending
      .slice(0, STUDIES + WARM_UP)
      .map((instances) => instances.map((one) => ({ ...one, location: join(folder, 'data/instances', one.location) })));
    await writeFile(list, JSON.stringify(own));
    const child = spawnOnCore(number, [fileURLToPath(import.meta.url), '--plain', list], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const done = [];
    child.stdout.on('data', (data) => done.push(...String(data).trim().split('\n').map(Number)));
    running.push({ done, pid: child.pid, stop: async () => child.kill() });
  }
  return measure(running, []);
}

/** Some detectors at once on what was received before. */
async function measureService(site, processes) {
  const running = [];
  for (let number = 0; number < processes; number += 1) running.push(await startService(site, 'detector', number));
  return measure(running, ['postgres', 'redis-server']);
}

/** From when each process is warm until enough is done: studies per second, and processor time for each study. */
async function measure(running, servers) {
  const total = () => running.reduce((sum, { done }) => sum + done.length, 0);
  await until(() => running.every(({ done }) => done.length >= WARM_UP));
  const pids = { processes: running.map(({ pid }) => pid), servers: servers.flatMap(pidsOf) };
  const before = { count: total(), at: Date.now(), ...secondsOf(pids) };
  await until(() => total() - before.count >= STUDIES - running.length * WARM_UP);
  const after = { count: total(), at: Date.now(), ...secondsOf(pids) };
  for (const { stop } of running) await stop();
  const studies = after.count - before.count;
  return {
    perSecond: (1000 * studies) / (after.at - before.at),
    ownSeconds: (after.processes - before.processes) / studies,
    serverSeconds: (after.servers - before.servers) / studies,
  };
}

function report({ plain, service }) {
  const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
  const of = (figures, key) => median(figures.map((one) => one[key]));
  const line = (name, figures) => {
    const [own, servers] = [of(figures, 'ownSeconds').toFixed(2), of(figures, 'serverSeconds').toFixed(3)];
    const rate = of(figures, 'perSecond').toFixed(2);
    console.log(
      `${name.padEnd(18)}${rate} studies/s; a study takes ${own} s of processors, and ${servers} s of servers`,
    );
  };
  line('1 plain process', plain[0]);
  line('2 plain processes', plain[1]);
  line('1 detector', service[0]);
  line('2 detectors', service[1]);
  const ratio = ([one, two]) => of(two, 'perSecond') / of(one, 'perSecond');
  const [machine, ours] = [ratio(plain), ratio(service)];
  console.log(`ratio of plain processes, what this machine can give: ${machine.toFixed(2)}`);
  console.log(
    `ratio of detectors: ${ours.toFixed(2)}, ${Math.round((100 * ours) / machine)} % of that (load ${load()})`,
  );
}

/** Processes of ours by name: servers started here, and what they started. */
function pidsOf(name) {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => statOf(pid)?.name === name)
    .map(Number);
}

function secondsOf({ processes, servers }) {
  const sum = (pids) => pids.reduce((seconds, pid) => seconds + (statOf(pid)?.seconds ?? 0), 0);
  return { processes: sum(processes), servers: sum(servers) };
}

/** Name and processor time of a process, all of its threads; null when it has ended. Source: proc(5). */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { name, seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
  } catch {
    return null;
  }
}

async function until(isSo) {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

function load() {
  return loadavg()[0].toFixed(1);
}
