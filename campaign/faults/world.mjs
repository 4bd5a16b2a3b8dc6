import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../test-support/dist/postgres-server.js';
import { startRedis } from '../../test-support/dist/redis-server.js';
import { OrthancNode } from './orthanc.mjs';
import { ServiceProcess } from './service-process.mjs';
import { startProxy } from './tcp-proxy.mjs';

const CLOCK_LIBRARIES = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketimeMT.so.1`);
/** Small, so that filling it takes a moment. */
const DISK_MB = 384;
const DISK_MB_PER_STUDY = 0.6;

/** Two of those that share work, so that one takes over from the other. */
const MACHINES = ['ingest', 'detector', 'detector-2', 'reporter', 'reporter-2', 'worklist'];

const has = (program, args) => spawnSync(program, args, { stdio: 'ignore' }).error === undefined;

/** Everything a campaign runs: the service in one of its forms, a PACS on each side, relays between them. */
export class World {
  form;
  folder = '';
  services = [];
  source = new OrthancNode('source');
  destination = new OrthancNode('destination');
  redis = null;
  postgres = null;
  senderProxy;
  destinationProxy;
  databaseProxy = null;
  redisProxy = null;
  clockLibrary = CLOCK_LIBRARIES.find(existsSync) ?? null;
  hasDisk = false;
  hasStrace = has('strace', ['-V']);

  constructor(form) {
    this.form = form;
  }

  get dataFolder() {
    return join(this.folder, 'disk', 'data');
  }

  async start(studies) {
    this.folder = await mkdtemp(join(tmpdir(), 'pce-faults-'));
    const disk = join(this.folder, 'disk');
    await mkdir(disk);
    const size = Math.ceil(DISK_MB + studies * DISK_MB_PER_STUDY);
    this.hasDisk = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m`, 'tmpfs', disk]).status === 0;
    this.senderProxy = await startProxy(() => this.services[0].dicomPort);
    this.destinationProxy = await startProxy(() => this.destination.dicomPort);
    const pce = { AET: 'PCE', Host: '127.0.0.1', Port: this.senderProxy.port, Timeout: 20 };
    await this.source.begin(this.folder, { pce });
    await this.destination.begin(this.folder, {});
    await this.#startServices();
  }

  async #startServices() {
    const configFile = join(this.folder, 'pce.yaml');
    await writeFile(configFile, this.#yaml());
    const common = { folder: this.folder, logFolder: this.folder, configFile, clockLibrary: this.clockLibrary };
    const add = async (name, services, env) => {
      const clockFile = this.clockLibrary ? join(this.folder, `${name}.clock`) : null;
      const service = new ServiceProcess(name, { ...common, services, env, clockFile });
      this.services.push(service);
      await service.start();
    };
    if (this.form === 'standalone') return add('pce', null, {});
    this.redis = await startRedis();
    this.postgres = await startPostgres();
    if (!this.postgres) throw new Error('postgresql: expected it for the form of many machines; received none');
    const [redisUrl, postgresUrl] = [new URL(this.redis.url), new URL(this.postgres.url)];
    const [redisPort, postgresPort] = [Number(redisUrl.port), Number(postgresUrl.port)];
    this.redisProxy = await startProxy(() => redisPort);
    this.databaseProxy = await startProxy(() => postgresPort);
    redisUrl.port = `${this.redisProxy.port}`;
    postgresUrl.port = `${this.databaseProxy.port}`;
    const env = { REDIS_URL: redisUrl.href, DATABASE_URL: postgresUrl.href };
    for (const name of MACHINES) await add(name, name.replace(/-2$/, ''), env);
  }

  #yaml() {
    const retry = { firstDelaySeconds: 0.5, longestDelaySeconds: 4, maxAttempts: 1000 };
    return JSON.stringify({
      dataFolder: this.dataFolder,
      watermarkBytes: 0,
      sweepSeconds: 2,
      web: { requestsPerMinute: 1_000_000 },
      readiness: { quietSeconds: { CT: 1, DX: 0 } },
      analysis: { studiesAtATime: 1, maxAttempts: 1000, firstRetrySeconds: 1 },
      destinations: [
        {
          name: 'pacs',
          cStore: { host: '127.0.0.1', port: this.destinationProxy.port, aeTitle: 'DESTINATION' },
          objects: ['sr'],
          retry,
          breaker: { failures: 5, pauseSeconds: 2 },
        },
        { name: 'outbox', folder: { path: join(this.folder, 'disk', 'outbox') }, objects: ['sr'], retry },
      ],
    });
  }

  async stopServices() {
    for (const service of this.services) await service.stop();
  }

  async stop() {
    await this.stopServices();
    for (const one of [this.source, this.destination, this.redis, this.postgres]) await one?.stop();
    for (const one of [this.senderProxy, this.destinationProxy, this.databaseProxy, this.redisProxy]) await one?.stop();
    if (this.hasDisk) spawnSync('umount', ['-l', join(this.folder, 'disk')]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
