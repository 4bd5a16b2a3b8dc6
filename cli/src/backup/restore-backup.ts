import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { heldFiles, type LedgerFile } from '@pce/shared/adapters/ledger-files';
import { migrateLedger } from '@pce/shared/adapters/ledger-migrations';
import type { LedgerDatabase } from '@pce/shared/adapters/ledger-schema';
import { openPostgresDatabase } from '@pce/shared/adapters/postgres-ledger';
import { openSqliteDatabase } from '@pce/shared/adapters/sqlite-ledger';
import { Check } from 'typebox/value';
import { UsageError } from '../exit-codes.js';
import type { ServeConfig } from '../serve/serve-config.js';
import { BACKUP, type Manifest, ManifestSchema } from './backup-layout.js';
import { copyInstances, copySynced, damagedFiles } from './copy-files.js';
import { restorePostgres } from './postgres-tools.js';

export interface RestoreOutcome {
  readonly manifest: Manifest;
  readonly instances: number;
  /** Locations of files that the ledger names and that are not what was received, byte for byte. */
  readonly damaged: readonly string[];
}

/**
 * Puts a backup into an empty place: data folder, and database where there is one. The ledger is brought to the schema
 * of this version, everybody is signed out, and every file is compared with the digest made when it was received.
 *
 * @throws UsageError when the place is not empty, or the backup not whole or of the other kind of ledger
 */
export async function restoreBackup({ file, cluster }: ServeConfig, folder: string): Promise<RestoreOutcome> {
  const manifest = await readManifest(folder);
  const kind = cluster ? 'postgres' : 'sqlite';
  if (manifest.ledger !== kind) throw new UsageError(folder, `a backup of a ledger on ${kind}`, manifest.ledger);
  await expectEmpty(file.dataFolder);
  for (const name of await readdir(join(folder, BACKUP.audit)).catch(() => [])) {
    await copySynced(join(folder, BACKUP.audit, name), join(file.dataFolder, BACKUP.audit, name));
  }
  const instances = join(file.dataFolder, BACKUP.instances);
  const bringFiles = async (files: readonly LedgerFile[]) => {
    await copyInstances(files, join(folder, BACKUP.instances), instances);
    return { instances: files.length, damaged: await damagedFiles(files, instances) };
  };
  if (cluster) {
    await restorePostgres(cluster.databaseUrl, join(folder, BACKUP.postgres));
    const database = openPostgresDatabase(cluster.databaseUrl);
    return { manifest, ...(await settle(database, bringFiles)) };
  }
  const path = join(file.dataFolder, BACKUP.sqlite);
  await copySynced(join(folder, BACKUP.sqlite), path);
  const { database, release } = openSqliteDatabase(path);
  try {
    return { manifest, ...(await settle(database, bringFiles)) };
  } finally {
    release();
  }
}

async function settle<Outcome>(
  database: ReturnType<typeof openPostgresDatabase>,
  bringFiles: (files: LedgerFile[]) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    await migrateLedger(database);
    // Whoever signed out since the backup must not be signed in again.
    await database.deleteFrom('sessions' satisfies keyof LedgerDatabase).execute();
    return await bringFiles(await heldFiles(database));
  } finally {
    await database.destroy();
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, BACKUP.manifest), 'utf8').catch(() => null);
  if (text === null) throw new UsageError(folder, 'a whole backup', `no ${BACKUP.manifest}`);
  const manifest: unknown = JSON.parse(text);
  if (!Check(ManifestSchema, manifest)) throw new UsageError(folder, 'a backup', `another ${BACKUP.manifest}`);
  return manifest;
}

async function expectEmpty(dataFolder: string): Promise<void> {
  await mkdir(dataFolder, { recursive: true });
  for (const name of [BACKUP.sqlite, join(BACKUP.instances, 'studies')]) {
    const isThere = await access(join(dataFolder, name)).then(
      () => true,
      () => false,
    );
    if (isThere) throw new UsageError(dataFolder, 'an empty data folder', `one with ${name}`);
  }
}
