import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgresDatabase, openPostgresLedger } from '@pce/shared/adapters/postgres-ledger';
import { openSqliteDatabase } from '@pce/shared/adapters/sqlite-ledger';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { startPostgres } from '@pce/test-support/postgres-server';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PCE, PceProcess, reportsIn, until } from '../serve/pce-process.fixture.js';
import { readServeConfig } from '../serve/read-serve-config.js';
import { makeBackup } from './make-backup.js';
import { restoreBackup } from './restore-backup.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-backup-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TABLES = ['instances', 'studies', 'analyses', 'results', 'report_objects', 'deliveries', 'reviews'] as const;
type Opened = ReturnType<typeof openPostgresDatabase>;

/** All rows of the tables that matter, in an order of their own. */
async function rowsOf(database: Opened) {
  const rows: Record<string, string[]> = {};
  for (const table of TABLES) {
    const found = await database.selectFrom(table).selectAll().execute();
    rows[table] = found.map((row) => JSON.stringify(row)).sort();
  }
  return rows;
}

async function rowsIn(path: string) {
  const { database, release } = openSqliteDatabase(path);
  try {
    return await rowsOf(database);
  } finally {
    await database.destroy();
    release();
  }
}

/** A film that is a study of its own. */
function film(number: number) {
  const uid = uidFromSeed(`backup ${number}`);
  const attributes = { StudyInstanceUID: uid, SeriesInstanceUID: `${uid}.1` };
  return { name: `${number}.dcm`, bytes: buildSmallFilm({ seed: `backup ${number}`, attributes }) };
}

function filesBelow(root: string): Record<string, string> {
  const names = (readdirSync(root, { recursive: true }) as string[]).filter((name) => name.endsWith('.dcm')).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(root, name)).toString('base64')]));
}

describe('backup and restore', () => {
  const backup = () => join(folder, 'backup');
  let service: PceProcess;
  const pce = (cwd: string, ...args: string[]) => {
    const { status, stdout, stderr } = runTool(process.execPath, [PCE, ...args], {
      cwd,
      env: { PCE_CONFIG: join(folder, 'pce.yaml') },
    });
    return { status, output: `${stdout}${stderr}` };
  };
  /** Waits until so many reports are delivered, and the ledger says so. */
  const delivered = (count: number) =>
    until(async () => {
      const metrics = await (await service.get('/metrics')).text();
      return metrics.includes(`pce_deliveries{destination="outbox",state="delivered"} ${count}\n`);
    });
  const elsewhere = () => mkdtempSync(join(folder, 'restored-'));

  beforeAll(async () => {
    service = new PceProcess({ folder, yaml: 'watermarkBytes: 0\n' });
  });
  afterAll(() => service.end('SIGKILL'));

  it('copies a service at work, and finds the same ledger, images and results elsewhere', async ({ skip }) => {
    requireTool('storescu', skip);
    await service.start();
    await service.send([film(1), film(2)]);
    await delivered(2);
    expect(pce(folder, 'backup', backup())).toMatchObject({ status: 0 });
    await service.send([film(3)]);
    await delivered(3);
    expect(pce(folder, 'backup', backup())).toMatchObject({ status: 0 });
    await service.end('SIGTERM');

    const place = elsewhere();
    expect(pce(place, 'restore', backup())).toMatchObject({ status: 0 });
    expect(filesBelow(join(place, 'data/instances'))).toEqual(filesBelow(join(folder, 'data/instances')));
    const before = await rowsIn(join(folder, 'data/ledger.sqlite'));
    expect(before.results).toHaveLength(3);
    expect(await rowsIn(join(place, 'data/ledger.sqlite'))).toEqual(before);
    const verified = pce(place, 'audit', 'verify');
    expect(verified.output).toMatch(/unbroken, \d+ lines/);

    const restored = new PceProcess({ folder: place, yaml: service.settings.yaml });
    try {
      await restored.start();
      const studies = (await (await restored.get('/dicomweb/studies')).json()) as unknown[];
      expect(studies).toHaveLength(3);
      expect(await reportsIn(place)).toEqual(new Map());
    } finally {
      await restored.end('SIGKILL');
    }
  });

  it('says which files are not what was received', () => {
    const name = Object.keys(filesBelow(join(backup(), 'instances')))[0]!;
    const path = join(backup(), 'instances', name);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    const { status, output } = pce(elsewhere(), 'restore', backup());
    expect(status).toBe(2);
    expect(output).toContain(`not what was received: ${name}`);
  });

  it('puts nothing over what is there, and takes no half backup', () => {
    expect(pce(folder, 'restore', backup()).output).toMatch(/expected an empty data folder/);
    rmSync(join(backup(), 'manifest.json'));
    expect(pce(elsewhere(), 'restore', backup()).output).toMatch(/expected a whole backup/);
  });

  it('goes back to an older schema and forward again', () => {
    const steps = () => pce(folder, 'migrate').output;
    expect(pce(folder, 'migrate', '--to', '0010-delivery-variants')).toMatchObject({ status: 0 });
    expect(steps()).toMatch(/done {2}0010-delivery-variants\nopen {2}0011-work-item-search/);
    expect(pce(folder, 'migrate', '--to', 'nonsense').output).toMatch(/expected one of none, 0001-instances/);
  });
});

it('copies a ledger on PostgreSQL to another server', async ({ skip }) => {
  requireTool('pg_dump', skip);
  const [from, to] = [await startPostgres(), await startPostgres()];
  if (!from || !to) return;
  try {
    const configOf = (url: string, name: string) =>
      readServeConfig({ DATABASE_URL: url, REDIS_URL: 'redis://127.0.0.1:1', PCE_DATA_DIR: join(folder, name) }, '');
    const ledger = await openPostgresLedger(from.url);
    await ledger.recordInstance({
      studyInstanceUid: '1.2',
      seriesInstanceUid: '1.2.1',
      sopInstanceUid: '1.2.1.1',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      modality: 'CT',
      location: 'studies/1.2/series/1.2.1/instances/gone.dcm',
      byteLength: 5,
      sha256: 'digest',
      source: { door: 'dimse', sender: 'CT1' },
      receivedAt: new Date(0),
      isOwnResult: false,
      studyAttributes: { PatientName: 'Ödön^Béla' },
      seriesAttributes: {},
      instanceAttributes: {},
    });
    await ledger.close();
    const copy = join(folder, 'postgres-backup');
    const made = await makeBackup(await configOf(from.url, 'from'), copy, undefined, new Date());
    expect(made.missing).toEqual(['studies/1.2/series/1.2.1/instances/gone.dcm']);
    const restored = await restoreBackup(await configOf(to.url, 'to'), copy);
    expect(restored).toMatchObject({ instances: 1, damaged: made.missing });
    const [before, after] = [openPostgresDatabase(from.url), openPostgresDatabase(to.url)];
    const rows = await rowsOf(before);
    expect(rows.instances).toHaveLength(1);
    expect(await rowsOf(after)).toEqual(rows);
    await Promise.all([before.destroy(), after.destroy()]);
  } finally {
    await from.stop();
    await to.stop();
  }
});
