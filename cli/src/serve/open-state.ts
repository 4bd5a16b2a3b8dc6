import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FsInstanceStore } from '@pce/shared/adapters/fs-instance-store';
import { openPostgresLedger } from '@pce/shared/adapters/postgres-ledger';
import type { SqlLedger } from '@pce/shared/adapters/sql-ledger';
import { openSqliteLedger } from '@pce/shared/adapters/sqlite-ledger';
import type { ServeConfig } from './serve-config.js';

/** What outlives the process. */
export interface State {
  store: FsInstanceStore;
  ledger: SqlLedger;
  close(): Promise<void>;
}

/**
 * Opens ledger and instance store: embedded, or shared with other machines. The ledger comes first: the lock of the
 * embedded one says that no other process is at work in the folder.
 *
 * @throws LedgerLockedError when another process has the folder
 */
export async function openState({ file, cluster }: ServeConfig): Promise<State> {
  await mkdir(file.dataFolder, { recursive: true });
  const ledger = cluster
    ? await openPostgresLedger(cluster.databaseUrl)
    : await openSqliteLedger(join(file.dataFolder, 'ledger.sqlite'));
  try {
    const store = await FsInstanceStore.open({
      root: join(file.dataFolder, 'instances'),
      watermarkBytes: file.watermarkBytes,
      isShared: cluster !== null,
    });
    return {
      store,
      ledger,
      close: async () => {
        await ledger.close();
        await store.close();
      },
    };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}
