import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgresLedger } from '@pce/shared/adapters/postgres-ledger';
import { readPart10 } from '@pce/shared/dicom/part10';
import { requireTool } from '@pce/test-support/foreign-tool';
import { type PostgresServer, startPostgres } from '@pce/test-support/postgres-server';
import { type RedisServer, startRedis } from '@pce/test-support/redis-server';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PceProcess, reportsIn, until } from './pce-process.fixture.js';

/** Kills in a run; PCE_KILL_ROUNDS=100 for the campaign. */
const KILLS = Number(process.env.PCE_KILL_ROUNDS ?? 4);
const FILMS_PER_KILL = 3;
/** Between two kills, at most. */
const LONGEST_CALM_MS = 1500;

const YAML = `
sweepSeconds: 2
watermarkBytes: 0
analysis: { studiesAtATime: 1, maxAttempts: 1000, firstRetrySeconds: 1 }
`;

interface Shown {
  queues: { name: string; readOnlyMode: boolean }[];
}

function film(number: number): { name: string; bytes: Uint8Array } {
  const uid = (what: string) => uidFromSeed(`machines ${process.pid} ${number} ${what}`);
  const attributes = { StudyInstanceUID: uid('study'), SeriesInstanceUID: uid('series'), SOPInstanceUID: uid('film') };
  return { name: `${number}.dcm`, bytes: buildSmallFilm({ seed: `${number}`, attributes }) };
}

const studyOf = ({ bytes }: { bytes: Uint8Array }) => readPart10(bytes).dataset.string('StudyInstanceUID')!;

const postgres: PostgresServer | null = await startPostgres();

describe.skipIf(postgres === null)('the services on many machines', () => {
  let redis: RedisServer;
  let folder: string;
  let machines: Record<'ingest' | 'detector' | 'anotherDetector' | 'reporter', PceProcess>;

  beforeAll(async () => {
    requireTool('redis-server', () => {});
    requireTool('storescu', () => {});
    redis = await startRedis();
    folder = await mkdtemp(join(tmpdir(), 'pce-machines-'));
    const machine = (services: string) => {
      const env = { PCE_SERVICES: services, REDIS_URL: redis.url, DATABASE_URL: postgres!.url };
      return new PceProcess({ folder, yaml: YAML, env });
    };
    machines = {
      ingest: machine('ingest'),
      detector: machine('detector'),
      anotherDetector: machine('detector'),
      reporter: machine('reporter,worklist'),
    };
    for (const one of Object.values(machines)) await one.start();
  });
  afterAll(async () => {
    for (const one of Object.values(machines ?? {})) await one.end('SIGKILL');
    await redis?.stop();
    await postgres?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('take a film from one to the other, and show it', async () => {
    const one = film(0);
    expect(await machines.ingest.send([one])).toBe('');
    await until(async () => (await reportsIn(folder)).has(studyOf(one)));
    const rows = await (await machines.reporter.get('/worklist/api/studies')).text();
    expect(JSON.parse(rows).rows).toMatchObject([{ state: 'analysed', isReported: true }]);
    expect(await (await machines.detector.get('/readyz')).json()).toEqual({ ready: true, problems: [] });
  });

  it('show their queues to the administrator, to look at only', async () => {
    const page = await machines.reporter.get('/worklist/queues');
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('PCE queues')]);
    const { queues } = (await (await machines.reporter.get('/worklist/queues/api/queues')).json()) as Shown;
    expect(queues.map(({ name }) => name).sort()).toEqual(['analyse', 'deliver', 'report']);
    expect(queues.map(({ readOnlyMode }) => readOnlyMode)).toEqual([true, true, true]);
  });

  it('killed at random moments, with Redis emptied on the way, lose nothing and double nothing', async () => {
    const sent: string[] = [studyOf(film(0))];
    const names = Object.keys(machines) as (keyof typeof machines)[];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const films = Array.from({ length: FILMS_PER_KILL }, (_, index) => film(1 + kill * FILMS_PER_KILL + index));
      expect(await machines.ingest.send(films)).toBe('');
      sent.push(...films.map(studyOf));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_CALM_MS));
      if (kill === 1) await redis.restart();
      const victim = machines[names[kill % names.length]!];
      await victim.end('SIGKILL');
      await victim.start();
    }
    await until(async () => {
      const reports = await reportsIn(folder);
      return sent.every((study) => reports.has(study));
    });
    const reports = await reportsIn(folder);
    expect([...reports.keys()].sort()).toEqual([...sent].sort());
    expect([...reports.values()].filter((one) => one.length !== 1)).toEqual([]);
    const ledger = await openPostgresLedger(postgres!.url);
    const deliveries = await ledger.deliveries.searchDeliveries({ states: ['delivered'] }, 1000, 0);
    expect(new Set(deliveries.map(({ studyInstanceUid }) => studyInstanceUid)).size).toBe(sent.length);
    expect(deliveries).toHaveLength(sent.length);
    expect(await ledger.pendingAnalyses()).toEqual([]);
    await ledger.close();
  });
});
