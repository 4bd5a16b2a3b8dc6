import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { heldFiles, type LedgerFile } from '@pce/shared/adapters/ledger-files';
import { openPostgresDatabase } from '@pce/shared/adapters/postgres-ledger';
import { copySqliteLedger, openSqliteDatabase } from '@pce/shared/adapters/sqlite-ledger';
import { productVersion } from '../product.js';
import type { ServeConfig } from '../serve/serve-config.js';
import { BACKUP, type Manifest } from './backup-layout.js';
import { type CopyOutcome, copyInstances, copySynced } from './copy-files.js';
import { dumpPostgres } from './postgres-tools.js';

export interface BackupOutcome {
  readonly manifest: Manifest;
  readonly missing: CopyOutcome['missing'];
}

/**
 * Copies ledger, instances, audit and configuration, whether or not services are at work: the ledger as it is at one
 * moment and every file it names. What it names is on disk before it does, so that nothing can be named and not there.
 *
 * @param folder made when absent; a backup that is there is brought up to date
 * @param configPath the YAML file, if there is one
 */
export async function makeBackup(
  { file, cluster }: ServeConfig,
  folder: string,
  configPath: string | undefined,
  now: Date,
): Promise<BackupOutcome> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(join(folder, BACKUP.manifest), { force: true });
  const files = cluster
    ? await copyPostgres(cluster.databaseUrl, folder)
    : await copySqlite(join(file.dataFolder, BACKUP.sqlite), folder);
  const { bytes, missing } = await copyInstances(
    files,
    join(file.dataFolder, BACKUP.instances),
    join(folder, BACKUP.instances),
  );
  await copyAudit(join(file.dataFolder, BACKUP.audit), join(folder, BACKUP.audit));
  if (configPath) await copySynced(configPath, join(folder, BACKUP.config));
  const manifest: Manifest = {
    version: productVersion(),
    madeAt: now.toISOString(),
    ledger: cluster ? 'postgres' : 'sqlite',
    instances: files.length - missing.length,
    bytes,
  };
  await writeFile(join(folder, BACKUP.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
  return { manifest, missing };
}

async function copySqlite(path: string, folder: string): Promise<LedgerFile[]> {
  const copy = join(folder, BACKUP.sqlite);
  await rm(`${copy}.new`, { force: true });
  copySqliteLedger(path, `${copy}.new`);
  await rename(`${copy}.new`, copy);
  const { database, release } = openSqliteDatabase(copy);
  try {
    return await heldFiles(database);
  } finally {
    await database.destroy();
    release();
    for (const beside of ['.lock', '-wal', '-shm']) await rm(copy + beside, { force: true });
  }
}

/** The list is read after the copy: it has what the copy has, and perhaps some more. */
async function copyPostgres(url: string, folder: string): Promise<LedgerFile[]> {
  await dumpPostgres(url, join(folder, BACKUP.postgres));
  const database = openPostgresDatabase(url);
  try {
    return await heldFiles(database);
  } finally {
    await database.destroy();
  }
}

/** Logs grow at their end only; half a last line is dropped when the log is opened. */
async function copyAudit(from: string, to: string): Promise<void> {
  const names = await readdir(from).catch(() => []);
  for (const name of names.filter((each) => each.includes('.ndjson') && !/\.(lock|spool)/.test(each))) {
    await copySynced(join(from, name), join(to, name));
  }
}
